"""Pytest plugin: leaves out the tests whose results are known."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's option."""
    parser.addoption("--bringup-leave-out", default="", help="File with ids of tests that are not run.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take them out."""
    path = config.getoption("--bringup-leave-out")
    known = set(Path(path).read_text(encoding="utf-8").splitlines()) if path else set()
    items[:] = [item for item in items if item.nodeid not in known]
