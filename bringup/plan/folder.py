"""Which files a bring-up folder holds: everything that can be made from an `Analysis` alone, without torch."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bringup.analysis import Analysis, analysis_files
from bringup.errors import BringupError
from bringup.json_files import to_json
from bringup.mult_adds import total_mult_adds
from bringup.plan.card import parameter_count, plan_card
from bringup.plan.coverage_report import plan_coverage_report
from bringup.plan.op_tests import TestFile, TestIndex, index_tests, plan_op_tests
from bringup.plan.summary_files import module_table, ops_csv, ops_json
from bringup.python_text import plain
from bringup.render import format_python, render
from bringup.sources.loaded import NoModules


def card_files(analysis: Analysis) -> dict[str, str]:
    """MODEL_CARD.md and the folder's README."""
    card = plan_card(analysis)
    return {
        "MODEL_CARD.md": render("MODEL_CARD.md.jinja", card=card),
        "README.md": render("README.md.jinja", card=card),
    }


def tracking_issue(analysis: Analysis, module_states: Mapping[str, str]) -> str:
    """The model card as the body of a bring-up tracking issue on GitHub.

    Args:
        module_states: How the tests of each module class ended.
    """
    return render("tracking_issue.md.jinja", card=plan_card(analysis), states=module_states)


def coverage_files(analysis: Analysis) -> dict[str, str]:
    """COVERAGE.md and coverage.json."""
    report = render("COVERAGE.md.jinja", report=plan_coverage_report(analysis))
    return {"COVERAGE.md": report, "coverage.json": to_json(analysis.coverage)}


def probe_files(analysis: Analysis) -> tuple[dict[str, str], TestIndex]:
    """Tests of what the registry says ttnn rejects, with which variation each is for; for a folder of their own."""
    from bringup.ops.registry import registry

    planned = plan_op_tests(
        analysis.inventory,
        analysis.coverage,
        registry(),
        model=analysis.name,
        command=analysis.command,
        statuses=("rejected",),
    )
    if not planned:
        return {}, TestIndex(())
    return _test_texts(analysis, planned), index_tests(planned)


def op_test_files(analysis: Analysis) -> dict[str, str]:
    """tests/conftest.py, a test file per op kind, and which variation each test is for."""
    from bringup.ops.registry import registry

    planned = plan_op_tests(
        analysis.inventory,
        analysis.coverage,
        registry(),
        model=analysis.name,
        command=analysis.command,
        issues=analysis.issues,
    )
    return {**_test_texts(analysis, planned), ".bringup/tests.json": to_json(index_tests(planned))}


def _test_texts(analysis: Analysis, planned: tuple[TestFile, ...]) -> dict[str, str]:
    texts = {file.path: render("tests/ops/test_op.py.jinja", file=file) for file in planned}
    texts["tests/conftest.py"] = render("tests/conftest.py.jinja", model=plain(analysis.name))
    return format_python(texts)


def summary_files(analysis: Analysis) -> dict[str, str]:
    """summary/: the ops and modules as tables."""
    return {
        "summary/ops.csv": ops_csv(analysis),
        "summary/ops.json": ops_json(analysis),
        "summary/modules.txt": module_table(analysis),
    }


def totals(analysis: Analysis) -> str:
    """The line below torchinfo's table: what it counts wrongly, from the trace."""
    return (
        f"Parameters (tied ones once): {parameter_count(analysis.graph):,}\n"
        f"Mult-adds (from the trace):  {total_mult_adds(analysis.inventory):,}\n"
    )


def report_files(analysis: Analysis) -> dict[str, str]:
    """Every file that says how far a model is: what a check brings up to date."""
    return {
        **analysis_files(analysis),
        **card_files(analysis),
        **coverage_files(analysis),
        **summary_files(analysis),
    }


def text_files(analysis: Analysis) -> dict[str, str]:
    """Every file of the folder that an analysis alone determines, by path."""
    modules, found = module_stage(analysis)
    return {**analysis_text_files(with_modules(analysis, found)), **modules}


def with_modules(analysis: Analysis, found: NoModules) -> Analysis:
    """The analysis of a folder whose modules were made, or not: the card, the README and the checklist say so."""
    return replace(analysis, info=replace(analysis.info, no_modules=found))


def analysis_text_files(analysis: Analysis) -> dict[str, str]:
    """The same without the modules."""
    return {**report_files(analysis), **op_test_files(analysis)}


def test_files(analysis: Analysis) -> dict[str, str]:
    """tests/: per op, per module and of the whole model."""
    modules = {path: text for path, text in module_stage(analysis)[0].items() if path.startswith("tests/")}
    return {**op_test_files(analysis), **modules}


def module_stage(analysis: Analysis) -> tuple[dict[str, str], NoModules]:
    """The files of both stages of modules with their tests; none, and why, where they cannot be written."""
    from bringup.modules.folder import CannotWrite, module_files

    try:
        files = module_files(analysis)
        return files, NoModules(has_tests=any(path.startswith("tests/modules/") for path in files))
    except CannotWrite as error:
        return {}, error.found
    except Exception as error:  # the rest of the folder is worth having whatever a model makes the writer trip over
        if os.environ.get("BRINGUP_DEBUG"):
            raise
        return {}, NoModules("bug", f"our bug, please report it: {_words(error)}")


def _words(error: Exception) -> str:
    """An exception with its place in our code, or in the file that is wrong."""
    if isinstance(error, BringupError) and error.where:
        return f"{type(error).__name__}: {error.what} ({error.where})"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {said} ({Path(frame.filename).name}:{frame.lineno})"
