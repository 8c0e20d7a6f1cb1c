"""What the model card says."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace

from bringup.analysis import Analysis
from bringup.boards import BOARDS
from bringup.coverage import evidence_text
from bringup.inventory import ModuleClass
from bringup.ir import Graph
from bringup.issues.gaps import draft_of_variations
from bringup.issues.links import IssueLink, issue_of
from bringup.modules.possible import why_none
from bringup.mult_adds import total_mult_adds
from bringup.plural import counted
from bringup.sources.loaded import NoModules
from bringup.variations import short_name
from bringup.weight_memory import TILE_BYTES, distinct_weights, weight_bytes

_MAX_MODULES = 60
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a two-column table."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class TensorRow:
    """An input or output of the model."""

    name: str
    shape: str
    dtype: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The weights against one board's DRAM."""

    board: str
    dram: str
    bfloat16: str
    bfloat8_b: str


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module class with its instances and the ops of one of them."""

    name: str
    instances: int
    structures: int
    first: str
    ops: str
    children: str


@dataclass(frozen=True, slots=True)
class PccRow:
    """The PCC that one level of the bring-up must reach."""

    level: str
    required: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the bring-up and how far it is."""

    text: str
    is_done: bool
    state: str


@dataclass(frozen=True, slots=True)
class Card:
    """The model card; what is unknown says so."""

    title: str
    command: str
    facts: tuple[Fact, ...]
    inputs: tuple[TensorRow, ...]
    outputs: tuple[TensorRow, ...]
    state: tuple[TensorRow, ...]
    size: tuple[Fact, ...]
    boards: tuple[BoardRow, ...]
    modules: tuple[ModuleRow, ...]
    modules_left_out: int
    coverage: tuple[Fact, ...]
    attempts: tuple[Fact, ...]
    is_complete: bool
    parts: tuple[str, ...]
    notes: tuple[str, ...]
    pcc: tuple[PccRow, ...]
    steps: tuple[Step, ...]
    no_modules: str
    has_module_tests: bool
    tested_op: str
    has_ops: bool


def plan_card(analysis: Analysis) -> Card:
    """The card of a model."""
    modules = analysis.inventory.modules
    return Card(
        title=analysis.name,
        command=analysis.command,
        facts=_facts(analysis),
        inputs=_tensor_rows(analysis.graph, analysis.graph.inputs),
        outputs=_output_rows(analysis.graph),
        state=_state_rows(analysis.graph),
        size=_size(analysis),
        boards=_board_rows(analysis.graph),
        modules=tuple(_module_row(module) for module in modules[:_MAX_MODULES]),
        modules_left_out=max(0, len(modules) - _MAX_MODULES),
        coverage=_coverage(analysis),
        attempts=tuple(
            Fact(a.strategy, _attempt_text(a.status, a.message, str(a.source or ""))) for a in analysis.graph.attempts
        ),
        is_complete=analysis.graph.is_complete,
        parts=analysis.graph.parts,
        notes=analysis.info.notes,
        pcc=_PCC,
        steps=_steps(analysis),
        no_modules=no_modules(analysis).reason,
        has_module_tests=analysis.info.no_modules.has_tests,
        tested_op=tested_op(analysis),
        has_ops=bool(analysis.graph.calls),
    )


def no_modules(analysis: Analysis) -> NoModules:
    """Why the folder has no modules, as they were made or could be."""
    return analysis.info.no_modules if analysis.info.no_modules.kind else why_none(analysis.graph)


def tested_op(analysis: Analysis) -> str:
    """The short name of the most called op that has something to run, so that there is a test of it; else empty."""
    calls = {variation.id: variation.count for variation in analysis.inventory.variations}
    names = Counter[str]()
    for verdict in analysis.coverage.verdicts:
        if verdict.table in ("native", "composite"):
            names[verdict.variation.rpartition("-")[0]] += calls[verdict.variation]
    return names.most_common(1)[0][0] if names else ""


def _attempt_text(status: str, message: str, place: str) -> str:
    return ": ".join(part for part in (status, message) if part) + (f" ({place})" if place else "")


