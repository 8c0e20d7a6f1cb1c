"""Names in generated functions: those of the model where its lines give them, never numbered where it can be helped."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Mapping, Sequence

from bringup.ir import SourceLine
from bringup.modules.functions import Option
from bringup.modules.loops import Loop, Step
from bringup.modules.program import ModuleCall, Statement
from bringup.python_text import identifier, snake_words

_ASSIGNMENT = re.compile(r"^\s*([A-Za-z_][\w\s,]*?)\s*(?::[^=]+)?[-+*/|&@]?=(?!=)")
_RESERVED = frozenset({"parameters", "device", "torch", "ttnn", "self", *dir(builtins), *keyword.kwlist})

RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
HELPERS = (
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "max_pool2d",
    "avg_pool2d",
    "adaptive_avg_pool2d",
    "complex_matmul",
    "complex_multiply",
    "upsample",
    *RECURRENT,
)
"""The functions of `tt/layers.py`, which neither a module of the model nor a tensor may hide."""


def snake_case(name: str) -> str:
    """`BertSelfAttention` -> `bert_self_attention`; `MobileNetV2` -> `mobilenet_v2`."""
    return safe(snake_words(name))


def safe(name: str) -> str:
    """An identifier that hides nothing that generated code needs."""
    found = identifier(name)
    return f"{found}_" if found in _RESERVED else found


def assigned_names(line: SourceLine | None) -> tuple[str, ...]:
    """The names on the left of the line's assignment: `q, k = ...` gives two."""
    match = _ASSIGNMENT.match(line.code) if line is not None and not line.file.startswith("torch/") else None
    if match is None:
        return ()
    names = [part.strip() for part in match[1].split(",")]
    return tuple(safe(name) for name in names if re.fullmatch(r"[A-Za-z]\w*", name))


def name_values(
    inputs: Sequence[tuple[str, str]],
    steps: Sequence[Step],
    outputs: Collection[str],
    hints: Mapping[str, str],
    taken: Collection[str],
    option: Option | None,
) -> dict[str, str]:
    """A name for each value of a function.

    A name is given again as soon as the tensor that had it is not read any more.

    Args:
        inputs: The function's inputs with their names.
        steps: Its statements in order.
        outputs: What it returns.
        hints: What a value would best be called.
        taken: Names of functions, which no tensor may hide.
    """
    names, given = dict(inputs), {value for value, _ in inputs}
    last_read = {value: index for index, step in enumerate(steps) for value in step.uses()}
    last_read.update(dict.fromkeys(outputs, len(steps)))
    holder = {name: value for value, name in inputs}
    for index, step in enumerate(steps):
        for value in step.outputs:
            wanted = _candidates(step, value, hints, names, last_read, index)
            if isinstance(step, Loop) and step.carried in given and value in hints and hints[value] in wanted:
                wanted = [hints[value], *wanted]
            if option is not None and value == option.result:
                # It is given to the source's value first, before the optional steps: nothing they read may have it.
                start = option.start
                if last_read.get(option.source, -1) <= index:
                    wanted = [*wanted[: int(value in hints)], names[option.source], *wanted]
                wanted = [
                    n for n in wanted if n == names[option.source] or last_read.get(holder.get(n, ""), -1) < start
                ]
            name = next(
                (n for n in wanted if _is_free(n, holder, last_read, index, step, names) and n not in taken), None
            )
            if name is None:
                name = _numbered(wanted[0], holder, last_read, index, taken)
            names[value] = name
            holder[name] = value
        if isinstance(step, Loop):
            names[step.result] = names[step.outputs[0]]
            alive = {name for name, value in holder.items() if last_read.get(value, -1) > index}
            read = {names[value] for value in step.uses() if value in names}
            names.update(_name_round(step, hints, names, {*alive, *read, *taken, names[step.result]}))
    return names


def _name_round(
    loop: Loop, hints: Mapping[str, str], outside: Mapping[str, str], taken: Collection[str]
) -> dict[str, str]:
    """Names for what a round of a loop makes for itself; none that the next round still reads."""
    names = dict(outside)
    last_read = {value: index for index, item in enumerate(loop.body) for value in item.uses()}
    holder: dict[str, str] = {}
    made = [(index, item, value) for index, item in enumerate(loop.body) for value in item.outputs]
    for index, item, value in made:
        if value == loop.result:
            continue
        candidates = _candidates(item, value, hints, names, last_read, index)
        wanted = [name for name in candidates if name not in taken]
        free = (name for name in wanted if _is_free(name, holder, last_read, index, item, names))
        names[value] = next(free, None) or _numbered([*wanted, *candidates][0], holder, last_read, index, taken)
        holder[names[value]] = value
    return {value: names[value] for _, _, value in made}


_NOUNS = {
    "scaled_dot_product_attention": "context", "matmul": "product", "bmm": "product", "mm": "product", "softmax": "weights", "embedding": "embedded",
    "arange": "positions", "cat": "joined", "stack": "stacked", "mean": "mean", "pow": "power", "rsqrt": "rsqrt", "full": "filled", "where": "chosen",
    "cos": "cos", "sin": "sin", "ones": "ones", "zeros": "zeros", "new_ones": "ones", "new_zeros": "zeros",
}  # fmt: skip
"""What an op makes, where that is another thing than what it reads."""
_GENERIC = frozenset({*_NOUNS.values(), "output", "result", "value"})


def noun(op: str) -> str:
    """What an op's output is called when nothing better is known; empty when it goes by its operand's name."""
    return _NOUNS.get(op, op)


def _candidates(
    step: Step, value: str, hints: Mapping[str, str], names: Mapping[str, str], last_read: Mapping[str, int], index: int
) -> list[str]:
    dying = [names[v] for v in step.uses() if v in names and last_read.get(v) == index]
    dying.sort(key=lambda name: name in _GENERIC)
    if isinstance(step, Loop):
        dying = [names[step.carried]] if last_read.get(step.carried) == index else []
        others = {names[read] for read in step.uses() if read != step.carried and read in names}
        found = [*dying, *([hints[value]] if value in hints else []), "output", "result", "value"]
        return [name for name in found if name not in others]
    if isinstance(step, ModuleCall):
        # A mask or a position that dies here is no name for what the module makes.
        dying = [name for name in dying if name == names.get(next(iter(step.uses()), ""))]
    found = [hints[value]] if value in hints else []
    own = [safe(step.hint)] if isinstance(step, Statement) and step.hint else []
    is_new = (
        bool(own) and isinstance(step, Statement) and (step.hint in _NOUNS.values() or step.hint.startswith("torch_"))
    )
    found += [*own, *dying[:1]] if is_new else [*dying[:1], *own]
    return [*found, "output", "result", "value"]


def _is_free(
    name: str, holder: Mapping[str, str], last_read: Mapping[str, int], index: int, step: Step, names: Mapping[str, str]
) -> bool:
    value = holder.get(name)
    if value is None:
        return True
    return last_read.get(value, -1) <= index and value not in step.outputs


def _numbered(
    base: str, holder: Mapping[str, str], last_read: Mapping[str, int], index: int, taken: Collection[str]
) -> str:
    number = 2
    while f"{base}_{number}" in taken or last_read.get(holder.get(f"{base}_{number}", ""), -1) > index:
        number += 1
    return f"{base}_{number}"
