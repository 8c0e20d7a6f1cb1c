"""Results of earlier runs, by everything that they depend on: a second model costs only what is new in it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from bringup.check.results import Environment, Result
from bringup.target.caches import wanted_cache_folder


@dataclass(frozen=True, slots=True)
class ResultCache:
    """A folder of results, one file each. What cannot be read is not there; what cannot be written is not kept."""

    folder: Path
    environment: Environment

    @classmethod
    def of_user(cls, environment: Environment) -> ResultCache:
        """The cache in the user's cache folder."""
        return cls(wanted_cache_folder() / "results", environment)

    def find(self, text: str, mode: str) -> Result | None:
        """The result of a test's text in a mode."""
        try:
            data = json.loads(self._path(text, mode).read_bytes())
            result = Result(**data["result"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return result if data.get("key") == self._key(text, mode) else None

    def keep(self, text: str, mode: str, result: Result) -> None:
        """Keep a result that depends on nothing but its key: a pass, or a refusal in ttnn's own words."""
        if result.outcome != "passed" and result.kind != "rejected":
            return
        path = self._path(text, mode)
        content = json.dumps({"key": self._key(text, mode), "result": asdict(replace(result, seconds=0.0))})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, suffix=".new") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            return

    def _path(self, text: str, mode: str) -> Path:
        key = self._key(text, mode)
        return self.folder / key[:2] / f"{key[2:]}.json"

    def _key(self, text: str, mode: str) -> str:
        parts = [text, mode, _our_code(), json.dumps(asdict(self.environment), sort_keys=True)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _our_code() -> str:
    """A hash of the code that gives values: a mended reference function makes old results void."""
    folder = Path(__file__).parent.parent / "target"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".sh"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
