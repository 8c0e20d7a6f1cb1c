"""A verdict with its reason and evidence for each input variation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bringup.inventory import NO_OPERAND, Inventory, Variation
from bringup.ir import Graph, unique
from bringup.layout_moves import NO_MOVES, LayoutMoves, layout_moves
from bringup.ops.families import NO_QUANTISED, NO_SPARSE, family_row
from bringup.ops.lowering import counted_calls
from bringup.ops.spec import CANNOT_WRITE, NOT_WRITTEN, Lowering, NoRoute, OpSpec, Status
from bringup.value_sizes import value_dependent

Evidence = Literal["table", "accepted", "rejected", "emulated", "hardware"]
SUPPORTED: tuple[Status, ...] = ("native", "composite", "folded")
EVIDENCE_ORDER: tuple[Evidence, ...] = ("table", "rejected", "accepted", "emulated", "hardware")
STATUS_ORDER: tuple[Status, ...] = ("missing", "rejected", "unknown", "composite", "native", "folded")

PROCESS_ENDED = "the process ended"
"""How the words begin of a call that ttnn does not refuse, but dies of."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What TT-NN has for one variation, why, and how we know.

    Args:
        variation: Its id.
        op: The ATen op.
        status: `native` one ttnn op, `composite` several, `folded` nothing left to run, `rejected` the op exists and
            refuses this variation, `missing` no ttnn op, `unknown` no row in the registry.
        evidence: `table`: the registry's row says so; `accepted` or `rejected` by ttnn itself; `emulated`: its values
            agree with torch on an emulated board; `hardware`: on a board.
        reason: A sentence; empty for native ones.
        ttnn: The ttnn ops it lowers to.
        source: Where the reason comes from.
        calls: Op calls of the variation.
        table: The status by the registry alone, whatever a check found since.
        l1_bytes_per_core: Peak L1 per core in ttnn's own figures; None where nothing was run.
        moves: On the device, around one call.
    """

    variation: str
    op: str
    status: Status
    evidence: Evidence
    reason: str
    ttnn: tuple[str, ...]
    source: str
    calls: int
    table: Status
    l1_bytes_per_core: int | None = None
    moves: LayoutMoves = NO_MOVES

    @property
    def is_supported(self) -> bool:
        """Whether the variation runs on the device or has nothing to run."""
        return self.status in SUPPORTED

    @property
    def is_refused_by_ttnn(self) -> bool:
        """Whether ttnn itself does not run it: it refused the call, or died of it."""
        return self.status == "rejected" and self.evidence == "rejected"

    @property
    def is_crash(self) -> bool:
        """Whether ttnn ended the process at the call, without an exception."""
        return self.is_refused_by_ttnn and self.reason.startswith(f"ttnn: {PROCESS_ENDED}")


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """One op kind with its worst status and evidence; `ttnn` names what its calls lower to."""

    op: str
    status: Status
    calls: int
    variations: int
    supported_calls: int
    ttnn: tuple[str, ...]
    evidence: Evidence
    l1_bytes_per_core: int | None


@dataclass(frozen=True, slots=True)
class Moves:
    """Tensors that gaps force off the device and back, with their bytes as float32; and moves on the device."""

    from_device: int
    to_device: int
    bytes: int
    on_device: LayoutMoves = NO_MOVES


@dataclass(frozen=True, slots=True)
class Coverage:
    """The verdicts of a model, with what they were made from.

    Args:
        verdicts: In the order of the inventory's variations.
        kinds: Per op kind, gaps first, then by calls.
        moves: What the gaps force.
        registry: Hash of the registry's rows.
        ttnn: The ttnn version that the rows describe.
        checked_on: What a check ran on: `ttnn 0.81.1, emulated n150`; empty when none ran.
        void_check: Why a check that did run is no evidence; empty where it is, or none ran.
    """

    verdicts: tuple[Verdict, ...]
    kinds: tuple[KindCoverage, ...]
    moves: Moves
    registry: str
    ttnn: str
    checked_on: str = ""
    void_check: str = ""

    def check(self, inventory: Inventory) -> None:
        """Every variation has one verdict.

        Raises:
            ValueError: one has none, with its id.
        """
        judged = unique("verdict of", (verdict.variation for verdict in self.verdicts))
        wrong = judged ^ {variation.id for variation in inventory.variations}
        if wrong:
            raise ValueError(f"{min(wrong)!r} is not in both the inventory and the coverage")

    @property
    def calls(self) -> int:
        """All op calls."""
        return sum(v.calls for v in self.verdicts)

    @property
    def supported_calls(self) -> int:
        """Op calls that run on the device or have nothing to run."""
        return sum(v.calls for v in self.verdicts if v.is_supported)

    @property
    def supported_kinds(self) -> int:
        """Op kinds all of whose calls are supported."""
        return sum(kind.status in SUPPORTED for kind in self.kinds)

    @property
    def gaps(self) -> tuple[Verdict, ...]:
        """The verdicts that are not supported, most calls first."""
        found = [v for v in self.verdicts if not v.is_supported]
        return tuple(sorted(found, key=lambda v: (-v.calls, v.op, v.variation)))


def judge(
    graph: Graph, inventory: Inventory, rows: Mapping[str, OpSpec], *, registry_hash: str, ttnn_version: str
) -> Coverage:
    """The coverage of a model at `table` evidence."""
    verdicts = tuple(_with_moves(v, rows.get(v.op)) for v in inventory.variations)
    moves = _all_moves(graph, inventory, verdicts)
    return Coverage(verdicts, _kinds(verdicts), moves, registry_hash, ttnn_version)


def rejudge(
    coverage: Coverage, graph: Graph, inventory: Inventory, verdicts: tuple[Verdict, ...], checked_on: str
) -> Coverage:
    """The coverage with other verdicts: kinds and moves follow from them."""
    moves = _all_moves(graph, inventory, verdicts)
    return Coverage(verdicts, _kinds(verdicts), moves, coverage.registry, coverage.ttnn, checked_on)


def _with_moves(variation: Variation, row: OpSpec | None) -> Verdict:
    verdict = judge_variation(variation, row)
    if row is None or row.lower is None or verdict.status not in ("native", "composite"):
        return verdict
    return replace(verdict, moves=layout_moves(variation, row.lower(variation)))


def _all_moves(graph: Graph, inventory: Inventory, verdicts: tuple[Verdict, ...]) -> Moves:
    moves = count_moves(graph, inventory, {v.variation for v in verdicts if not v.is_supported})
    on_device = sum((v.moves.times(v.calls) for v in verdicts if v.is_supported), NO_MOVES)
    return replace(moves, on_device=on_device)


_NO_ELEMENTS = "its output has no elements: nothing is left to run"
_NO_VALUES = "its tensors have no elements, so that its result is the same for every input: made once on the host"


def judge_variation(variation: Variation, row: OpSpec | None) -> Verdict:
    """The verdict of one variation by its row."""
    row = row or family_row(variation.op)
    found = _by_operands(variation)
    if found:
        return found
    if row is None and not variation.outputs:
        reason = "the shape of its output depends on values; a graph on the device has fixed shapes"
        return _verdict(variation, "missing", reason, (), "torch gives no shape without data")
    if row is None:
        return _verdict(variation, "unknown", f"the registry has no row for {variation.op}", (), "registry")
    nothing_left = row.folds(variation) if row.folds else ""
    if nothing_left:
        return _verdict(variation, "folded", nothing_left, (), "registry")
    for constraint in row.beyond(variation)[:1]:
        op = " and ".join(row.ttnn) or variation.op
        reason = f"{op} needs: {constraint.needs} (got {constraint.got(variation)})"
        return _verdict(variation, "rejected", reason, _names(variation, row), constraint.source)
    try:
        lowered = row.lower(variation) if row.lower else None
    except CANNOT_WRITE as error:
        if isinstance(error, NoRoute):
            return _verdict(variation, "rejected", f"no way is written for {error}", row.ttnn, NOT_WRITTEN)
        reason = f"the row of {variation.op} cannot write this variation ({type(error).__name__}: {error})"
        return _verdict(variation, "unknown", reason, (), "registry")
    if lowered is None:
        return _verdict(variation, row.status, row.reason, row.ttnn, "registry")
    label = label_of(lowered, row)
    return _verdict(variation, label.status, label.reason, label.ttnn, "registry")


def _by_operands(variation: Variation) -> Verdict | None:
    """What its tensors alone say of a variation, whatever the op; None where that is nothing."""
    others = variation.symbols(NO_OPERAND)
    if others:
        words = NO_QUANTISED if others[0].startswith("q") else NO_SPARSE
        return _verdict(variation, "missing", f"{words}; got {others[0]}", (), "registry")
    kinds = {output.kind for output in variation.outputs}
    if kinds == {"constant"}:
        reason = "depends on no input of the model: computed once on the host when weights are loaded"
        return _verdict(variation, "folded", reason, (), "trace: no operand is an activation")
    if kinds == {"prologue"}:
        reason = "depends on integer inputs alone: the host does it before the model runs, as part of making the inputs"
        return _verdict(variation, "folded", reason, (), "trace: neither a weight nor a float input is in it")
    if variation.outputs and all(0 in output.shape for output in variation.outputs):
        return _verdict(variation, "folded", _NO_ELEMENTS, (), "shapes")
    operands = variation.operands()
    if operands and all(0 in operand.shape for _, operand in operands):
        return _verdict(variation, "folded", _NO_VALUES, (), "shapes")
    on_host = value_dependent(variation)
    if on_host:
        return _verdict(variation, "missing", on_host, (), "torch gives no shape without data")
    return None


def of_parts(verdict: Verdict, parts: Sequence[Verdict]) -> Verdict:
    """The verdict of a variation that torch takes apart: supported when every part is, with the weakest evidence."""
    if verdict.is_supported or not parts:
        return verdict
    counts = Counter(part.op for part in parts)
    listed = ", ".join(f"{op} x{count}" if count > 1 else op for op, count in counts.items())
    failing = sorted(
        (part for part in parts if not part.is_supported), key=lambda part: STATUS_ORDER.index(part.status)
    )
    if failing and all(part.op.startswith("prims.") for part in failing) and verdict.status != "unknown":
        return verdict
    if failing:
        reason = f"torch takes it apart into {listed}; {_why_not(failing[0])}"
        status: Status = "missing" if verdict.status == "unknown" else verdict.status
        return replace(verdict, status=status, reason=f"{verdict.reason}; {reason}", source="torch's decomposition")
    running = [part for part in parts if part.status != "folded"]
    ttnn = tuple(dict.fromkeys(name for part in running for name in part.ttnn))
    evidence: Evidence = min((part.evidence for part in running), key=EVIDENCE_ORDER.index, default="table")
    status = "composite" if running else "folded"
    source = running[0].source if running else verdict.source
    reason = f"torch takes it apart into {listed}"
    weakest = next((part for part in running if part.evidence == evidence), None)
    if weakest and evidence not in ("emulated", "hardware") and weakest.reason:
        reason = f"{reason}; {weakest.op}: {weakest.reason}"
    return replace(verdict, status=status, evidence=evidence, reason=reason, ttnn=ttnn, source=source)


def _names(variation: Variation, row: OpSpec) -> tuple[str, ...]:
    """The ttnn ops that a variation beyond a limit would call; those of the row where it cannot be written."""
    try:
        return label_of(row.lower(variation), row).ttnn if row.lower else row.ttnn
    except CANNOT_WRITE:
        return row.ttnn


@dataclass(frozen=True, slots=True)
class Label:
    """What the program of a variation is: its status, why it is composite, and the ttnn ops that it calls."""

    status: Status
    reason: str
    ttnn: tuple[str, ...]


def label_of(lowered: Lowering, row: OpSpec) -> Label:
    """`native` for one call of a ttnn op, `composite` for several: the program says it, whatever the row is called."""
    is_one = row.status == "native"  # a row that is composite counts the forms around its op too
    calls = counted_calls(lowered.ttnn, with_forms=not is_one)
    names = tuple(dict.fromkeys(calls))
    if len(calls) == 1:
        return Label("native", "", names)
    listed = f"{len(calls)} calls of ttnn: {', '.join(name.removeprefix('ttnn.') for name in names)}"
    return Label("composite", lowered.reason or row.reason or listed, names)


def _why_not(part: Verdict) -> str:
    if part.status == "unknown":
        return f"for {part.op} there is no row, and torch takes it apart no further"
    return f"{part.op} is {part.status}: {part.reason}"


def _verdict(variation: Variation, status: Status, reason: str, ttnn: tuple[str, ...], source: str) -> Verdict:
    return Verdict(variation.id, variation.op, status, "table", reason, ttnn, source, variation.count, status)


def _kinds(verdicts: tuple[Verdict, ...]) -> tuple[KindCoverage, ...]:
    by_op: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_op.setdefault(verdict.op, []).append(verdict)
    kinds = [_kind(op, members) for op, members in by_op.items()]
    return tuple(sorted(kinds, key=lambda k: (k.status in SUPPORTED, -k.calls, k.op)))


def _kind(op: str, members: list[Verdict]) -> KindCoverage:
    worst = min((verdict.status for verdict in members), key=STATUS_ORDER.index)
    ttnn = tuple(dict.fromkeys(name for verdict in members for name in verdict.ttnn))
    calls = sum(verdict.calls for verdict in members)
    supported = sum(verdict.calls for verdict in members if verdict.is_supported)
    needed = [verdict.l1_bytes_per_core for verdict in members if verdict.l1_bytes_per_core is not None]
    return KindCoverage(
        op, worst, calls, len(members), supported, ttnn, _worst_evidence(members), max(needed, default=None)
    )


def _worst_evidence(members: list[Verdict]) -> Evidence:
    """What holds for every variation that has something to run; without one, for those that are folded."""
    running = [verdict.evidence for verdict in members if verdict.status != "folded"]
    return min(running or [verdict.evidence for verdict in members], key=EVIDENCE_ORDER.index)


def count_moves(graph: Graph, inventory: Inventory, gaps: set[str]) -> Moves:
    """The tensors that cross between device and host when the gaps' calls run on the host."""
    variation_of = dict(inventory.variation_of)
    on_host = {call.name for call in graph.calls if variation_of[call.name] in gaps}
    values = graph.value_by_name()
    from_host = {output for call in graph.calls if call.name in on_host for output in call.outputs}
    down: set[str] = set()
    up: set[str] = set()
    for call in graph.calls:
        for ref in call.refs():
            if values[ref].kind != "activation" or ref in graph.inputs:
                continue
            if call.name in on_host and ref not in from_host:
                down.add(ref)
            elif call.name not in on_host and ref in from_host:
                up.add(ref)
    elements = sum(math.prod(values[name].type.shape) for name in (*down, *up))
    return Moves(len(down), len(up), elements * 4)


def evidence_text(coverage: Coverage) -> str:
    """What the verdicts rest on, with denominators: folded variations have nothing to run."""
    running = [verdict for verdict in coverage.verdicts if verdict.status != "folded"]
    if coverage.void_check:
        return f"table: the registry's rows say so; {coverage.void_check}: run `bringup check` again"
    if not coverage.checked_on:
        return "table: the registry's rows say so; nothing was run"
    counts = Counter(verdict.evidence for verdict in running)
    parts = [f"{counts[word]} {word}" for word in reversed(EVIDENCE_ORDER) if counts[word]]
    folded = {verdict.evidence for verdict in coverage.verdicts if verdict.status == "folded"}
    shown = "; the folded ones by the whole model's test" if folded and "table" not in folded else ""
    return f"of {len(running)} variations with something to run, {', '.join(parts)}{shown} ({coverage.checked_on})"
