"""Mutants of lowerings: small faults in the ttnn statements of a row, and whether the row's table of cases sees them.

A fault is planted in the text that all variations of a route share, so a mutant is a row that is wrong in one place. It
counts as caught when one case of the route fails in exact mode: by another value or shape, or by ttnn's refusal.

Not made, because the right program and the mutant are the same one:

- swapped operands of an op that is commutative (`COMMUTATIVE`);
- a dropped argument whose value in every case is ttnn's own default (`DEFAULTS`);
- a dropped reshape that in every case only puts dimensions of 1 in front, for a call that does so itself (`LINES_UP`);
- what no value of the result depends on (`UNSEEN`);
- dropped calls that change no value in exact mode (`NEUTRAL`): typecasts and layouts;
- arguments that only say where and how a tensor is kept, or added up (`PLACEMENT`): values in exact mode do not
  depend on them; what they lose is in tests/target/test_accumulation.py.
"""

from __future__ import annotations

import ast
import copy
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trial import Trial, trial_board

from bringup.coverage import judge_variation
from bringup.lines.read import read_line
from bringup.ops.registry import registry
from bringup.ops.spec import Lowering

COMMUTATIVE = {
    f"ttnn.{name}"
    for name in (
        "add", "multiply", "maximum", "minimum", "eq", "ne", "logical_and", "logical_or", "logical_xor", "bitwise_and",
        "bitwise_or", "bitwise_xor", "hypot", "gcd", "lcm", "logaddexp", "logaddexp2",
    )
}  # fmt: skip
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "keepdim": (False,), "alpha": (1, 1.0), "value": (1, 1.0), "dilation": ((1, 1), [1, 1], 1, (1, 1, 1)), "groups": (1,),
    "padding": ((0, 0), [0, 0], 0, (0, 0, 0)), "stride": ((1, 1), 1, (1, 1, 1)), "ceil_mode": (False,),
    "count_include_pad": (True,), "output_padding": ((0, 0),), "correction": (True,), "descending": (False,),
    "diagonal": (0,), "mode": ("nearest",), "rounding_mode": (None,), "padding_mode": ("zeros",), "training": (False,),
    "is_causal": (True,), "ttnn.softmax dim": (-1,), "ttnn.sort dim": (-1,), "ttnn.topk dim": (-1,), "ttnn.split dim": (0,),
    "ttnn.concat dim": (0,), "align_corners": (False,),
}  # fmt: skip
"""By keyword, or by op and keyword."""
PLACEMENT = {
    "dtype", "layout", "device", "memory_config", "return_output_dim", "inplace", "compute_config", "compute_kernel_config",
}  # fmt: skip
NEUTRAL = {
    "ttnn.to_layout",
    "ttnn.typecast",
    "ttnn.sharded_to_interleaved",
    "ttnn.is_sharded",
    "ttnn.from_torch",
    "ttnn.clone",
    "ttnn.identity",
}
"""Calls that change no value in exact mode."""
LINES_UP = {
    f"ttnn.{name}" for name in ("repeat", "add", "subtract", "multiply", "where", "eq", "ne", "gt", "ge", "lt", "le")
}
"""Calls that line the dimensions of their operands up from the last."""
_FILL = "ttnn.pad: argument 2 off by one"
_POOLS_3D = ("aten.max_pool3d.default", "aten.max_pool3d_with_indices.default")
UNSEEN = (
    (("aten.conv3d.default", "aten.conv3d.padding", "aten.convolution.default"), _FILL, "{fill}"),  # of weight 0
    (("aten.grid_sampler.default", "aten.grid_sampler_2d.default"), _FILL, "{around}"),  # channels that are cut off
    # A softmax is the same when all its logits are higher by one number, and what is added to values is cut off.
    (("aten.scaled_dot_product_attention.default",), _FILL, "{padding}"),
    (("aten.dot.default",), "ttnn.matmul: operands swapped", "ttnn.matmul(input, tensor"),  # of two vectors
    (_POOLS_3D, "ttnn.max_pool2d: dilation off by one", "dilation=[{dilation}[0], 1]"),  # along a kernel's size of 1
    (_POOLS_3D, "ttnn.reshape: call dropped", "(1, 1, batch_size * depth"),  # the shape of a pool's output
)
"""Faults that no value of the result depends on: ops, fault, and what stands in the call."""
_PLACEHOLDER = "value_of_"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A route with one fault.

    Args:
        op: The row.
        route: The statements of the row, as they are.
        fault: What was done: `ttnn.softmax: dim dropped`.
        statements: The mutated statements, placeholders as they were.
        place: The call with the fault, in the order of `_calls`.
    """

    op: str
    route: tuple[str, ...]
    fault: str
    statements: tuple[str, ...]
    place: int = 0


def mutants(op: str, route: tuple[str, ...]) -> Iterator[Mutant]:
    """All mutants of a route."""
    tree = _parse(route)
    for index, call in enumerate(_calls(tree)):
        for fault, change in _faults(call):
            mutated = copy.deepcopy(tree)
            twin = _calls(mutated)[index]
            replacement = change(twin)
            if replacement is not None:
                mutated = _Replace(twin, replacement).visit(mutated)
            yield Mutant(op, route, f"{_name(call)}: {fault}", _print(ast.fix_missing_locations(mutated)), index)


def _calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node).startswith("ttnn.")]


def _parse(route: tuple[str, ...]) -> ast.Module:
    return ast.parse(re.sub(r"\{(\w+)\}", rf"{_PLACEHOLDER}\1", "\n".join(route)))


def _print(tree: ast.Module) -> tuple[str, ...]:
    return (re.sub(rf"{_PLACEHOLDER}(\w+)", r"{\1}", ast.unparse(tree)),)


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _faults(call: ast.Call) -> Iterator[tuple[str, Any]]:
    name = _name(call)
    if name in NEUTRAL:
        return
    for place in range(1, len(call.args)):
        yield f"argument {place} dropped", _drop_argument(place)
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in PLACEMENT:
            yield f"{keyword.arg} dropped", _drop_keyword(keyword.arg)
    if len(call.args) > 1 and name not in COMMUTATIVE and _is_tensor(call.args[0]) and _is_tensor(call.args[1]):
        yield "operands swapped", _swap
    if call.args and _is_tensor(call.args[0]):
        yield "call dropped", lambda twin: twin.args[0]
    for place, argument in enumerate(call.args[1:], 1):
        if _is_constant(argument):
            yield f"argument {place} off by one", _bump_argument(place)
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in PLACEMENT and _is_constant(keyword.value):
            yield f"{keyword.arg} off by one", _bump_keyword(keyword.arg)


def _is_tensor(node: ast.expr) -> bool:
    """A name that is no value of the lowering, or a call of ttnn."""
    if isinstance(node, ast.Name):
        return not node.id.startswith(_PLACEHOLDER)
    return isinstance(node, ast.Call) and _name(node).startswith("ttnn.")


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float))
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return isinstance(node, (ast.Tuple, ast.List)) or (isinstance(node, ast.Name) and node.id.startswith(_PLACEHOLDER))


def _drop_argument(place: int) -> Any:
    def change(call: ast.Call) -> None:
        del call.args[place]

    return change


def _drop_keyword(name: str) -> Any:
    def change(call: ast.Call) -> None:
        call.keywords = [keyword for keyword in call.keywords if keyword.arg != name]

    return change


def _swap(call: ast.Call) -> None:
    call.args[0], call.args[1] = call.args[1], call.args[0]


def _bumped(value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("off_by_one", ast.Load()), [value], [])


def _bump_argument(place: int) -> Any:
    def change(call: ast.Call) -> None:
        call.args[place] = _bumped(call.args[place])

    return change


def _bump_keyword(name: str) -> Any:
    def change(call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg == name:
                keyword.value = _bumped(keyword.value)

    return change


def off_by_one(value: Any) -> Any:
    """Another value: the other truth value, the next number; of a list, the last number that can be another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.5 + 0.33
    if isinstance(value, (list, tuple)) and not value:
        return type(value)([1])
    if isinstance(value, (list, tuple)):
        return type(value)([*value[:-1], off_by_one(value[-1])])
    return value


