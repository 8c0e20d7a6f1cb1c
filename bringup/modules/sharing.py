"""Which ttnn ops may give a tensor that shares its operand's buffer, and when; a test asks ttnn for each.

With interleaved tensors, as generated modules have them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bringup.modules.expressions import call_name, elements, tree_of
from bringup.modules.program import Parts, Place, Use

SHARES = {
    "ttnn.reshape": "the last dimension stays and rows fill tiles as before (in ROW_MAJOR: the last dimension stays)",
    "ttnn.view": "always",
    "ttnn.experimental.view": "always",
    "ttnn.squeeze": "a dimension before the last two goes (in ROW_MAJOR: before the last)",
    "ttnn.unsqueeze": "a dimension before the last two comes (in ROW_MAJOR: before the last)",
    "ttnn.slice": "all of the tensor is taken",
    "ttnn.split": "there is one part",
    "ttnn.chunk": "there is one part",
    "ttnn.concat": "there is one tensor",
    "ttnn.permute": "every dimension stays, or those that change places have one element",
    "ttnn.transpose": "a dimension with itself, or both have one element",
    "ttnn.expand": "the shape stays",
    "ttnn.repeat": "once in each dimension",
    "ttnn.repeat_interleave": "once",
    "ttnn.roll": "by nothing",
    "ttnn.pad": "nothing is added, or only within tiles that are there (TILE)",
    "ttnn.fill_implicit_tile_padding": "always",
    "ttnn.tilize_with_zero_padding": "it is TILE already",
    "ttnn.to_layout": "it has the layout already",
    "ttnn.to_memory_config": "it has the memory config already",
    "ttnn.sharded_to_interleaved": "it is interleaved already",
    "ttnn.to_device": "it is there already",
    "ttnn.reallocate": "always: its new buffer stands where the old one was",
}
"""By op: when the result has the buffer of the first operand. All others give a buffer of their own (but for in-place
ones, whose names end in `_`): also `ttnn.typecast` to the dtype it has."""


_OF_ONE = ("ttnn.concat", "ttnn.split", "ttnn.chunk")
"""What gives its operand as it is only where there is one of them."""


def shared_operands(expression: Parts, results: int = 1) -> tuple[tuple[Use | Place, ...], ...]:
    """For each result of an expression, the operands whose buffers it may share."""
    tree, names = tree_of(expression)
    reader = _Reader(names, results)
    return tuple(tuple(dict.fromkeys(reader.shared(node, bound))) for node, bound in _by_result(tree, results))


def results_share(expression: Parts) -> bool:
    """Whether several results may share one buffer: a helper of ours gives a sequence of one step as its state too."""
    tree, _ = tree_of(expression)
    return isinstance(tree, ast.Call) and not call_name(tree).startswith("ttnn.")


def _by_result(tree: ast.expr, results: int) -> list[tuple[ast.expr, Mapping[str, ast.expr]]]:
    """What each result is made by, with what the name in a comprehension stands for there."""
    if isinstance(tree, (ast.List, ast.Tuple)) and len(tree.elts) == results:
        return [(element, {}) for element in tree.elts]
    if isinstance(tree, (ast.ListComp, ast.GeneratorExp)):
        target, given = tree.generators[0].target, tree.generators[0].iter
        if isinstance(target, ast.Name) and isinstance(given, (ast.List, ast.Tuple)) and len(given.elts) == results:
            return [(tree.elt, {target.id: element}) for element in given.elts]
    return [(tree, {})] * results


@dataclass(frozen=True, slots=True)
class _Reader:
    names: Mapping[str, Use | Place]
    results: int

    def shared(self, node: ast.expr, bound: Mapping[str, ast.expr]) -> Iterator[Use | Place]:
        if isinstance(node, ast.Name) and node.id in self.names:
            yield self.names[node.id]
        for inner in self._passed_on(node, bound):
            yield from self.shared(inner, bound)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            loop = node.generators[0]
            own = {loop.target.id: loop.iter} if isinstance(loop.target, ast.Name) else {}
            yield from self.shared(node.elt, {**bound, **own})

    def _passed_on(self, node: ast.expr, bound: Mapping[str, ast.expr]) -> tuple[ast.expr, ...]:
        """The expressions whose buffer that of a node may be."""
        if isinstance(node, ast.Name):
            return (bound[node.id],) if node.id in bound else ()
        if not isinstance(node, ast.Call):
            return elements(node)
        name = call_name(node)
        given = (*node.args, *(keyword.value for keyword in node.keywords))[:1]
        if name in _OF_ONE and (self.results > 1 or (given and len(elements(given[0])) > 1)):
            return ()
        return given if name in SHARES or name.endswith("_") else ()
