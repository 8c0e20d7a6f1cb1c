"""From a folder to check.json: which tests run, which results are known, what they say of each variation."""

from __future__ import annotations

import importlib.metadata
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bringup.analysis import Analysis
from bringup.check.cache import ResultCache
from bringup.check.evidence import folded_evidence, lowering_hash
from bringup.check.known import folder_texts, generated_tests, has_only, known_results, op_test_texts
from bringup.check.results import CheckFile, Environment, Evidence, Result, Target, standing_of
from bringup.check.session import Session, join_mode, run_session
from bringup.errors import FolderError, UsageError
from bringup.json_files import from_json
from bringup.near import near_matches
from bringup.ops.registry import registry
from bringup.ops.spec import OpSpec
from bringup.plan.folder import probe_files
from bringup.plan.op_tests import TestIndex
from bringup.write import check_path

MODES = {"both": ("exact", "rounded"), "exact": ("exact",), "rounded": ("rounded",), "accumulated": ("accumulated",)}


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check.

    Args:
        target: `emulate` or `hardware`.
        board: `n150`.
        mode: `exact`, `rounded` or `both`.
        keyword: pytest's `-k` expression; with one, nothing is concluded of tests that did not run.
        jobs: Child processes.
        timeout: Seconds for a test.
        use_cache: Take results of earlier runs for tests that nothing has changed about.
    """

    target: Target
    board: str
    mode: str
    keyword: str
    jobs: int
    timeout: float
    use_cache: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check gave, and how much of it was known before."""

    file: CheckFile
    from_cache: int
    probes: tuple[Result, ...]


def check_folder(
    folder: Path, analysis: Analysis, options: CheckOptions, on_result: Callable[[Result], None]
) -> Checked:
    """Run the tests of a folder, and ask ttnn about what the registry says it rejects.

    Raises:
        UsageError: the tests cannot be collected, or there is no target.
        FolderError: the folder has no tests.
    """
    tests = folder / "tests"
    if not tests.is_dir():
        raise FolderError(
            "the folder has no tests", where=str(folder), next_step="make them with `bringup generate tests`"
        )
    check_path(folder, "tests")
    environment = environment_of(options)
    rows = registry()
    variation_of = read_index(folder)
    generated = generated_tests(folder, variation_of)
    texts = folder_texts(folder, analysis, variation_of) if options.target == "emulate" else {}
    cache = ResultCache.of_user(environment)
    modes = MODES[options.mode]
    known = known_results(cache, texts, modes, variation_of) if options.use_cache and not options.keyword else ()
    session = Session(
        (tests,),
        folder.resolve(),
        options.board if options.target == "emulate" else "",
        options.mode,
        options.keyword,
        options.jobs,
        options.timeout,
        frozenset(join_mode(result.test, result.mode) for result in known),
        is_generated=texts.keys() == generated and has_only(tests, generated),
    )
    is_settled = len(known) == len(generated) * len(modes) and has_only(tests, generated)
    keep = _keeping(cache, texts, on_result)
    ran = () if is_settled else tuple(_named(r, variation_of) for r in run_session(session, keep))
    if options.keyword and not ran:
        names = {re.split(r"\W+", test.partition("::")[2])[0] for test in variation_of}
        near = near_matches(options.keyword, {*names, *(name.removeprefix("test_") for name in names)})
        raise UsageError(
            f"no test matches -k {options.keyword!r}",
            where=str(tests),
            next_step=near or "give a part of a test's name, or several with `and`, `or` and `not`",
        )
    results = tuple(sorted((*known, *ran), key=lambda r: (r.test, r.mode)))
    is_probed = options.target == "emulate" and not options.keyword
    probes = _probe(analysis, options, cache, on_result) if is_probed else ()
    evidence = (
        *_evidence(analysis, rows, (*results, *probes), options.target),
        *folded_evidence(analysis.coverage, analysis.inventory, rows, results, options.target),
    )
    kept = tuple(replace(result, seconds=0.0) for result in results)
    return Checked(CheckFile(environment, evidence, kept), len(known), probes)


def environment_of(options: CheckOptions) -> Environment:
    """What the results hold for."""
    from bringup.target.runtime_root import find_sfpi, installed_ttnn

    ttnn = installed_ttnn()
    compiler = "sfpi" if ttnn and find_sfpi(ttnn) else "stand-in"
    return Environment(
        options.target,
        options.board,
        ttnn.version if ttnn else "none",
        importlib.metadata.version("torch"),
        compiler if options.target == "emulate" else "sfpi",
    )


def read_index(folder: Path) -> dict[str, str]:
    """Each generated test's variation."""
    path = folder / ".bringup/tests.json"
    try:
        index = from_json(TestIndex, path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError):
        return {}
    return {entry.test: entry.variation for entry in index.tests}


def _named(result: Result, variation_of: Mapping[str, str]) -> Result:
    return replace(result, variation=variation_of.get(result.test, ""))


def _probe(
    analysis: Analysis, options: CheckOptions, cache: ResultCache, on_result: Callable[[Result], None]
) -> tuple[Result, ...]:
    """Run what the registry says ttnn rejects: its own words are better, and a limit may have been lifted."""
    files, index = probe_files(analysis)
    if not files:
        return ()
    variation_of = {entry.test: entry.variation for entry in index.tests}
    texts = op_test_texts(analysis, variation_of)
    known = known_results(cache, texts, ("exact",), variation_of) if options.use_cache else ()
    if len(known) == len(variation_of):
        return known
    with tempfile.TemporaryDirectory(prefix="bringup-probe-") as name:
        root = Path(name)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        session = Session((root / "tests",), root, options.board, "exact", "", 1, options.timeout, is_generated=True)
        keep = _keeping(cache, texts, on_result)
        return tuple(_named(result, variation_of) for result in run_session(session, keep))


def _keeping(
    cache: ResultCache, texts: Mapping[str, str], on_result: Callable[[Result], None]
) -> Callable[[Result], None]:
    """Keep each result when it comes: what is known when the user interrupts is not asked again."""

    def keep(result: Result) -> None:
        if result.test in texts:
            cache.keep(texts[result.test], result.mode, result)
        on_result(result)

    return keep


def _evidence(
    analysis: Analysis, rows: Mapping[str, OpSpec], results: tuple[Result, ...], target: Target
) -> tuple[Evidence, ...]:
    by_variation: dict[str, list[Result]] = {}
    for result in results:
        if result.variation:
            by_variation.setdefault(result.variation, []).append(result)
    entries = []
    for variation in analysis.inventory.variations:
        found = by_variation.get(variation.id)
        row = rows.get(variation.op)
        if not found or not row:
            continue
        standing, words = standing_of(found, target)
        needed = [r.l1_bytes_per_core for r in found if r.l1_bytes_per_core is not None]
        entries.append(
            Evidence(variation.id, lowering_hash(variation, row), standing, words, max(needed, default=None))
        )
    return tuple(entries)
