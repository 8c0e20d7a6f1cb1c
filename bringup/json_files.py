"""The JSON form of the dataclasses: one element of a long list a line, so that a person can read it and diff it."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bringup.errors import FolderError
from bringup.printable import visible

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(class_: Any) -> TypeAdapter[Any]:
    """Made once per class: that costs more than reading most files."""
    if class_ not in _ADAPTERS:
        _ADAPTERS[class_] = TypeAdapter(class_)
    return _ADAPTERS[class_]


def to_data(value: Any) -> Any:
    """A dataclass as plain lists, dicts and scalars."""
    return _adapter(type(value)).dump_python(value, mode="json")


def to_json(value: Any) -> str:
    """A dataclass as JSON text; every element of its lists stands on a line of its own."""
    data = value if isinstance(value, dict) else to_data(value)
    entries = [f"{json.dumps(key)}: {_entry(item)}" for key, item in data.items()]
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _entry(item: Any) -> str:
    if isinstance(item, list) and item:
        return "[\n" + ",\n".join(f"  {json_text(element)}" for element in item) + "\n]"
    return json_text(item)


def json_text(item: Any) -> str:
    """JSON on one line that can be read on a terminal: what cannot be seen is escaped, and reads back the same.

    Surrogates by themselves, which JSON has no form for, read back as they are shown.
    """
    text = json.dumps(item, ensure_ascii=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return json.dumps(visible(character))[1:-1]
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


def from_json(class_: type[T], text: str, where: str) -> T:
    """The dataclass that a JSON text holds.

    Raises:
        FolderError: the text is not JSON, or not of this class.
    """
    try:
        found: T = _adapter(class_).validate_json(text)
        return found
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][:4])
        raise FolderError(
            f"not a {class_.__name__}: {first['msg']} at {place or 'the start'}",
            where=where,
            next_step="make the folder again with `bringup init`",
        ) from error