def _facts(analysis: Analysis) -> tuple[Fact, ...]:
    info = analysis.info
    torch_version = dict(analysis.graph.versions).get("torch", UNKNOWN)
    return (
        Fact("Name", info.name),
        Fact("Class", info.class_name or UNKNOWN),
        Fact("Task", info.task or UNKNOWN),
        Fact("Source", info.source or UNKNOWN),
        Fact("Spec", info.spec),
        Fact("URL", info.url or UNKNOWN),
        Fact("Licence", info.licence or UNKNOWN),
        Fact("Weights", info.weights or UNKNOWN),
        Fact("Traced with", f"torch {torch_version}, level {analysis.graph.level}"),
    )


def _tensor_rows(graph: Graph, names: tuple[str, ...]) -> tuple[TensorRow, ...]:
    values = graph.value_by_name()
    return tuple(
        TensorRow(values[n].source or n, shape_text(values[n].type.shape), values[n].type.dtype) for n in names
    )


def _output_rows(graph: Graph) -> tuple[TensorRow, ...]:
    """The outputs by their paths where they have any: `.logits`, `[1][0]`."""
    rows = _tensor_rows(graph, graph.outputs)
    paths = [path for path, leaf in graph.call.result.leaves() if leaf.kind == "tensor"] if graph.call else []
    if not any(paths) or len(paths) != len(rows):
        return rows
    return tuple(replace(row, name=path) for row, path in zip(rows, paths, strict=True))


def _state_rows(graph: Graph) -> tuple[TensorRow, ...]:
    """The buffers that forward writes."""
    values = graph.value_by_name()
    types = [(write.buffer, values[write.value].type) for write in graph.state]
    return tuple(TensorRow(name, shape_text(type_.shape), type_.dtype) for name, type_ in types)


def shape_text(shape: tuple[int, ...]) -> str:
    """`1 x 3 x 224 x 224`; a tensor of rank 0 is a `scalar`."""
    return " x ".join(map(str, shape)) or "scalar"


def parameter_count(graph: Graph) -> int:
    """Number of parameters, tied ones once."""
    return sum(math.prod(weight.type.shape) for weight in distinct_weights(graph.weights, "parameter"))


def _size(analysis: Analysis) -> tuple[Fact, ...]:
    weights = analysis.graph.weights
    parameters = distinct_weights(weights, "parameter")
    tied = sum(w.kind == "parameter" for w in weights) - len(parameters)
    buffers = sum(math.prod(w.type.shape) for w in distinct_weights(weights, "buffer"))
    dtypes = ", ".join(sorted({w.type.dtype for w in parameters})) or "none"
    return (
        Fact("Parameters", f"{parameter_count(analysis.graph):,}" + (f" ({tied} tied, counted once)" if tied else "")),
        Fact("Parameter dtypes", dtypes),
        Fact("Buffer elements", f"{buffers:,}"),
        Fact(
            "Multiply-adds, one run",
            f"{total_mult_adds(analysis.inventory):,}"
            + ("" if analysis.graph.is_complete else " (of the traced parts)"),
        ),
        Fact("Op calls", f"{analysis.inventory.calls:,}"),
        Fact("Op kinds", str(len(analysis.inventory.op_kinds()))),
        Fact("Input variations", f"{len(analysis.inventory.variations):,}"),
    )


def _board_rows(graph: Graph) -> tuple[BoardRow, ...]:
    sizes = {dtype: weight_bytes(graph, dtype) for dtype in TILE_BYTES}
    rows = []
    for board in BOARDS:
        shares = {dtype: f"{bytes_text(size)}: {_share(size, board.dram_bytes)}" for dtype, size in sizes.items()}
        name = f"{board.name} ({board.note})" if board.note else board.name
        rows.append(BoardRow(name, bytes_text(board.dram_bytes), shares["bfloat16"], shares["bfloat8_b"]))
    return tuple(rows)


def _share(size: int, of: int) -> str:
    share = size / of
    return f"{share:.1%} of DRAM" if share <= 1 else f"does not fit ({share:.1f} x DRAM)"


