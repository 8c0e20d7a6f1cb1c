"""Lines mutated at random, with a seed: none loses its answer, none is over its time, none is a bug of ours."""

from __future__ import annotations

import pytest
from mutated import faults, judge, mutated


def test_the_control_lost_answers_and_bugs_of_ours_are_found():
    lines = mutated(3)
    answers = [{"line": number, "reason": ""} for number in (1, 2, 3)]
    assert faults(lines, answers) == []
    assert faults(lines, answers[:2]) and faults(lines, answers[::-1])
    assert faults(lines, [*answers[:2], {"line": 3, "reason": "the row of x cannot judge this variation"}])
    assert mutated(40) == mutated(40) != mutated(40, seed=14)


@pytest.mark.parametrize("number", [150, pytest.param(5000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_every_mutated_line_has_its_answer(number, tmp_path):
    lines = mutated(number)
    code, answers, said = judge(lines, tmp_path, "--table", "--timeout", "20")
    assert code == 0, said
    assert faults(lines, answers) == []
    assert {answer["status"] for answer in answers} >= {"native", "invalid"}