def dropped_default(mutant: Mutant, values: dict[str, Any]) -> bool:
    """Whether the fault drops an argument that has ttnn's default in a case with these values."""
    name = mutant.fault.partition(": ")[2].removesuffix(" dropped")
    call = mutant.fault.partition(":")[0]
    defaults = DEFAULTS.get(f"{call} {name}", DEFAULTS.get(name))
    if not mutant.fault.endswith(" dropped") or defaults is None:
        return False
    for keyword in _calls(_parse(mutant.route))[mutant.place].keywords:
        if keyword.arg == name:
            value = keyword.value
            try:
                if isinstance(value, ast.Name) and value.id.startswith(_PLACEHOLDER):
                    return values.get(value.id.removeprefix(_PLACEHOLDER)) in defaults
                return ast.literal_eval(value) in defaults
            except ValueError:
                return False
    return True


def unseen(mutant: Mutant) -> bool:
    """Whether no value of the result depends on the fault."""
    call = _print(ast.Module([ast.Expr(_calls(_parse(mutant.route))[mutant.place])], []))[0]
    return any(mutant.op in ops and mutant.fault == fault and part in call for ops, fault, part in UNSEEN)


def dropped_line_up(trial: Trial, mutant: Mutant, lowerings: list[Lowering]) -> bool:
    """Whether the fault drops a reshape that in every case only puts dimensions of 1 in front, for a call that does so itself."""
    if mutant.fault != "ttnn.reshape: call dropped":
        return False
    tree = _parse(mutant.route)
    reshape = _calls(tree)[mutant.place]
    if not any(_name(call) in LINES_UP and reshape in call.args for call in _calls(tree)):
        return False
    reshape.func = ast.Name("watched", ast.Load())
    seen = []

    def watched(tensor: Any, shape: Any) -> Any:
        seen.append(_without_ones_in_front(tensor.shape) == _without_ones_in_front(shape))
        return ttnn.reshape(tensor, shape)

    import ttnn

    for lowering in lowerings:
        trial.run(lowering, _print(ast.fix_missing_locations(tree)), watched=watched)
    return bool(seen) and all(seen)


