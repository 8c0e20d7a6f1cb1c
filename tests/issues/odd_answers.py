"""Answers that are not of the form that GitHub describes, and headers that no server should send."""

from __future__ import annotations

import copy
import json
import random

ALWAYS_WRONG = (
    b"", b"null", b"1", b"-1.5e400", b"true", b'"issues"', b"[1]", b"[null]", b"[[]]", b"[{}]", b"{}", b'{"items": []}', b"<html>unicorn</html>",
    b"[" * 100_000, b'{"message": "fine"}', b'{"total_count": 0, "items": []}', b'{"number": 1}', b"\xff\xfe", b'{"login": ""}', b"[] []",
    b'{"full_name": "octo/ops"}', b'"' + b"x" * 100_000, b"NaN", b'{"number": "1", "title": 1}', b'[{"name": null}]',
)  # fmt: skip
"""For every call that we make: none of them is the form of its answer."""
USED = {
    "number", "title", "body", "state", "html_url", "created_at", "closed_at", "name", "login", "full_name", "archived", "has_issues",
    "items", "total_count", "incomplete_results", "id",
}  # fmt: skip
WRONG = (None, {}, [], [1], 1.5, -1, {"a": 1}, True, "", "\u202e", 10**30)
HEADERS = (
    {"x-ratelimit-remaining": "many"}, {"x-ratelimit-reset": "nan"}, {"retry-after": "soon"}, {"retry-after": "inf"}, {"x-oauth-scopes": ""},
    {"link": '<x>; rel="next"'}, {"location": "ftp://elsewhere/"}, {"content-encoding": "gzip"}, {"x-ratelimit-limit": "-"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "nan", "x-ratelimit-limit": "1"},
)  # fmt: skip


def odd_answer(dice: random.Random):
    """Makes a wrong answer of a right one: `made(status, data, headers)`."""
    kind = dice.choice(("always", "missing", "wrong"))

    def made(status: int, data, headers):
        changed = copy.deepcopy(data)
        owners = [owner for owner in _owners(changed) if kind != "always"]
        if not owners:
            return status, dice.choice(ALWAYS_WRONG), headers
        owner = dice.choice(owners)
        key = dice.choice(sorted(USED & set(owner)))
        if kind == "missing":
            del owner[key]
        else:
            owner[key] = dice.choice([v for v in WRONG if not _is_right(key, v)])
        return status, json.dumps(changed).encode(), headers

    return made


def _owners(data) -> list[dict]:
    """The objects of an answer that hold what is used: its own, or those of its list."""
    if isinstance(data, list):
        return [entry for entry in data if {"body", "name"} & set(entry)]
    if not isinstance(data, dict) or not USED & set(data):
        return []
    return [data, *data.get("items", ())]


def _is_right(key: str, value) -> bool:
    """Whether a value may stand there for all that the description says."""
    texts = ("title", "html_url", "name") if value == "" or value == "\u202e" else ()
    texts = (*texts, "login", "body") if value == "\u202e" else (*texts, "body") if value == "" else texts
    nullable = ("body", "closed_at") if value is None else ()
    numbers = (
        ("id",)
        if value == -1 and not isinstance(value, bool)
        else ("id", "number", "total_count")
        if value == 10**30
        else ()
    )
    kinds = ("items",) if value == [] else ("archived", "has_issues", "incomplete_results") if value is True else ()
    return key in (*texts, *nullable, *numbers, *kinds)
