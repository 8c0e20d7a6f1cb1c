"""What went wrong in a TT-NN program, in few words."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Literal

from bringup.target.findings import EmulationError, NotJudged

Kind = Literal["rejected", "wrong value", "mistake", "not judged", "environment", "crash", "timeout", "error"]
"""`rejected`: ttnn refused the call; `mistake`: one that ttnn dies of or lets pass; `error`: the test's own;
`environment`: the machine's, so that nothing is known of the program."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure.

    Args:
        kind: Whose it is.
        words: In ttnn's words, or ours; without a backtrace.
        call: The ttnn call that was refused, with its operands; empty when it was none.
    """

    kind: Kind
    words: str
    call: str

    def as_dict(self) -> dict[str, str]:
        """For a report."""
        return asdict(self)


_NO_MEMORY = ("DefaultCPUAllocator", "std::bad_alloc")
"""How torch and C++ say that the host's memory is not enough; a board's own is ttnn's answer to a call."""


def failure_of(error: BaseException, call: str) -> Failure:
    """A test's exception as a failure."""
    if isinstance(error, NotJudged):
        return Failure("not judged", str(error), "")
    if isinstance(error, EmulationError):
        return Failure("mistake", str(error), call)
    if isinstance(error, AssertionError):
        return Failure("wrong value", str(error).split("\n")[0], "")
    if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
        return Failure("environment", "the test needs more memory than there is for it on this machine", "")
    if is_of_the_machine(error):
        words = f"kernels cannot be written here: {ttnn_words(str(error))}; free space, or set BRINGUP_CACHE"
        return Failure("environment", words, "")
    if is_refusal(error):
        return Failure("rejected", ttnn_words(str(error)), call)
    return Failure("error", f"{type(error).__name__}: {error}", call)


def is_of_the_machine(error: BaseException) -> bool:
    """Whether the disk failed, and ttnn with it: nothing is known of the call."""
    text = str(error)
    return isinstance(error, OSError) or any(
        words in text for words in ("Failed to generate binaries", "Failed to write", "No space left", "build failed")
    )


def is_refusal(error: BaseException) -> bool:
    """Whether an exception is ttnn's own answer to a call."""
    text = str(error)
    if isinstance(error, TypeError):
        return "incompatible function arguments" in text
    return isinstance(error, (RuntimeError, ValueError)) and ("TT_FATAL" in text or "TT_THROW" in text)


def ttnn_words(text: str) -> str:
    """What ttnn says, without source file and backtrace."""
    text = text.split("backtrace:")[0]
    if "incompatible function arguments" in text:
        called = re.search(r"Called with:\s*(.+)", text)
        return "incompatible function arguments" + (f": {called.group(1).strip()}" if called else "")
    head, _, info = text.partition("info:")
    condition = re.sub(r"^TT_(FATAL|THROW) @ \S+:\d+: ?", "", head.strip())
    words = " ".join(info.split()) or condition
    return words if words else " ".join(text.split())
