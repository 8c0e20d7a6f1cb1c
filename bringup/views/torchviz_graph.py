"""torchviz's graph of autograd functions, for any form of output."""

from __future__ import annotations

import gc
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import torch

from bringup.plan.module_graph import quote_dot
from bringup.sources.loaded import Loaded
from bringup.sources.user_code import stops_as_errors
from bringup.views.time_limit import end_thread
from bringup.views.torchinfo_table import one_line, reason

_EDGE = re.compile(r"\t(\d+) -> (\d+)")
_NODE = re.compile(r"\t(\d+) \[")
_HTML_LABEL = re.compile(r"\[label=(<.*>)(?= \w+=|\])", re.DOTALL)
_NESTED_CALLS = 100_000
_STACK_BYTES = 256 * 1024 * 1024
_HEADER = (
    "digraph {\n"
    "\tgraph [ranksep=0.25]\n"
    "\tnode [style=filled, shape=box, align=left, fontsize=10, height=0.2, fontname=monospace]\n"
)


@dataclass(frozen=True, slots=True)
class DotResult:
    """A graph in dot's language with its number of nodes, or why there is none."""

    text: str
    nodes: int = 0
    problem: str = ""


def torchviz_dot(loaded: Loaded) -> DotResult:
    """The graph of a forward with gradients, from the parameters to the outputs.

    Node names are addresses in torchviz: they are numbered in the order of their appearance, so that the text is the
    same in every run.
    """
    named = tuple(loaded.model.named_parameters())
    required = [parameter.requires_grad for _, parameter in named]
    gc.freeze()  # so that the collection below looks at what this function made, not at all of torch
    try:
        for _, parameter in named:
            if parameter.is_floating_point() or parameter.is_complex():
                parameter.requires_grad_(True)
        with stops_as_errors():
            statements = _statements(loaded, {one_line(name).replace("\\", "/"): p for name, p in named})
    except Exception as error:  # the model's own code runs here
        return DotResult("", problem=reason("torchviz", error))
    finally:
        for (_, parameter), flag in zip(named, required, strict=True):
            parameter.requires_grad_(flag)
        # torchviz's functions hold each other, and with them the autograd graph with all its activations.
        gc.collect()
        gc.unfreeze()
    if not statements:
        return DotResult("", problem="no output depends on a parameter, so torchviz has nothing to draw")
    numbered, nodes = _number(statements)
    return DotResult(f"{_HEADER}{''.join(numbered)}}}\n", nodes)


def _statements(loaded: Loaded, parameters: dict[str, torch.nn.Parameter]) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchviz import make_dot

        with torch.enable_grad():
            output = loaded.model(*loaded.args, **loaded.kwargs)
        outputs = tuple(tensor for tensor in _tensors(output) if tensor.grad_fn is not None)
        return list(_run_deep(lambda: make_dot(outputs, params=parameters)).body) if outputs else []


def _tensors(output: Any) -> Iterator[torch.Tensor]:
    """The tensors of an output of any form: ModelOutput, dict, dataclass, list, tuple."""
    if isinstance(output, torch.Tensor):
        yield output
    elif isinstance(output, Mapping):
        for value in output.values():
            yield from _tensors(value)
    elif isinstance(output, (list, tuple)):
        for value in output:
            yield from _tensors(value)
    elif is_dataclass(output):
        for field in fields(output):
            yield from _tensors(getattr(output, field.name))


def _run_deep(function: Callable[[], Any]) -> Any:
    """Call in a thread with a large stack: torchviz recurses along the graph, and 80 layers make it 3,000 deep."""
    results: list[Any] = []
    errors: list[BaseException] = []
    is_done = threading.Event()

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:  # handed on below, in the thread that asked
            errors.append(error)
        finally:
            is_done.set()

    limit, stack = sys.getrecursionlimit(), threading.stack_size()
    try:
        sys.setrecursionlimit(max(limit, _NESTED_CALLS))
        threading.stack_size(_STACK_BYTES)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            is_done.wait()
        finally:
            end_thread(thread, is_done)
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


def _number(statements: list[str]) -> tuple[list[str], int]:
    """Statements with nodes named `n0`, `n1`, ..., and the number of nodes."""
    numbers: dict[str, str] = {}

    def name(address: str) -> str:
        return numbers.setdefault(address, f"n{len(numbers)}")

    found = []
    for statement in statements:
        edge, node = _EDGE.match(statement), _NODE.match(statement)
        if edge is not None:
            found.append(f"\t{name(edge[1])} -> {name(edge[2])}{statement[edge.end() :]}")
        elif node is not None:
            found.append(f"\t{name(node[1])} [{_plain_label(statement[node.end() - 1 :])[1:]}")
    return found, len(numbers)


def _plain_label(attributes: str) -> str:
    """A class may be called `<b>`: that is a name, no markup; and a label stands on one line of the file."""
    plain = _HTML_LABEL.sub(lambda match: f"[label={quote_dot(match[1])}", attributes)
    return plain.rstrip("\n").replace("\n ", "\\n").replace("\n", "\\n") + "\n"
