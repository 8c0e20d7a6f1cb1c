"""A GitHub on loopback, and persons with folders."""

from __future__ import annotations

import pytest
from folders import make_folder
from github_server import GitHubServer
from person import Person


@pytest.fixture
def github():
    """A running server that checks every call against GitHub's description."""
    with GitHubServer().running() as server:
        yield server


@pytest.fixture
def person(github, tmp_path, monkeypatch):
    """Makes persons: `person("alpha", ops)`."""
    monkeypatch.setenv("GITHUB_TOKEN", "good-token")

    def make(name: str, ops=("aten.mode.default", "aten.multinomial.default"), **more) -> Person:
        return Person(github, make_folder(tmp_path, name, ops, **more))

    return make
