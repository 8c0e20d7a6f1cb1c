"""Makes a picture short: repeated blocks become one, and a box takes in what follows it on the same shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bringup.plan.page_items import Item, Link

_MAX_PERIOD = 12
_MAX_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Run:
    """`times` blocks of `period` items from `start` on; `dense` when each reads all blocks before it."""

    start: int
    period: int
    times: int
    dense: bool = False

    @property
    def stop(self) -> int:
        return self.start + self.period * self.times


def fold_runs(items: list[Item], links: list[Link]) -> tuple[list[Item], list[Link]]:
    """Blocks that look the same, each fed by the one before, drawn once with their number."""
    finder = _RunFinder(items, links)
    folded: list[Item] = []
    stands_for: dict[str, str] = {}
    dropped: set[str] = set()
    at = 0
    while at < len(items):
        run = finder.longest(at)
        if run is None:
            folded.append(items[at])
            at += 1
            continue
        block = _fold(items, run)
        folded += block
        for i in range(run.start, run.stop):
            stands_for[items[i].key] = block[(i - run.start) % run.period].key
            if i >= run.start + run.period:
                dropped.add(items[i].key)
        at = run.stop
    moved = (replace(link, tail=stands_for.get(link.tail, link.tail)) for link in links if link.head not in dropped)
    return folded, list(dict.fromkeys(link for link in moved if link.tail != link.head))


def _fold(items: list[Item], run: _Run) -> list[Item]:
    """The first block, which stands for all; one item has the number itself, several stand in a frame that has it."""
    block = items[run.start : run.start + run.period]
    last = items[run.stop - run.period : run.stop]
    first_path = next((item.paths[0] for item in block if item.paths), "")
    depth = first_path.count(".")
    last_path = next((i.paths[-1] for i in reversed(last) if i.paths and i.paths[-1].count(".") == depth), "")
    where = span(first_path, last_path) if first_path else ""
    if run.period > 1:
        return [replace(item, group=f"{run.times} × this: {where}".rstrip(": ")) for item in block]
    item = block[0]
    paths = () if not where else (where if first_path != last_path else f"{first_path}, {run.times} calls",)
    notes = (*item.notes, "each reads the outputs of all before it") if run.dense else item.notes
    return [replace(item, paths=paths, notes=notes, times=run.times)]


def span(first: str, last: str) -> str:
    """`layer.0 to layer.11` for two paths, cut after the part in which they differ."""
    one, two = first.split("."), last.split(".")
    differ = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), None)
    if differ is None:
        return first
    return f"{'.'.join(one[: differ + 1])} to {'.'.join(two[: differ + 1])}"


class _RunFinder:
    def __init__(self, items: list[Item], links: list[Link]) -> None:
        self._items = items
        self._signatures = [item.signature for item in items]
        position = {item.key: i for i, item in enumerate(items)}
        self._tails: list[list[tuple[int, Link]]] = [[] for _ in items]
        self._heads: list[list[int]] = [[] for _ in items]
        for link in links:
            tail, head = position[link.tail], position[link.head]
            self._tails[head].append((tail, link))
            self._heads[tail].append(head)

    def longest(self, start: int) -> _Run | None:
        """The run from `start` on that covers most items; of equal ones the one with the shorter block."""
        best: _Run | None = None
        for period in range(1, min(_MAX_PERIOD, (len(self._items) - start) // 2) + 1):
            for run in (self._chain(start, period), *([self._dense(start)] if period == 1 else [])):
                if self._is_worth(run) and (best is None or run.stop > best.stop):
                    best = run
        return best

    def _is_worth(self, run: _Run) -> bool:
        block = self._items[run.start : run.start + run.period]
        if any(item.kind not in ("module", "leaf", "op") for item in block) or run.times < 2:
            return False
        if len({i.container.split(".")[0] for i in self._items[run.start : run.stop] if i.container}) > 1:
            return False
        return run.times > 2 or any(item.kind == "module" for item in block)

    def _same(self, start: int, period: int, block: int) -> bool:
        at = start + block * period
        return self._signatures[at : at + period] == self._signatures[start : start + period]

    def _chain(self, start: int, period: int) -> _Run:
        times = 1
        shared = {tail for i in range(start, start + period) for tail, _ in self._tails[i]}
        pattern: list[object] | None = None
        while self._same(start, period, times) and self._is_only_read_by_next(start, period, times - 1):
            found = self._pattern(start, period, times, shared)
            if (
                found is None
                or (pattern is not None and found != pattern)
                or not self._inner_matches(start, period, times)
            ):
                break
            pattern = found
            times += 1
        return _Run(start, period, times)

    def _is_only_read_by_next(self, start: int, period: int, block: int) -> bool:
        low, high = start + block * period, start + (block + 2) * period
        return all(low <= head < high for i in range(low, low + period) for head in self._heads[i])

    def _pattern(self, start: int, period: int, block: int, shared: set[int]) -> list[object] | None:
        """What each item of a block reads, by place; None when it is not fed by the block before alone."""
        at = start + block * period
        pattern: list[object] = []
        for i in range(at, at + period):
            for tail, link in self._tails[i]:
                if at - period <= tail < at + period:
                    pattern.append((i - at, tail - at, link.views))
                elif tail >= start or tail not in shared:
                    return None
                else:
                    pattern.append((i - at, self._items[tail].key, link.views))
        fed = any(at - period <= tail < at for i in range(at, at + period) for tail, _ in self._tails[i])
        return pattern if fed else None

    def _inner_matches(self, start: int, period: int, block: int) -> bool:
        return self._inner(start, period, 0) == self._inner(start, period, block)

    def _inner(self, start: int, period: int, block: int) -> list[tuple[int, int]]:
        at = start + block * period
        return [
            (i - at, tail - at)
            for i in range(at, at + period)
            for tail, _ in self._tails[i]
            if at <= tail < at + period
        ]

    def _dense(self, start: int) -> _Run:
        """Each item reads all before it in the run, and what the first one reads (DenseNet)."""
        outside = {tail for tail, _ in self._tails[start]}
        times = 1
        while self._same(start, 1, times):
            if {tail for tail, _ in self._tails[start + times]} != outside | set(range(start, start + times)):
                break
            times += 1
        return _Run(start, 1, times if times > 2 else 1, dense=True)


def merge_followers(items: list[Item], links: list[Link]) -> tuple[list[Item], list[Link]]:
    """A box takes in the norm, activation or sum that alone reads it, keeps its shape and reads nothing else."""
    by_key = {item.key: item for item in items}
    tails: dict[str, list[Link]] = {}
    heads: dict[str, set[str]] = {}
    for link in links:
        tails.setdefault(link.head, []).append(link)
        heads.setdefault(link.tail, set()).add(link.head)
    into: dict[str, str] = {}
    for item in items:
        reads = tails.get(item.key, [])
        if len(reads) != 1 or reads[0].views or len(heads[reads[0].tail]) != 1:
            continue
        target = by_key[into.get(reads[0].tail, reads[0].tail)]
        if _can_take(target, item):
            into[item.key] = target.key
            paths = tuple(dict.fromkeys(target.paths + item.paths))
            notes = target.notes + item.notes
            by_key[target.key] = replace(target, parts=target.parts + item.parts, paths=paths, notes=notes)
    moved = (replace(link, tail=into.get(link.tail, link.tail), head=into.get(link.head, link.head)) for link in links)
    kept = [by_key[item.key] for item in items if item.key not in into]
    return kept, list(dict.fromkeys(link for link in moved if link.tail != link.head))


def _can_take(target: Item, item: Item) -> bool:
    plain = target.kind in ("leaf", "op") and item.kind in ("leaf", "op") and target.times == item.times == 1
    near = target.container == item.container or not (target.container and item.container)
    alike = target.shape == item.shape and target.shape is not None and target.group == item.group
    return plain and near and alike and not item.is_heavy and len(target.parts) < _MAX_PARTS
