"""Text that comes from a model cannot break out of the file it is printed in."""

from __future__ import annotations

import ast

import pytest

from bringup.errors import RenderError
from bringup.markdown import escape_cell, inline_code
from bringup.python_text import identifier, keyword_argument, literal, plain
from bringup.render import format_python

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


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("y = 2\nf(a=1, 2)\n", "Positional argument cannot follow keyword argument: f(a=1, 2)", 2),
        ("def f(:\n    pass\n", "def f(:", 1),
        ("y = 2\nf(a=1,", "unexpected EOF", 2),
    ],
)
def test_what_is_not_python_is_shown_in_ruffs_words_with_its_line(text, words, line):
    with pytest.raises(RenderError) as caught:
        format_python({"tt/good.py": "x = 1\n", "tt/bad.py": text})
    assert words in caught.value.what
    assert caught.value.where == f"tt/bad.py:{line}"


def test_an_argument_may_be_called_as_no_identifier_may():
    called = eval(f"dict({keyword_argument('from', '0')}, {keyword_argument('to', '1')})")
    assert called == {"from": 0, "to": 1}
