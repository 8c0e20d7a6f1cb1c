"""Text that comes from a model cannot break out of the file it is printed in."""

from __future__ import annotations

import ast

import pytest

from bringup.markdown import escape_cell, inline_code
from bringup.python_text import identifier, literal, plain

HOSTILE = [
    "quote \" and ' end",
    'triple """ quotes',
    "back\\slash",
    "new\nline",
    "tick ` and ``` ticks",
    "pipe | cell",
    "<script>alert(1)</script>",
    "[link](javascript:x) ![i](x)",
    "../../etc/passwd",
    "ünïcode 模型 \u202e right to left",
    "# heading",
    "- item",
    "{{ template }}",
    "class",
    "1x1",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_that_text_again(text):
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_identifier_is_one(text):
    assert ast.parse(f"{identifier(text)} = 1")


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_fits_a_docstring(text):
    module = ast.parse(f'"""{plain(text)}"""')
    assert len(module.body) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_a_cell(text):
    for rendered in (escape_cell(text), inline_code(text)):
        assert "\n" not in rendered
        assert "|" not in rendered.replace("\\|", "")
    assert "<" not in escape_cell(text).replace("\\<", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [((1,), "(1,)"), ((1, 2), "(1, 2)"), ([1, "a"], '[1, "a"]'), (None, "None"), (True, "True"), (1e-5, "1e-05")],
)
def test_literals(value, text):
    assert literal(value) == text


def test_infinity_is_a_call():
    assert literal(float("-inf")) == 'float("-inf")'
