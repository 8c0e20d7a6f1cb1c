"""What an issue says: in the fields of tt-metal's own forms, with everything that a maintainer needs to act."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.check.results import CheckFile
from bringup.inventory import Variation
from bringup.issues.fingerprint import without_paths
from bringup.issues.gaps import GapClass
from bringup.issues.impact import Impact, impact_of
from bringup.issues.markers import model_key, search_word
from bringup.issues.script import short_script
from bringup.issues.text import title as plain_title
from bringup.issues.torch_docs import torch_name, torch_page
from bringup.lines.write import line_of
from bringup.ops.registry import registry
from bringup.plan.card import Fact, shape_text
from bringup.plan.coverage_report import value_text
from bringup.variations import short_name

MAX_ROWS = 10
_MAX_JSON = 12_000
_WIDTH = 100

ISSUE_TYPES: Mapping[str, str] = {"crash": "Runtime Crash", "wrong shape": "Bad Outputs", "wrong value": "Bad Outputs"}
"""Of a bug, in the form's words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the model calls the op."""

    calls: int
    module: str
    class_name: str
    source: str
    code: str


@dataclass(frozen=True, slots=True)
class Row:
    """An input variation: its tensors, arguments and outputs."""

    calls: int
    inputs: tuple[str, ...]
    arguments: str
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue before it is text.

    Args:
        labels: Of tt-metal; those that a repository does not have are left out when it is filed.
        observed: What happens, in a sentence.
        wanted: What would close it.
        says: ttnn's words; empty for a missing op.
        script: A script of torch and ttnn alone; empty when it would be too long.
        data: The variations as JSON; data_left_out of them are only in the folder.
    """

    gap: GapClass
    title: str
    labels: tuple[str, ...]
    form: str
    issue_type: str
    model_key: str
    search_word: str
    model: tuple[Fact, ...]
    observed: str
    wanted: str
    says: str
    torch_name: str
    torch_page: str
    places: tuple[Place, ...]
    places_left_out: int
    rows: tuple[Row, ...]
    rows_left_out: int
    impact: Impact
    script: str
    environment: tuple[Fact, ...]
    data: str
    data_left_out: int
    shows_call: bool
    is_mock: bool


def plan_draft(analysis: Analysis, gap: GapClass, check: CheckFile | None, *, script: bool = True) -> Draft:
    """The issue of a gap; a comment needs no script."""
    first = gap.variations[0]
    name = torch_name(gap.op, registry().get(gap.op), first)
    places = _places(gap)
    data, left_out = _data(gap)
    return Draft(
        gap=gap,
        title=_title(gap, name),
        labels=_labels(gap),
        form="bug_report.yml" if gap.is_bug else "feature_request.yml",
        issue_type=ISSUE_TYPES.get(gap.cause, ""),
        model_key=model_key(analysis.info),
        search_word=search_word(gap.fingerprint),
        model=_model(analysis),
        observed=_observed(gap),
        wanted=_wanted(gap, name),
        says=textwrap.fill(gap.words, _WIDTH),
        torch_name=name,
        torch_page=torch_page(name),
        places=places[:MAX_ROWS],
        places_left_out=max(0, len(places) - MAX_ROWS),
        rows=tuple(_row(variation) for variation in gap.variations[:MAX_ROWS]),
        rows_left_out=max(0, len(gap.variations) - MAX_ROWS),
        impact=impact_of(analysis, gap),
        script=short_script(analysis, gap, name) if script else "",
        environment=_environment(analysis, gap, check),
        data=data,
        data_left_out=left_out,
        shows_call="(" in gap.call,
        is_mock=check is not None and check.environment.target == "emulate",
    )


def _ttnn(gap: GapClass) -> str:
    return " and ".join(gap.ttnn)


def _title(gap: GapClass, name: str) -> str:
    op = f"{name} ({gap.op})" if name else gap.op
    if gap.cause == "missing":
        return plain_title(f"[Feature Request] Need support for {op} in TTNN")
    if gap.cause == "rejected":
        why = f"beyond its limit: {gap.limit}" if gap.limit else f"refuses: {re.split(r' [(]|, |[.] |;', gap.words)[0]}"
        return plain_title(f"[Feature Request] {_ttnn(gap)} {why}")
    what = {
        "crash": "ends the process without an exception",
        "wrong shape": "gives a tensor of the wrong shape",
        "wrong value": "gives wrong values on hardware",
    }[gap.cause]
    return plain_title(f"[ops]: {_ttnn(gap)} {what}{_on_what(gap)} ({gap.op})")


def _on_what(gap: GapClass) -> str:
    """What all variations have in common that is likely to matter."""
    is_empty = all(any(0 in operand.shape for _, operand in v.operands()) for v in gap.variations)
    return " on a tensor without elements" if is_empty else ""


def _labels(gap: GapClass) -> tuple[str, ...]:
    if gap.is_bug:
        return ("bug", "ttnn")
    kinds = ("feature", "Op Generalization", "ttnn") if gap.cause == "rejected" else ("feature", "ttnn")
    return (*kinds, "op_cat: conv2D") if short_name(gap.op).startswith("conv") else kinds


def _model(analysis: Analysis) -> tuple[Fact, ...]:
    info = analysis.info
    facts = (("Model", info.name), ("Class", info.class_name), ("Source", info.url or info.source))
    return (
        *(Fact(name, value) for name, value in facts if value),
        Fact("Traced with", without_paths(analysis.command)),
    )


def _observed(gap: GapClass) -> str:
    op = _ttnn(gap)
    verb = ("is there, but refuses" if len(gap.ttnn) == 1 else "are there, but one refuses") + " these calls"
    if gap.cause == "missing":
        return "TT-NN has no such op, neither in ttnn nor in ttnn.transformer or ttnn.experimental."
    if gap.cause == "rejected":
        return f"{op} {verb}" + ("." if gap.words else ", as far as is known: not asked yet.")
    return {
        "crash": f"{op} ends the process: there is no exception that a caller could catch.",
        "wrong shape": f"{op} takes the call and gives a tensor of another shape than torch.",
        "wrong value": f"{op} takes the call, and on hardware its values differ from torch's.",
    }[gap.cause]


def _wanted(gap: GapClass, name: str) -> str:
    if gap.cause == "missing":
        return f"An op in TT-NN that computes what {name or gap.op} does, for the input variations above."
    if gap.cause == "rejected":
        lifted = f" The limit to lift: {gap.limit}." if gap.limit else ""
        return f"The input variations above run.{lifted}"
    if gap.cause == "crash":
        return f"{_ttnn(gap)} gives torch's result for the input variations below, or an exception that says why not."
    return f"{_ttnn(gap)} gives torch's result for the input variations below."


def _places(gap: GapClass) -> tuple[Place, ...]:
    """Where the model calls it, as the user wrote it; calls from the same place are one."""
    found: dict[tuple[str, str, str, str], int] = {}
    for variation in gap.variations:
        for site in variation.sites:
            source, line = (str(site.source), site.source.code) if site.source else ("", "")
            class_name = site.class_name.rpartition(".")[2]
            key = (site.module or "(the model's forward)", class_name, source, line)
            found[key] = found.get(key, 0) + site.calls
    return tuple(Place(calls, *key) for key, calls in found.items())


def _row(variation: Variation) -> Row:
    inputs = tuple(f"{name}: {shape_text(o.shape)} {o.dtype} ({o.kind})" for name, o in variation.operands())
    names = {name.partition(".")[0] for name, _ in variation.operands()}
    arguments = tuple(
        f"{a.name}={value_text(a.value)}" for a in variation.arguments if a.name not in names and a.value is not None
    )
    outputs = tuple(f"{shape_text(o.shape)} {o.dtype}" for o in variation.outputs)
    return Row(variation.count, inputs[:6] + _more(inputs, 6), ", ".join(arguments), outputs[:4] + _more(outputs, 4))


def _more(texts: tuple[str, ...], shown: int) -> tuple[str, ...]:
    return (f"and {len(texts) - shown} more",) if len(texts) > shown else ()


def _environment(analysis: Analysis, gap: GapClass, check: CheckFile | None) -> tuple[Fact, ...]:
    coverage, torch = analysis.coverage, dict(analysis.graph.versions).get("torch", "unknown")
    facts = [Fact("ttnn", f"{coverage.ttnn} (the wheel, Linux x86-64)"), Fact("torch", torch)]
    if check is None or gap.cause == "missing":
        how = "none needed: ttnn's public ops by name" if gap.cause == "missing" else "none: ttnn was not asked"
        return (*facts, Fact("Board", how))
    ran_on = check.environment
    if ran_on.target == "hardware":
        return (*facts, Fact("Board", "hardware"))
    mock = f"mock {ran_on.board} (TT_METAL_MOCK_CLUSTER_DESC_PATH): ttnn's host code runs, kernels do not"
    return (*facts, Fact("Board", mock))


def _data(gap: GapClass) -> tuple[str, int]:
    """As many variations as fit, one a line, as `bringup coverage` reads them; no text in it can open a tag."""
    lines: list[str] = []
    size = 0
    for variation in gap.variations:
        line = json.dumps({**line_of(variation), "calls": variation.count}).replace("<", "\\u003c")
        size += len(line)
        if size > _MAX_JSON:
            break
        lines.append(line)
    return "\n".join(lines), len(gap.variations) - len(lines)
