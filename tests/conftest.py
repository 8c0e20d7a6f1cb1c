"""What several tests need: traced models, each traced once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bringup.analysis import Analysis, analyse
from bringup.ops.routes import registry_rows
from bringup.sources import LoadOptions, load
from bringup.trace import trace

MODELS = Path(__file__).parent / "models"


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write tests/golden again")


@cache
def analysis_of(spec: str, level: str = "ttnn", **options) -> Analysis:
    """A model traced and judged; cached, for tracing takes seconds."""
    loaded = load(spec, LoadOptions(**options))
    flags = [("--set", text) for text in options.get("settings", ())] + [
        ("--input", text) for text in options.get("inputs", ())
    ]
    flags += [("--dtype", options["dtype"])] if options.get("dtype") else []
    return analyse(replace(loaded.info, options=tuple(flags)), trace(loaded, level, rows=registry_rows()))


@pytest.fixture
def analysed():
    return analysis_of


@pytest.fixture
def models() -> Path:
    """The folder with the tests' own models."""
    return MODELS
