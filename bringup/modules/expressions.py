"""Expressions of statements as trees, for what is asked of a value by the calls that make it."""

from __future__ import annotations

import ast

from bringup.modules.program import Literal, Parts, Place, Use

_NAME = "part_{}_of_the_expression"


def tree_of(expression: Parts) -> tuple[ast.expr, dict[str, Use | Place]]:
    """The expression's tree, and what the names in it stand for that are tensors, weights or arguments of a call."""
    names: dict[str, Use | Place] = {}
    text = ""
    for index, part in enumerate(expression):
        if isinstance(part, str):
            text += part
        elif isinstance(part, Literal):
            text += f", {part.name}=None" if part.is_keyword else "None"
        else:
            name = _NAME.format(index)
            names[name] = part
            text += name
    return ast.parse(text.strip(), mode="eval").body, names


def call_name(node: ast.expr) -> str:
    """What a call calls, `ttnn.reshape`, `conv2d`; empty for what is no call."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def elements(node: ast.expr) -> tuple[ast.expr, ...]:
    """The values that an expression may be: elements of a list, branches of a choice, else itself."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(node.elts)
    if isinstance(node, ast.IfExp):
        return node.body, node.orelse
    if isinstance(node, (ast.Subscript, ast.Starred, ast.Attribute)):
        return (node.value,)
    return ()
