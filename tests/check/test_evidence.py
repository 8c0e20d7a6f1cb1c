"""What results say of a variation, what is kept of them, and what makes them void. Needs neither torch nor ttnn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bringup.analysis import Analysis, analyse, read_analysis
from bringup.check import evidence
from bringup.check.cache import ResultCache
from bringup.check.evidence import apply_evidence, folded_evidence, lowering_hash, read_check, verdict_with
from bringup.check.known import known_results, module_test_texts
from bringup.check.results import CheckFile, Environment, Evidence, Result, has_findings, standing_of
from bringup.coverage import evidence_text
from bringup.ir import Graph
from bringup.json_files import from_json, to_json
from bringup.modules.test_plan import FUNCTIONAL_TEST, MODEL_TEST
from bringup.ops.registry import registry
from bringup.plan.folder import text_files
from bringup.sources.loaded import ModelInfo
from bringup.write import write_folder

N150 = Environment("emulate", "n150", "0.81.1", "2.15.0", "stand-in")
GOLDEN = Path(__file__).parent.parent / "golden/transformer"


def result(mode="exact", outcome="passed", **more) -> Result:
    return Result("tests/ops/test_a.py::test_a[x]", mode, "a-1", outcome, **more)


@pytest.mark.parametrize(
    ("results", "standing", "words"),
    [
        ([result("exact"), result("rounded")], "emulated", ""),
        ([result("rounded")], "accepted", ""),
        ([result("exact", "failed", kind="rejected", words="too large"), result("rounded")], "rejected", "too large"),
        ([result("exact", "failed", kind="wrong value", words="0.1"), result("rounded")], "accepted", "its values differ from torch's: 0.1"),
        ([result("exact", "not judged", kind="not judged", words="no golden")], "unclear", "not judged: no golden"),
        ([result("exact", "failed", kind="crash", words="died"), result("rounded")], "unclear", "crash: died"),
        ([result("exact", "failed", kind="crash", words="died"), result("rounded", "failed", kind="crash", words="died")], "rejected", "died"),
        ([result("exact", "not judged", kind="environment", words="killed"), result("rounded", "failed", kind="crash")], "unclear", "environment: killed"),
        ([result("exact", "skipped", kind="skipped", words="no board")], "unclear", "skipped: no board"),
    ],
)  # fmt: skip
def test_what_results_say(results, standing, words):
    assert standing_of(results, "emulate") == (standing, words)
    assert has_findings(tuple(results)) == any(r.outcome != "passed" for r in results)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    texts = {name: (GOLDEN / f"{name}.json").read_text() for name in ("model", "graph")}
    return analyse(from_json(ModelInfo, texts["model"], "model"), from_json(Graph, texts["graph"], "graph"))


def judged(analysis: Analysis, standing: str, environment=N150, **changes):
    variation = next(v for v in analysis.inventory.variations if v.op == "aten.linear.default")
    row = registry()[variation.op]
    entry = replace(Evidence(variation.id, lowering_hash(variation, row), standing, "words", 4096), **changes)
    check = CheckFile(environment, (entry,), ())
    coverage = apply_evidence(analysis.coverage, analysis.graph, analysis.inventory, registry(), check)
    return next(v for v in coverage.verdicts if v.variation == variation.id), coverage


def test_a_pass_becomes_evidence(analysis):
    verdict, coverage = judged(analysis, "emulated", words="")
    assert (verdict.status, verdict.evidence, verdict.l1_bytes_per_core) == ("native", "emulated", 4096)
    assert verdict.source == coverage.checked_on == "ttnn 0.81.1, emulated n150"
    assert coverage.supported_calls == analysis.coverage.supported_calls


def test_a_refusal_changes_the_verdict_and_the_moves(analysis):
    verdict, coverage = judged(analysis, "rejected")
    assert (verdict.status, verdict.evidence, verdict.reason) == ("rejected", "rejected", "ttnn: words")
    assert coverage.supported_calls < analysis.coverage.supported_calls
    assert coverage.moves.from_device > analysis.coverage.moves.from_device


def test_a_refused_call_that_gives_wrong_values_stays_refused(analysis):
    row = registry()["aten.gelu.default"]
    refused = replace(analysis.coverage.verdicts[0], status="rejected", op=row.op, reason="needs: a dtype")
    entry = Evidence("a-1", "0" * 16, "accepted", "its values differ from torch's: all of them")
    verdict = verdict_with(refused, entry, row, N150)
    assert (verdict.status, verdict.evidence) == ("rejected", refused.evidence) and "values differ" in verdict.reason
    assert verdict_with(refused, replace(entry, standing="emulated", words=""), row, N150).status == "native"


def test_what_is_unclear_stays_at_table_evidence(analysis):
    verdict, _ = judged(analysis, "unclear")
    assert (verdict.status, verdict.evidence) == ("native", "table")
    assert verdict.reason == "not settled by the check: words"


@pytest.mark.parametrize("change", [{"lowering": "0" * 16}, {"environment": replace(N150, ttnn="0.82.0")}])
def test_evidence_of_another_row_or_ttnn_is_void(analysis, change):
    verdict, coverage = judged(analysis, "rejected", **change)
    assert (verdict.status, verdict.evidence) == ("native", "table")
    assert ("check.json is of ttnn 0.82.0" in evidence_text(coverage)) == ("environment" in change)


def test_a_newer_ttnn_that_is_installed_counts_and_an_older_check_does_not(analysis, monkeypatch):
    monkeypatch.setattr(evidence, "installed_version", lambda: "0.82.0")
    verdict, coverage = judged(analysis, "emulated", words="", environment=replace(N150, ttnn="0.82.0"))
    assert verdict.evidence == "emulated" and coverage.checked_on == "ttnn 0.82.0, emulated n150"
    verdict, coverage = judged(analysis, "emulated", words="")
    assert verdict.evidence == "table" and not coverage.checked_on
    words = "check.json is of ttnn 0.81.1, and 0.82.0 is installed: run `bringup check` again"
    assert evidence_text(coverage).endswith(words)


def test_a_damaged_check_file_is_no_evidence(tmp_path):
    assert read_check(tmp_path) is None
    for text in ("", "{", '{"environment": 1}', "\xff"):
        (tmp_path / "check.json").write_text(text)
        assert read_check(tmp_path) is None
    file = CheckFile(N150, (), (result(),))
    (tmp_path / "check.json").write_text(to_json(file))
    assert read_check(tmp_path) == file


def test_results_are_kept_by_everything_that_they_depend_on(tmp_path):
    cache = ResultCache(tmp_path, N150)
    cache.keep("text", "exact", result(relative_error=1e-7, seconds=3.0))
    assert cache.find("text", "exact") == result(relative_error=1e-7)
    assert cache.find("text", "rounded") is None
    assert cache.find("other", "exact") is None
    assert ResultCache(tmp_path, replace(N150, board="p150")).find("text", "exact") is None
    assert ResultCache(tmp_path, replace(N150, ttnn="0.82.0")).find("text", "exact") is None


@pytest.mark.parametrize("kind", ["crash", "timeout", "error", "not judged", "wrong value", "mistake"])
def test_only_passes_and_refusals_are_kept(tmp_path, kind):
    cache = ResultCache(tmp_path, N150)
    cache.keep("text", "exact", result(outcome="failed", kind=kind))
    assert cache.find("text", "exact") is None
    cache.keep("text", "exact", result(outcome="failed", kind="rejected", words="no"))
    assert cache.find("text", "exact").words == "no"


def test_a_damaged_or_foreign_result_is_not_believed(tmp_path):
    cache = ResultCache(tmp_path, N150)
    cache.keep("text", "exact", result())
    (path,) = tmp_path.rglob("*.json")
    good = path.read_text()
    for bad in ("", "{}", good[:-9], json.dumps({**json.loads(good), "key": "0" * 64})):
        path.write_text(bad)
        assert cache.find("text", "exact") is None


def test_a_cache_that_cannot_be_written_keeps_nothing_and_says_nothing():
    cache = ResultCache(Path("/proc/nope"), N150)
    cache.keep("text", "exact", result())
    assert cache.find("text", "exact") is None


def test_a_stored_folder_is_read_back(tmp_path):
    with pytest.raises(Exception, match="not a bring-up folder"):
        read_analysis(tmp_path)


@pytest.mark.parametrize(("outcome", "evidence"), [("passed", "emulated"), ("failed", "table"), ("skipped", "table")])
def test_what_is_folded_is_shown_by_the_whole_models_test(analysis, outcome, evidence):
    ran = tuple(Result(MODEL_TEST, mode, "", outcome) for mode in ("exact", "rounded"))
    found = folded_evidence(analysis.coverage, analysis.inventory, registry(), ran, "emulate")
    check = CheckFile(N150, found, ran)
    coverage = apply_evidence(analysis.coverage, analysis.graph, analysis.inventory, registry(), check)
    folded = [v for v in coverage.verdicts if v.status == "folded"]
    assert folded and {v.evidence for v in folded} == {evidence}
    assert {v.evidence for v in coverage.verdicts if v.status != "folded"} == {"table"}


def test_a_module_tests_result_holds_for_all_that_it_reads(analysis, tmp_path):
    folder = tmp_path / "bert"
    write_folder(folder, {path: text.encode() for path, text in text_files(analysis).items()})
    before = module_test_texts(folder, analysis)
    assert MODEL_TEST in before and FUNCTIONAL_TEST in before and len(before) > 5
    assert module_test_texts(folder, analysis) == before
    for path in ("tt/ttnn_bert.py", "tt/parameters.py", "reference/load_model.py", "tests/conftest.py"):
        text = (folder / path).read_text()
        (folder / path).write_text(text + "\n# changed\n")
        changed = module_test_texts(folder, analysis)
        assert changed.keys() == before.keys() and not set(changed.values()) & set(before.values()), path
        (folder / path).write_text(text)
    (folder / "tests/ops/test_new.py").write_text("")
    assert module_test_texts(folder, analysis) == before


@pytest.mark.parametrize(
    "change", [{"source": "python"}, {"weights": "model.safetensors"}, {"options": (("--weights", "m.pt"),)}]
)
def test_nothing_is_known_of_a_model_whose_code_or_weights_are_elsewhere(analysis, change, tmp_path):
    folder = tmp_path / "bert"
    write_folder(folder, {path: text.encode() for path, text in text_files(analysis).items()})
    assert module_test_texts(folder, replace(analysis, info=replace(analysis.info, **change))) == {}


def test_a_known_result_is_of_this_folders_variation(tmp_path):
    cache = ResultCache(tmp_path, N150)
    cache.keep("text", "exact", result())
    known = known_results(cache, {"tests/b.py::b[y]": "text"}, ("exact",), {"tests/b.py::b[y]": "b-2"})
    assert [(r.test, r.variation) for r in known] == [("tests/b.py::b[y]", "b-2")]
