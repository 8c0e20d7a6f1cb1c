"""What the result of each generated test depends on, as text: a test of the same text need not run again."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bringup.analysis import Analysis
from bringup.check.cache import ResultCache
from bringup.check.evidence import lowering_text
from bringup.check.module_tree import read_module_index
from bringup.check.results import Result
from bringup.modules.test_plan import FUNCTIONAL_TEST
from bringup.ops.registry import registry
from bringup.render import templates_folder
from bringup.write import digest, read_manifest

_LIBRARIES = {"torchvision": "torchvision", "timm": "timm", "huggingface": "transformers", "example": "bringup"}
"""Sources whose models depend on nothing but a package's version and the folder's own files."""


def op_test_texts(analysis: Analysis, variation_of: Mapping[str, str]) -> dict[str, str]:
    """The code of each generated op test, with what stands around it."""
    rows, frame = registry(), frame_of_tests()
    variations = {variation.id: variation for variation in analysis.inventory.variations}
    texts = {}
    for test, id_ in variation_of.items():
        variation = variations.get(id_)
        row = rows.get(variation.op) if variation else None
        text = lowering_text(variation, row) if variation and row else ""
        if text:
            texts[test] = frame + text
    return texts


def folder_texts(folder: Path, analysis: Analysis, variation_of: Mapping[str, str]) -> dict[str, str]:
    """The same for the tests of a folder: op tests that nobody has changed, and module tests with all they read."""
    manifest = read_manifest(folder)

    def is_ours(path: str) -> bool:
        file = folder / path
        return path in manifest and file.is_file() and digest(file.read_bytes()) in manifest[path]

    if not is_ours("tests/conftest.py"):
        return {}
    ours = {path for path in {test.partition("::")[0] for test in variation_of} if is_ours(path)}
    texts = op_test_texts(analysis, variation_of)
    return {
        **{test: text for test, text in texts.items() if test.partition("::")[0] in ours},
        **module_test_texts(folder, analysis),
    }


def generated_tests(folder: Path, variation_of: Mapping[str, str]) -> frozenset[str]:
    """All tests that were generated: of ops, of modules, and of the whole model."""
    of_modules = [entry.test for entry in read_module_index(folder).entries]
    return frozenset((*variation_of, *of_modules, *((FUNCTIONAL_TEST,) if of_modules else ())))


def has_only(tests: Path, generated: Iterable[str]) -> bool:
    """Whether no file of tests is there but generated ones."""
    files = {test.partition("::")[0] for test in generated}
    return all(path.relative_to(tests.parent).as_posix() in files for path in tests.rglob("test_*.py"))


def known_results(
    cache: ResultCache, texts: Mapping[str, str], modes: tuple[str, ...], variation_of: Mapping[str, str]
) -> tuple[Result, ...]:
    """What earlier runs settled, perhaps of another model: the variation is this folder's."""
    found = []
    for test, text in texts.items():
        for mode in modes:
            result = cache.find(text, mode)
            if result:
                found.append(replace(result, test=test, variation=variation_of.get(test, "")))
    return tuple(found)


def module_test_texts(folder: Path, analysis: Analysis) -> dict[str, str]:
    """For each module test everything that any of them reads; none where the model is code of a person's."""
    library = _LIBRARIES.get(analysis.info.source)
    is_random = not analysis.info.weights or analysis.info.weights == "random"
    if library is None or not is_random or "--weights" in dict(analysis.info.options):
        return {}
    files = [path for part in ("tests", "tt", "reference") for path in (folder / part).rglob("*") if path.is_file()]
    read = sorted(path.relative_to(folder).as_posix() for path in files if "__pycache__" not in path.parts)
    everything = digest(
        "\0".join(
            f"{path}\0{digest((folder / path).read_bytes())}" for path in read if not path.startswith("tests/ops/")
        ).encode()
    )
    version = importlib.metadata.version(library)
    tests = generated_tests(folder, {})
    return {test: "\0".join((library, version, everything, test)) for test in tests}


def frame_of_tests() -> str:
    """A hash of what stands around the code of every generated op test."""
    folder = templates_folder() / "tests"
    return "".join(digest(path.read_bytes()) for path in sorted(folder.rglob("*.jinja")))
