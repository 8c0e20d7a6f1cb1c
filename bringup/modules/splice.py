"""One function of a generated file made again, whatever a person did with the others."""

from __future__ import annotations

import ast

from bringup.errors import UsageError


def function_names(text: str) -> tuple[str, ...]:
    """The functions of a file, in order."""
    return tuple(node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))


def splice(current: str, made: str, name: str) -> str:
    """The current file with one function as it is made now.

    Raises:
        UsageError: the function is not in both, or the current file is not Python.
    """
    lines = current.splitlines(keepends=True)
    first, last = _lines_of(current, name, "the file as it is")
    new_first, new_last = _lines_of(made, name, "the model")
    return "".join((*lines[: first - 1], *made.splitlines(keepends=True)[new_first - 1 : new_last], *lines[last:]))


def _lines_of(text: str, name: str, where: str) -> tuple[int, int]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise UsageError(
            f"{where} is not Python: {error.msg} in line {error.lineno}", next_step="mend it first"
        ) from error
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno, node.end_lineno or node.lineno
    listed = ", ".join(function_names(text))
    raise UsageError(f"there is no function {name} in {where}", next_step=f"it has: {listed}")
