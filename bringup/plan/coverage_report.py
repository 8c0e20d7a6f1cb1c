"""What COVERAGE.md says: the answer, the op kinds, then every gap with its places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bringup.analysis import Analysis
from bringup.coverage import SUPPORTED, Coverage, KindCoverage, Verdict, count_moves, evidence_text
from bringup.inventory import Item, ItemValue, Operand, Site, Variation
from bringup.ir import Symbol
from bringup.issues.gaps import draft_of_variations
from bringup.issues.links import IssueLink, issue_of
from bringup.layout_moves import LayoutMoves
from bringup.markdown import inline_code
from bringup.ops.dtypes import DeviceDtype, device_dtypes
from bringup.ops.registry import registry
from bringup.ops.spec import NOT_WRITTEN
from bringup.plan.card import Fact, bytes_text, ratio_text
from bringup.plan.integer_limits import integer_limits
from bringup.plan.long_sums import long_sums
from bringup.plan.memory_report import boards_that_fit, memory_facts
from bringup.plural import counted

_MAX_GAPS = 12
_MAX_VARIATIONS = 5
_MAX_SITES = 5
_MAX_FIRST = 5
_MAX_LINES = 60
"""Of a table or list: kinds, composites, and gaps that are told in a line."""


@dataclass(frozen=True, slots=True)
class KindRow:
    """One op kind in the table."""

    op: str
    status: str
    ttnn: str
    calls: int
    variations: int
    supported: str
    evidence: str
    l1: str


@dataclass(frozen=True, slots=True)
class GapVariation:
    """One variation of a gap."""

    id: str
    calls: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """All variations of an op that are refused for the same reason; `issue` is its link, `draft` the file of one."""

    op: str
    status: str
    reason: str
    source: str
    calls: int
    modules: int
    variations: tuple[GapVariation, ...]
    variations_left_out: int
    sites: tuple[str, ...]
    sites_left_out: int
    ids: frozenset[str]
    issue: str
    draft: str
    repro: str


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """COVERAGE.md."""

    title: str
    command: str
    answer: str
    facts: tuple[Fact, ...]
    summary: tuple[Fact, ...]
    kinds: tuple[KindRow, ...]
    kinds_left_out: int
    gaps: tuple[Gap, ...]
    more_gaps: tuple[Fact, ...]
    gaps_left_out: int
    composites: tuple[Fact, ...]
    is_complete: bool
    is_checked: bool
    first: tuple[Fact, ...]
    dtypes: tuple[DeviceDtype, ...]
    integers: tuple[Fact, ...]
    long_sums: tuple[Fact, ...]
    memory: tuple[Fact, ...]


def plan_coverage_report(analysis: Analysis) -> CoverageReport:
    """The report of a model."""
    coverage = analysis.coverage
    gaps = find_gaps(analysis)
    return CoverageReport(
        title=analysis.name,
        command=analysis.command,
        answer=answer(coverage, is_complete=analysis.graph.is_complete),
        facts=_facts(coverage),
        summary=_summary(analysis),
        kinds=tuple(_kind_row(kind) for kind in coverage.kinds[:_MAX_LINES]),
        kinds_left_out=max(0, len(coverage.kinds) - _MAX_LINES),
        gaps=gaps[:_MAX_GAPS],
        more_gaps=tuple(_in_a_line(gap) for gap in gaps[_MAX_GAPS : _MAX_GAPS + _MAX_LINES]),
        gaps_left_out=max(0, len(gaps) - _MAX_GAPS - _MAX_LINES),
        composites=_composites(coverage)[:_MAX_LINES],
        is_complete=analysis.graph.is_complete,
        is_checked=bool(coverage.checked_on),
        first=what_first(analysis, gaps),
        dtypes=device_dtypes(_dtypes(analysis)),
        integers=_integers(analysis),
        long_sums=_long_sums(analysis),
        memory=memory_facts(analysis, _peak_l1(coverage)),
    )


def answer(coverage: Coverage, *, is_complete: bool) -> str:
    """The whole report in a sentence."""
    of = "" if is_complete else " of the traced parts"
    if not coverage.calls:
        return "The model has no ops: its outputs are inputs, weights or constants as they are; nothing is left to run."
    on_host = sum(verdict.calls for verdict in coverage.gaps)
    if not on_host:
        what = "Runs fully on the device" if is_complete else "What could be traced runs fully on the device"
        return f"{what}: each of the {coverage.calls:,} op calls{of} has a way, or nothing to run."
    kinds = sum(kind.status not in SUPPORTED for kind in coverage.kinds)
    moves = coverage.moves
    if on_host == coverage.calls:
        return f"Cannot run on the device: none of the {coverage.calls:,} op calls{of} has a way."
    return (
        f"Needs {on_host:,} fallback{'s' if on_host > 1 else ''} to the host: that many of {coverage.calls:,} op "
        f"calls{of}, of {kinds} op kind{'s' if kinds > 1 else ''}, have no way to run on the device. "
        f"Tensors that leave the device for them: {moves.from_device}, that come back: {moves.to_device}; "
        f"{bytes_text(moves.bytes)} as float32."
    )


def what_first(analysis: Analysis, gaps: tuple[Gap, ...]) -> tuple[Fact, ...]:
    """The gaps by what closing each, after those before it, would unlock: calls, modules, moves, the whole model."""
    coverage = analysis.coverage
    still_open = {verdict.variation for verdict in coverage.gaps}
    supported, moves = coverage.supported_calls, coverage.moves
    lines: list[Fact] = []
    for gap in gaps[:_MAX_FIRST]:
        still_open -= gap.ids
        then = count_moves(analysis.graph, analysis.inventory, still_open)
        saved = moves.from_device + moves.to_device - then.from_device - then.to_device
        moves, supported = then, supported + gap.calls
        share = f"{ratio_text(supported, coverage.calls)} of all op calls then"
        rest = share if still_open else _WHOLE[analysis.graph.is_complete]
        text = f"{gap.status}: makes {unlocked(gap)} native, {_saved(saved)}; {rest}"
        lines.append(Fact(gap.op, text))
    return tuple(lines)


_WHOLE = {True: "the model then runs fully on the device", False: "what was traced then runs fully on the device"}


def _saved(moves: int) -> str:
    """An op in the middle of others on the host costs moves when it alone runs on the device."""
    return f"{counted(abs(moves), 'tensor move')} {'fewer' if moves >= 0 else 'more'}"


def unlocked(gap: Gap) -> str:
    """`12 calls in 3 modules`."""
    return f"{counted(gap.calls, 'call')} in {counted(gap.modules, 'module')}"


def _dtypes(analysis: Analysis) -> set[str]:
    return {o.dtype for v in analysis.inventory.variations for _, o in v.operands()}


def _verdicts(analysis: Analysis) -> dict[str, Verdict]:
    return {verdict.variation: verdict for verdict in analysis.coverage.verdicts}


def _integers(analysis: Analysis) -> tuple[Fact, ...]:
    found = integer_limits(analysis.inventory.variations, _verdicts(analysis), registry())
    return tuple(Fact(what, text) for what, text in found)


def _long_sums(analysis: Analysis) -> tuple[Fact, ...]:
    found = long_sums(analysis.inventory.variations, _verdicts(analysis))
    return tuple(Fact(op, text) for op, text in found)


def _peak_l1(coverage: Coverage) -> str:
    needed = [v.l1_bytes_per_core for v in coverage.verdicts if v.l1_bytes_per_core is not None]
    return bytes_text(max(needed)) if needed else "not measured: `bringup check`"


def _facts(coverage: Coverage) -> tuple[Fact, ...]:
    return (
        Fact("Op kinds fully supported", ratio_text(coverage.supported_kinds, len(coverage.kinds))),
        Fact("Op calls supported", ratio_text(coverage.supported_calls, coverage.calls)),
        Fact("Evidence", evidence_text(coverage)),
        Fact("TT-NN", f"ttnn {coverage.ttnn}, registry {coverage.registry[:12]}"),
    )


def _summary(analysis: Analysis) -> tuple[Fact, ...]:
    coverage = analysis.coverage
    remaining = [verdict for verdict in coverage.verdicts if not verdict.is_supported]
    return (
        Fact("Torch ops before", f"{coverage.calls:,}"),
        Fact("Torch ops before, unique", str(len(coverage.kinds))),
        Fact("Torch ops that remain", f"{sum(v.calls for v in remaining):,}"),
        Fact("Torch ops that remain, unique", str(len({v.op for v in remaining}))),
        Fact("Moves from the device", str(coverage.moves.from_device)),
        Fact("Moves to the device", str(coverage.moves.to_device)),
        Fact("Bytes moved, as float32", bytes_text(coverage.moves.bytes)),
        Fact("Moves on the device", _moves_text(coverage.moves.on_device)),
        Fact("Fits in DRAM of", boards_that_fit(analysis)),
        Fact("Peak L1 (SRAM) per core", _peak_l1(coverage)),
        *_written_buffers(analysis),
    )


def _written_buffers(analysis: Analysis) -> tuple[Fact, ...]:
    names = ", ".join(inline_code(write.buffer) for write in analysis.graph.state)
    return (Fact("Buffers that forward writes, given as further outputs", names),) if names else ()


def _moves_text(moves: LayoutMoves) -> str:
    """As the lowerings stand, op by op: neighbours that agree on a form need fewer."""
    if not moves.layout and not moves.axes:
        return "none"
    kinds = f"{moves.layout} between TILE and ROW_MAJOR, {moves.axes} between NCHW and NHWC"
    return f"at most {kinds}, {bytes_text(moves.bytes)}"


def _kind_row(kind: KindCoverage) -> KindRow:
    return KindRow(
        kind.op,
        kind.status,
        ", ".join(kind.ttnn) or "none",
        kind.calls,
        kind.variations,
        f"{kind.supported_calls} of {kind.calls}",
        "nothing to run" if kind.status == "folded" else kind.evidence,
        "" if kind.l1_bytes_per_core is None else bytes_text(kind.l1_bytes_per_core),
    )


def _composites(coverage: Coverage) -> tuple[Fact, ...]:
    reasons = {v.op: v.reason for v in coverage.verdicts if v.status == "composite" and v.reason}
    return tuple(Fact(op, reason) for op, reason in sorted(reasons.items()))


def find_gaps(analysis: Analysis) -> tuple[Gap, ...]:
    """The gaps by op and reason, those first that unlock most: calls, then modules."""
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    groups: dict[tuple[str, str, str, str], list[Verdict]] = {}
    for verdict in analysis.coverage.gaps:
        groups.setdefault((verdict.op, verdict.status, verdict.reason, verdict.source), []).append(verdict)
    drafts = draft_of_variations(analysis)
    gaps = [
        _gap(key, [variations[v.variation] for v in group], analysis.issues, drafts) for key, group in groups.items()
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.calls, -gap.modules, gap.op, gap.reason)))


def _in_a_line(gap: Gap) -> Fact:
    return Fact(gap.op, f"{gap.status}, {gap.calls} calls: {gap.reason}")


def _gap(
    key: tuple[str, str, str, str], members: list[Variation], issues: tuple[IssueLink, ...], drafts: Mapping[str, str]
) -> Gap:
    op, status, reason, source = key
    issue = issue_of(issues, members[0].id)
    sites = merge_sites(site for variation in members for site in variation.sites)
    return Gap(
        op=op,
        status=status,
        reason=reason,
        source=source,
        calls=sum(variation.count for variation in members),
        modules=len({site.module for variation in members for site in variation.sites}),
        variations=tuple(GapVariation(v.id, v.count, call_text(v)) for v in members[:_MAX_VARIATIONS]),
        variations_left_out=max(0, len(members) - _MAX_VARIATIONS),
        sites=sites[:_MAX_SITES],
        sites_left_out=max(0, len(sites) - _MAX_SITES),
        ids=frozenset(v.id for v in members),
        issue=issue.markdown if issue else "",
        draft=f"issues/{drafts[members[0].id]}.md" if members[0].id in drafts else "",
        repro=f"bringup repro {members[0].id} --run" if status == "rejected" and source != NOT_WRITTEN else "",
    )


def merge_sites(sites: Iterable[Site]) -> tuple[str, ...]:
    """Places as `layer1.0.conv1 (models/resnet.py:146: out = self.conv1(x))`, without repeats."""
    return tuple(dict.fromkeys(_site_text(site) for site in sites))


def _site_text(site: Site) -> str:
    module = site.module or "(the model's forward)"
    return f"{module} ({site.source}: {site.source.code})" if site.source else module


def call_text(variation: Variation) -> str:
    """A variation as a call: `gelu(self=[1, 197, 3072] float32, approximate='none')`."""
    arguments = ", ".join(f"{a.name}={value_text(a.value)}" for a in variation.arguments if a.value is not None)
    return f"{variation.op}({arguments})"


def value_text(value: ItemValue) -> str:
    """An argument for people."""
    if isinstance(value, tuple):
        return f"[{', '.join(_item_text(item) for item in value)}]"
    return _item_text(value)


def _item_text(item: Item) -> str:
    if isinstance(item, Operand):
        kind = "" if item.kind == "activation" else f" {item.kind}"
        return f"{list(item.shape)} {item.dtype}{kind}"
    return item.text if isinstance(item, Symbol) else repr(item)