def _without_ones_in_front(shape: Any) -> list[int]:
    return list(itertools.dropwhile(lambda size: size == 1, shape))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: `caught` by a case, `missed` by all, or `equivalent` by one of the rules."""

    mutant: Mutant
    standing: str
    words: str = ""


def routes_of(lines: list[dict[str, Any]]) -> dict[tuple[str, tuple[str, ...]], list[Lowering]]:
    """The lowerings of the cases by op and statements."""
    rows = registry()
    found: dict[tuple[str, tuple[str, ...]], list[Lowering]] = {}
    for number, line in enumerate(lines):
        variation = read_line(number, json.dumps(line)).variation
        row = rows.get(variation.op) if variation else None
        if row is None or row.lower is None or judge_variation(variation, row).status not in ("native", "composite"):
            continue
        lowering = row.lower(variation)
        found.setdefault((row.op, lowering.ttnn), []).append(lowering)
    return found


def try_mutants(work: list[tuple[Mutant, list[Lowering]]]) -> Iterator[Outcome]:
    """Run mutants on the emulated board, in child processes: a fault may end one, and is caught then."""
    done = 0
    while done < len(work):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _work(work[done:], writer)
        os.close(writer)
        with os.fdopen(reader) as lines:
            for text in lines:
                yield Outcome(work[done][0], *json.loads(text))
                done += 1
        os.waitpid(child, 0)
        if done < len(work):
            yield Outcome(work[done][0], "caught", "ttnn ended the process")
            done += 1


def _work(work: list[tuple[Mutant, list[Lowering]]], writer: int) -> None:
    with os.fdopen(writer, "w", buffering=1) as out, trial_board() as trial:
        for index, (mutant, lowerings) in enumerate(work):
            out.write(json.dumps(_try(trial, mutant, lowerings)) + "\n")
            if index % 40 == 39:
                trial.free()
        out.flush()
        os._exit(0)


def _try(trial: Trial, mutant: Mutant, lowerings: list[Lowering]) -> tuple[str, str]:
    for lowering in lowerings:
        words = trial.run(lowering, mutant.statements, off_by_one=off_by_one)
        if words:
            return "caught", words
    if all(dropped_default(mutant, dict(lowering.values)) for lowering in lowerings):
        return "equivalent", "an argument that has ttnn's default"
    if unseen(mutant):
        return "equivalent", "no value of the result depends on it"
    if dropped_line_up(trial, mutant, lowerings):
        return "equivalent", "dimensions of 1 in front"
    return "missed", ""


def share_caught(outcomes: list[Outcome]) -> float:
    """Of the mutants that are no equivalent ones."""
    counted = [outcome for outcome in outcomes if outcome.standing != "equivalent"]
    return sum(outcome.standing == "caught" for outcome in counted) / max(1, len(counted))
