"""A row's lowering, written for its op's test, as statements of a module."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from bringup.inventory import Variation
from bringup.ir import OpCall, Ref
from bringup.modules.fuse_node import Node
from bringup.modules.preparation import Prepared
from bringup.modules.program import Literal, Part, Parts, Place, Use, parts
from bringup.modules.row_lowering import CannotLower, lowering_of
from bringup.modules.ttnn_state import Held, State, value_dtype
from bringup.ops.lowering import own_name
from bringup.ops.spec import Lowering, OpSpec
from bringup.ops.spec import TestInput as Tensor

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TOKEN = re.compile(r"__part_(\d+)__")
_SIZES = ", return_output_dim=True"
_LIST_OF_NAMES = re.compile(r"output = \[(\w+(?:, \w+)+)\]")
_KEEPS_LAYOUT = frozenset(
    {
        "view", "reshape", "unsafe_view", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "t",
        "slice", "select", "expand", "expand_as", "repeat", "narrow", "view_as", "movedim", "numpy_T", "split",
        "split_with_sizes", "chunk", "unbind",
    }
)  # fmt: skip
_GIVE_ROWS = (
    "ttnn.experimental.conv3d(",
    "ttnn.max_pool2d(",
    "ttnn.avg_pool2d(",
    "ttnn.upsample(",
    "ttnn.grid_sample(",
)
"""What gives ROW_MAJOR tensors."""
KEEP_ROWS = tuple(
    f"ttnn.{name}("
    for name in (
        "reshape", "view", "permute", "transpose", "squeeze", "unsqueeze", "slice", "expand", "repeat",
        "repeat_interleave", "pad", "concat", "split", "chunk", "roll", "typecast", "clone",
        "sharded_to_interleaved", "to_memory_config",
    )
)  # fmt: skip
"""What takes ROW_MAJOR tensors and gives such; a test asks ttnn."""
_VIEWS = _KEEPS_LAYOUT - {"repeat", "split", "split_with_sizes", "chunk", "unbind", "expand", "expand_as"}


def lower_by_row(node: Node, state: State, rows: Mapping[str, OpSpec]) -> None:
    """Write a call as its row's test does.

    Raises:
        CannotLower: there is no row, or it does not write this variation.
    """
    variation, lowering = lowering_of(node, state, rows)
    count = len(state.emitted)
    try:
        _Lines(node, state, variation, lowering).write()
    except (SyntaxError, NotImplementedError, KeyError) as error:
        # A lowering whose lines this cannot read is as good as none; what it has written so far is taken back.
        del state.emitted[count:]
        raise CannotLower(f"its lowering cannot be written into a module: {error}") from error


class _Lines:
    """The lines of one lowering."""

    def __init__(self, node: Node, state: State, variation: Variation, lowering: Lowering) -> None:
        self.node, self.state, self.lowering = node, state, lowering
        is_whole = len(node.outputs) == len(variation.outputs)
        self.outputs = tuple(node.outputs[place] for place in variation.read) if is_whole else node.outputs
        self.own: dict[str, str] = {}
        self.known: dict[str, object] = {}
        self.names: dict[str, Parts] = {}
        self.constants: dict[str, str] = {}
        self.tokens: list[Part] = []
        self.layout = ""

    def write(self) -> None:
        lines = self._results_by_name(self._mask_lines(self.lowering.ttnn))
        self._inputs()
        for index, line in enumerate(lines):
            self._line(line, index, is_last=index == len(lines) - 1 and not self.own)

    def _results_by_name(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Results with lines of their own need no list of them: the last line to assign a name makes the result."""
        match = _LIST_OF_NAMES.fullmatch(lines[-1]) if self.lowering.many_outputs else None
        if match is None:
            return lines
        last: dict[str, int] = {}
        for index, line in enumerate(lines[:-1]):
            last.update(dict.fromkeys((name.strip() for name in line.partition(" = ")[0].split(",")), index))
        for name, value in zip(match[1].split(", "), self.outputs, strict=True):
            self.own[f"{last[name]}:{name}"] = value
        return lines[:-1]

    def _mask_lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """A mask that the host or the weights give is spelled out there, not in every layer."""
        is_spelled = lines and lines[0].startswith("attn_mask = ttnn.repeat(")
        mask = next((a.value for a in self.node.call.arguments if a.name == "attn_mask"), None)
        if not is_spelled or not isinstance(mask, Ref) or self.state.is_device(mask.ref):
            return lines
        values = self.lowering.values
        full = tuple(s * r for s, r in zip(values["mask_shape"], values["mask_repeats"], strict=True))  # type: ignore[call-overload]
        tensor = next(t for t in self.lowering.inputs if t.name == "attn_mask")
        how = tensor.to_ttnn.replace("{torch}", f"{{torch}}.expand({', '.join(map(str, full))})")
        self.names["attn_mask"] = (self.state.operand(self.node, mask.ref, how, name="attn_mask"),)
        return lines[1:]

    def _inputs(self) -> None:
        for tensor, refs in _match_inputs(self.node.call, self.lowering.inputs):
            shapes = tuple(self.state.shape(ref) for ref in refs)
            self.known[f"{tensor.name}_shape"] = shapes[0] if not tensor.many else shapes
            if tensor.name in self.names or not tensor.to_ttnn:
                continue
            layout = "any" if self.node.name in _KEEPS_LAYOUT else ""
            operands = [
                self.state.operand(self.node, ref, tensor.to_ttnn, layout=layout, name=tensor.name) for ref in refs
            ]
            self.names[tensor.name] = parts("[", *_comma(operands), "]") if tensor.many else (operands[0],)
            first = operands[0]
            if layout == "any" and isinstance(first, Use) and not self.layout:
                self.layout = self.state.held[first.value].layout

    def _line(self, line: str, index: int, *, is_last: bool) -> None:
        target, text = self._without_sizes(*line.split(" = ", 1))
        tree = ast.parse(self._fill(text), mode="eval").body
        if self._is_known(tree):
            self._remember(target, self._evaluate(tree))
            return
        expression = self._parts(tree)
        if self._is_constant(expression, text):
            self._constant(target, expression)
            return
        expression = self._on_the_operands_device(expression)
        outputs = self.outputs if is_last else self._made(target, index)
        self._emit(target, outputs, expression, is_last)
        text = "".join(part for part in expression if isinstance(part, str))
        picks = any(result.compare == "picks" for result in self.lowering.results)
        for value in outputs if picks else ():
            held = _held_indices(text, value, self.state)
            if held is not None:
                self.state.held[value] = held

    def _without_sizes(self, target: str, text: str) -> tuple[str, str]:
        """A convolution's line without the sizes that it gives beside its result: a module knows them."""
        if _SIZES not in text:
            return target, text
        output, *sizes = re.findall(r"\w+", target)
        self.known.update(zip(sizes, self.state.shape(self.node.outputs[0])[-len(sizes) :], strict=True))
        return output, text.replace(_SIZES, "")

    def _on_the_operands_device(self, expression: Parts) -> Parts:
        """A module has no `device` of its own: it is that of a tensor it is given."""
        held = [part for given in (expression, *self.names.values()) for part in given if isinstance(part, Use)]
        found: list[Part] = []
        for part in expression:
            if isinstance(part, str) and "device=device" in part:
                before, _, after = part.partition("device=device")
                where = (held[0], ".device()") if held else (self.state.own_device(self.node), "")
                found += [f"{before}device=", *where, after]
            else:
                found.append(part)
        return parts(*found)

    def _emit(self, target: str, outputs: tuple[str, ...], expression: Parts, is_last: bool) -> None:
        is_list = (is_last and self.lowering.many_outputs) or "," in target
        is_last = is_last or any(value in self.outputs for value in outputs)
        text = "".join(p for p in expression if isinstance(p, str))
        layout = self.layout if self.node.name in _KEEPS_LAYOUT and self.layout else "TILE"
        if ("ttnn.embedding(" in text and "layout=" not in text) or text.startswith(_GIVE_ROWS):
            layout = "ROW_MAJOR"
        elif text.lstrip("([").startswith(KEEP_ROWS):
            layout = self._layout_of(expression) or layout
        if text.rstrip(")").endswith("ttnn.ROW_MAJOR_LAYOUT"):
            layout = "ROW_MAJOR"
        dtype = self._made_dtype(outputs[0], expression, text) if is_last else self._dtype_of(expression)
        is_view = self.node.name in _VIEWS or _is_view_text(text)
        self.state.emit(
            self.node, outputs, expression, Held("native", layout, dtype),
            hint=_hint(self.node, target), is_view=is_view, is_list=is_list,
        )  # fmt: skip

    def _layout_of(self, expression: Parts) -> str:
        used = [p.value for p in expression if isinstance(p, Use)]
        return self.state.held[used[0]].layout if used else ""

    def _made_dtype(self, output: str, expression: Parts, text: str) -> str:
        """The dtype of the output: torch's own, but for counts that the row leaves in floats."""
        wanted = value_dtype(self.state.flow.values[output])
        held = [self.state.held[p.value].dtype for p in expression if isinstance(p, Use)]
        is_left = bool(held) and set(held) <= {"float32", "bfloat16"} and text.startswith(("ttnn.cumsum(", "ttnn.sum("))
        return held[0] if is_left and wanted not in ("float32", "bfloat16") else wanted

    def _dtype_of(self, expression: Parts) -> str:
        used = [p.value for p in expression if isinstance(p, Use)]
        return self.state.held[used[0]].dtype if used else "bfloat16"

    def _made(self, target: str, index: int) -> tuple[str, ...]:
        names = [name.strip() for name in target.split(",")]
        made = tuple(self.own.get(f"{index}:{name}") or self.state.fresh() for name in names)
        self.names.update({name: (Use(value),) for name, value in zip(names, made, strict=True)})
        self.known = {name: value for name, value in self.known.items() if name not in names}
        return made

    def _fill(self, text: str) -> str:
        def token(match: re.Match[str]) -> str:
            if match[1] not in self.lowering.values:
                return match[0]
            self.tokens.append(Literal(match[1], self.lowering.values[match[1]]))
            return f"__part_{len(self.tokens) - 1}__"

        return _PLACEHOLDER.sub(token, text)

    def _is_known(self, tree: ast.expr) -> bool:
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        return (
            all(name in self.known or _TOKEN.fullmatch(name) for name in names)
            and bool(names)
            and not any(isinstance(n, ast.Call) for n in ast.walk(tree))
        )

    def _evaluate(self, tree: ast.expr) -> object:
        scope = {
            **self.known,
            **{f"__part_{i}__": t.value for i, t in enumerate(self.tokens) if isinstance(t, Literal)},
        }
        return eval(compile(ast.Expression(tree), "<row>", "eval"), {"__builtins__": {"tuple": tuple}}, scope)

    def _remember(self, target: str, value: object) -> None:
        statement = ast.parse(f"{target} = 0").body[0]
        assert isinstance(statement, ast.Assign)
        code = compile(f"{target} = __value__", "<row>", "exec")
        scope: dict[str, object] = {"__value__": value}
        exec(code, {"__builtins__": {}}, scope)
        self.known.update({name: found for name, found in scope.items() if name != "__value__"})

    def _parts(self, tree: ast.expr) -> Parts:
        """An expression with its names replaced by what they stand for; sums of known numbers are worked out."""
        known, names, constants, tokens = self.known, self.names, self.constants, self.tokens
        evaluate = self._evaluate

        class Replace(ast.NodeTransformer):
            def visit(self, node: ast.AST) -> ast.AST:
                if isinstance(node, (ast.BinOp, ast.Tuple, ast.List, ast.Subscript, ast.Call)) and _all_known(
                    node, known
                ):
                    return self._token(Literal("shape", evaluate(node)))
                visited: ast.AST = super().visit(node)
                return visited

            def visit_Name(self, node: ast.Name) -> ast.AST:
                if node.id in names:
                    return self._many(names[node.id])
                if node.id in constants:
                    return ast.parse(f"({constants[node.id]})", mode="eval").body
                if node.id in known:
                    return self._token(Literal(node.id, known[node.id]))
                return node

            def _many(self, given: Parts) -> ast.AST:
                tokens.append("")
                index = len(tokens) - 1
                tokens[index] = given  # type: ignore[call-overload]
                return ast.Name(f"__part_{index}__", ast.Load())

            def _token(self, literal: Literal) -> ast.AST:
                tokens.append(literal)
                return ast.Name(f"__part_{len(tokens) - 1}__", ast.Load())

        text = ast.unparse(ast.fix_missing_locations(Replace().visit(tree))).replace("'", '"')
        return self._split(text)

    def _split(self, text: str) -> Parts:
        found: list[Part] = []
        position = 0
        for match in _TOKEN.finditer(text):
            found.append(text[position : match.start()])
            token = self.tokens[int(match[1])]
            found += list(token) if isinstance(token, tuple) else [token]
            position = match.end()
        found.append(text[position:])
        return parts(*found)

    def _is_constant(self, expression: Parts, text: str) -> bool:
        """Whether a line makes a tensor of nothing but numbers: done once, when parameters are prepared."""
        has_tensor = any(isinstance(p, (Use, Place)) for p in expression)
        return not has_tensor and (
            "torch." in text or "device=device" in text or any(name in text for name in self.constants)
        )

    def _constant(self, target: str, expression: Parts) -> None:
        from bringup.python_text import literal

        text = "".join(
            p if isinstance(p, str) else literal(p.value) for p in expression if isinstance(p, (str, Literal))
        )
        if "device=device" not in text:
            self.constants[target] = text
            self.names.pop(target, None)
            return
        owner = self.state.frames[self.state.owner(self.node)].path
        path = self.state.preparations.place(f"{owner}.{target}" if owner else target, Prepared(text, ""))
        self.names[target] = (Place(path),)
        self.constants.pop(target, None)


