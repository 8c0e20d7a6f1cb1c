"""Whose a failure is, and in which words."""

from __future__ import annotations

import pytest

from bringup.target.failures import failure_of, ttnn_words
from bringup.target.findings import HostTensorError, NotJudged

FATAL = """TT_FATAL @ /project/ttnn/cpp/ttnn/operations/x.cpp:47: a.x < b.x && c
info:
Out of Memory: Not enough space
to allocate 5 B
backtrace:
 --- tt::tt_metal::Allocator::allocate(unsigned long)
"""


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (RuntimeError(FATAL), "rejected", "Out of Memory: Not enough space to allocate 5 B"),
        (RuntimeError("TT_FATAL @ /project/x.cpp:4: rank == 4\nbacktrace:\n --- x"), "rejected", "rank == 4"),
        (TypeError("\nttnn.gt(): incompatible function arguments.\n\nCalled with:\n  gt(float)\n\nAvailable"), "rejected", "incompatible function arguments: gt(float)"),
        (RuntimeError("TT_THROW @ /x.cpp:1: build\ninfo:\nFailed to generate binaries for relu Failed to write file: /c/k.h\n"), "environment", "kernels cannot be written here"),
        (OSError(28, "No space left on device"), "environment", "No space left on device"),
        (AssertionError("PCC computed 0.5, required 0.99\nassert False"), "wrong value", "PCC computed 0.5, required 0.99"),
        (HostTensorError("ttnn.relu: operand 0 is a host tensor"), "mistake", "host tensor"),
        (NotJudged("no golden"), "not judged", "no golden"),
        (KeyError("x"), "error", "KeyError: 'x'"),
        (TypeError("f() takes 1 argument"), "error", "TypeError: f() takes 1 argument"),
    ],
)  # fmt: skip
def test_whose_it_is(error, kind, words):
    failure = failure_of(error, "ttnn.relu(x)")
    assert failure.kind == kind
    assert words in failure.words
    assert " --- " not in failure.words and "/project/" not in failure.words


def test_words_of_ttnn_have_no_frames_and_no_line_breaks():
    assert ttnn_words(FATAL) == "Out of Memory: Not enough space to allocate 5 B"
