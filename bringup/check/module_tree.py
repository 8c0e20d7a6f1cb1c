"""The tests of modules as the model's tree, with the PCC at each level, and the first module that departs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bringup.check.evidence import environment_text
from bringup.check.results import CheckFile, Result
from bringup.check.summary import Tally, by_test, tally, worst_outcome
from bringup.errors import FolderError
from bringup.json_files import from_json
from bringup.modules.test_plan import ModuleIndex
from bringup.plural import counted


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """One module of the tree.

    Args:
        place: Its path; empty for the model.
        class_name: Its class.
        depth: How deep it stands among the tested ones.
        tally: Its results.
    """

    place: str
    class_name: str
    depth: int
    tally: Tally


def read_module_index(folder: Path) -> ModuleIndex:
    """Which test is for which module; none for a folder without modules."""
    path = folder / ".bringup/modules.json"
    try:
        return from_json(ModuleIndex, path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, FolderError):
        return ModuleIndex(())


def module_lines(index: ModuleIndex, results: Iterable[Result], board: str) -> tuple[ModuleLine, ...]:
    """The tested modules with their results, each below the one around it."""
    groups = by_test(results)
    tested = {entry.place: entry for entry in index.entries if entry.test in groups}
    lines = []
    for place in sorted(tested, key=_natural):
        entry = tested[place]
        depth = sum(1 for other in tested if other != place and (not other or place.startswith(f"{other}.")))
        lines.append(ModuleLine(place, entry.class_name, depth, tally(place, groups[entry.test], board)))
    return tuple(lines)


def module_states(folder: Path, check: CheckFile | None) -> dict[str, str]:
    """How the tests of each module class ended, in words; nothing of classes without results."""
    if check is None:
        return {}
    by_class: dict[str, list[Tally]] = {}
    for line in module_lines(read_module_index(folder), check.results, check.environment.board):
        by_class.setdefault(line.class_name, []).append(line.tally)
    where = environment_text(check.environment)
    return {name: _state(tallies, where) for name, tallies in by_class.items()}


def _state(tallies: list[Tally], where: str) -> str:
    tests, passed = sum(t.tests for t in tallies), sum(t.passed for t in tallies)
    if passed < tests:
        return f"{tests - passed} of {counted(tests, 'test')} not passed on {where}"
    lowest = min((t.pcc for t in tallies if t.pcc is not None), default=None)
    return f"passes on {where}" + ("" if lowest is None else f" with PCC {lowest:.5f}")


def _natural(place: str) -> tuple[tuple[bool, int, str], ...]:
    return tuple(
        (not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in filter(None, place.split("."))
    )


def first_departure(index: ModuleIndex, results: Iterable[Result]) -> str:
    """The lowest module, in the order of the model's calls, whose test does not pass; empty when all do."""
    groups = by_test(results)
    failed = [e for e in index.entries if e.test in groups and worst_outcome(groups[e.test]) == "failed"]
    return f"{failed[0].place or 'the model'} ({failed[0].class_name})" if failed else ""