def _held_indices(text: str, value: str, state: State) -> Held | None:
    """How ttnn gives indices; None for what is no output of a call that makes some."""
    known = state.flow.values.get(value)
    if known is None or known.type.dtype.startswith(("float", "bfloat")):
        return None
    if "ttnn.argmax(" in text:
        return Held("native", "ROW_MAJOR", "uint32")
    if text.startswith(("ttnn.topk(", "ttnn.sort(")):
        return Held("native", "TILE", "uint16")
    return Held("native", "TILE", "uint32") if "ttnn.uint32)" in text or "ttnn.gather(" in text else None


def _is_view_text(text: str) -> bool:
    return text.startswith(
        (
            "ttnn.reshape(",
            "ttnn.permute(",
            "ttnn.transpose(",
            "ttnn.squeeze(",
            "ttnn.unsqueeze(",
            "ttnn.to_layout(",
            "ttnn.slice(",
            "ttnn.sharded_to_interleaved(",
        )
    )


def _all_known(node: ast.AST, known: Mapping[str, object]) -> bool:
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    if not all(isinstance(call, ast.Name) and call.id == "tuple" for call in calls):
        return False
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n not in calls]
    is_plain = all(
        isinstance(
            n,
            (
                ast.BinOp,
                ast.Tuple,
                ast.List,
                ast.Name,
                ast.Constant,
                ast.operator,
                ast.unaryop,
                ast.UnaryOp,
                ast.expr_context,
                ast.Starred,
                ast.Subscript,
                ast.Call,
            ),
        )
        for n in ast.walk(node)
    )
    return bool(names) and is_plain and all(n.id in known for n in names)