def bytes_text(size: int) -> str:
    """`51.2 MB`, in powers of 1000."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"


def _module_row(module: ModuleClass) -> ModuleRow:
    first = module.structures[0]
    ops = ", ".join(f"{short_name(op)} x{calls}" for op, calls in first.ops[:12])
    more = f" and {len(first.ops) - 12} more" if len(first.ops) > 12 else ""
    path = first.instances[0] or "(the model)"
    return ModuleRow(
        module.name,
        len(module.instances),
        len(module.structures),
        path,
        ops + more,
        ", ".join(first.children) or "none",
    )


def _coverage(analysis: Analysis) -> tuple[Fact, ...]:
    coverage = analysis.coverage
    kinds = len(coverage.kinds)
    return (
        Fact("Op kinds fully supported", ratio_text(coverage.supported_kinds, kinds)),
        Fact("Op calls supported", ratio_text(coverage.supported_calls, coverage.calls)),
        Fact("Evidence", evidence_text(coverage)),
        Fact("Gaps", f"{len(coverage.gaps)} input variations in {len({gap.op for gap in coverage.gaps})} op kinds"),
    )


def ratio_text(part: int, whole: int) -> str:
    """`52 of 53 (98.1 %)`; never rounded up to 100 %."""
    if not whole:
        return "0 of 0"
    share = math.floor(1000 * part / whole) / 10
    return f"{part:,} of {whole:,} ({share:g} %)"


_PCC = (
    PccRow(
        "op",
        "0.999 and a relative error, exact for data movement",
        "one op in bfloat16; PCC alone is blind to scale and offset",
    ),
    PccRow("functional torch", "0.9999", "the same arithmetic in another form: only rounding may differ"),
    PccRow("module", "0.99", "a handful of bfloat16 ops in a row"),
    PccRow("decoder layer", "0.995", "its error is carried through every later layer"),
    PccRow("model", "0.98", "errors of all layers add up"),
)


def _steps(analysis: Analysis) -> tuple[Step, ...]:
    whole = analysis.graph.is_complete
    trace_state = "whole model" if whole else f"{len(analysis.graph.parts)} parts only"
    unmade = no_modules(analysis)
    why = f"not written: {unmade.reason}" if unmade.kind else ""
    none = "" if analysis.graph.calls else "the model has no ops"
    gaps = len(analysis.coverage.gaps)
    checked = analysis.coverage.checked_on
    return (
        Step("Model card", True, "this file"),
        Step("Reference model runs and is traced", whole, trace_state),
        Step("Graph and summary: every op with its arguments, list of modules and ops", True, "summary/, graph/"),
        Step("Op coverage against TT-NN", True, none or f"{gaps} gaps, evidence {'checked' if checked else 'table'}"),
        Step("Issues for what TT-NN lacks", *_issues_state(analysis)),
        Step("Unit test per op written", *_op_tests_written(analysis)),
        Step("Unit tests per op pass on an emulated board", *_op_tests_state(analysis)),
        Step("Functional torch for each module", not unmade.kind, why or "reference/"),
        Step("TT-NN modules with a test each", not unmade.kind, why or _tested(analysis)),
        Step("End-to-end PCC on hardware", False, "not run"),
        Step("Optimised: sharding, dtypes, trace, two command queues", False, "not started"),
    )


def _tested(analysis: Analysis) -> str:
    return "tt/, tests/modules/" if analysis.info.no_modules.has_tests else "tt/, tests/test_model.py"


def _op_tests_written(analysis: Analysis) -> tuple[bool, str]:
    if tested_op(analysis):
        return True, "tests/ops/"
    return not analysis.coverage.gaps, "none to write: no op has anything to run on the device"


def _issues_state(analysis: Analysis) -> tuple[bool, str]:
    """Whether every draft has an issue, and which."""
    issues: dict[str, IssueLink | None] = {}
    for variation, draft in draft_of_variations(analysis).items():
        issues[draft] = issue_of(analysis.issues, variation) or issues.get(draft)
    if not issues:
        return True, "nothing to file"
    links = tuple(dict.fromkeys(link.markdown for link in issues.values() if link))
    missing = sum(link is None for link in issues.values())
    if not links:
        return False, f"{counted(len(issues), 'draft')} in issues/, none filed"
    rest = f"; {missing} of {counted(len(issues), 'draft')} not filed" if missing else ""
    return not missing, ", ".join(links) + rest


def _op_tests_state(analysis: Analysis) -> tuple[bool, str]:
    """Whether all generated op tests passed, and how many did."""
    coverage = analysis.coverage
    if not tested_op(analysis):
        return True, "none to run"
    if not coverage.checked_on:
        return False, "not run: `bringup check`"
    tested = [verdict for verdict in coverage.verdicts if verdict.table in ("native", "composite")]
    passed = sum(verdict.evidence in ("emulated", "hardware") for verdict in tested)
    return passed == len(tested) > 0, f"{passed} of {len(tested)} ({coverage.checked_on})"