def _hint(node: Node, target: str) -> str:
    from bringup.modules.naming import noun

    return noun(node.name) if target == "output" or "," in target else target


def _match_inputs(call: OpCall, tensors: tuple[Tensor, ...]) -> list[tuple[Tensor, tuple[str, ...]]]:
    """The call's tensors for each input of the test: by name, the others in order."""
    by_name: dict[str, tuple[str, ...]] = {}
    for argument in call.arguments:
        items = argument.value if isinstance(argument.value, tuple) else (argument.value,)
        refs = tuple(item.ref for item in items if isinstance(item, Ref))
        if refs:
            by_name[own_name(argument.name)] = refs
    named = {tensor.name for tensor in tensors}
    rest = [(ref,) for name, refs in by_name.items() if name not in named for ref in refs]
    found = []
    for tensor in tensors:
        if tensor.name in by_name and (tensor.many or len(by_name[tensor.name]) == 1):
            found.append((tensor, by_name[tensor.name]))
        elif tensor.name in by_name:
            found.append((tensor, by_name[tensor.name][:1]))
        elif rest:
            found.append((tensor, rest.pop(0)))
        else:
            raise CannotLower(f"{call.target}: no operand for {tensor.name}")
    return found


def _comma(given: list[Part]) -> list[Part]:
    found: list[Part] = []
    for index, part in enumerate(given):
        found += [", ", part] if index else [part]
    return found
