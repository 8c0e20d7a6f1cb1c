"""Which test files the ops of a model need, and what stands in each: one file per op kind, one case per variation."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count

from bringup.coverage import Coverage
from bringup.inventory import Inventory, Variation
from bringup.issues.links import IssueLink, issue_of
from bringup.ops.accumulation import COMMENT, DEFINITION, sum_of
from bringup.ops.asked import asked_lowering
from bringup.ops.spec import Lowering, OpSpec, Result, Status
from bringup.ops.spec import TestInput as Tensor
from bringup.plural import counted
from bringup.python_text import identifier, literal, plain
from bringup.variations import short_name

_LINE = 110
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Case:
    """One `pytest.param`: its values as Python literals, its id, the variation that it is for, its gap's issue."""

    values: tuple[str, ...]
    id: str
    variation: str
    issue: str = ""


@dataclass(frozen=True, slots=True)
class TensorLines:
    """The two lines that make a tensor: in torch, and on the device (empty when only torch has it)."""

    torch: str
    ttnn: str


@dataclass(frozen=True, slots=True)
class Function:
    """One test function: all variations of an op that are written the same way."""

    name: str
    summary: str
    parameters: tuple[str, ...]
    cases: tuple[Case, ...]
    tensors: tuple[TensorLines, ...]
    reference: str
    statements: tuple[str, ...]
    fixtures: tuple[str, ...]
    checks: tuple[str, ...]
    many_outputs: bool


@dataclass(frozen=True, slots=True)
class TestFile:
    """One file of tests."""

    __test__ = False

    path: str
    op: str
    model: str
    made_by: tuple[str, ...]
    variations: int
    calls: int
    constants: tuple[str, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class _Lowered:
    variation: Variation
    lowering: Lowering


@dataclass(frozen=True, slots=True)
class TestOf:
    """Which input variation a test is for: `tests/ops/test_add.py::test_add[layer1.0-x3]`."""

    __test__ = False

    test: str
    variation: str


@dataclass(frozen=True, slots=True)
class TestIndex:
    """`.bringup/tests.json`: the generated op tests and their variations."""

    __test__ = False

    tests: tuple[TestOf, ...]


def plan_op_tests(
    inventory: Inventory,
    coverage: Coverage,
    rows: Mapping[str, OpSpec],
    *,
    model: str,
    command: str,
    statuses: tuple[Status, ...] = ("native", "composite"),
    issues: tuple[IssueLink, ...] = (),
) -> tuple[TestFile, ...]:
    """The test files for all variations of these statuses that have something to run, in the order of first calls.

    The registry decides what is tested, not what a check found: a test that shows a finding stays. One that ttnn
    refuses and whose gap has an issue is expected to fail, and names it.
    """
    status = {verdict.variation: verdict.table for verdict in coverage.verdicts}
    by_op: dict[str, list[Variation]] = {}
    for variation in inventory.variations:
        if status[variation.id] in statuses and asked_lowering(variation, rows.get(variation.op)):
            by_op.setdefault(variation.op, []).append(variation)
    stems = _stems(by_op)
    planned = (_plan_file(op, members, rows[op], stems[op], model, command) for op, members in by_op.items())
    refused = {v.variation: issue_of(issues, v.variation) for v in coverage.verdicts if v.status == "rejected"}
    known = {variation: link.text for variation, link in refused.items() if link}
    return tuple(_with_issues(file, known) for file in planned)


def _with_issues(file: TestFile, known: Mapping[str, str]) -> TestFile:
    """The file with the cases that have an issue marked with it."""
    if not any(case.variation in known for function in file.functions for case in function.cases):
        return file
    functions = tuple(
        replace(f, cases=tuple(replace(case, issue=known.get(case.variation, "")) for case in f.cases))
        for f in file.functions
    )
    return replace(file, functions=functions)


def index_tests(files: Iterable[TestFile]) -> TestIndex:
    """The variation of each test, by the id that pytest gives it."""
    return TestIndex(
        tuple(
            TestOf(f"{file.path}::{function.name}[{case.id}]", case.variation)
            for file in files
            for function in file.functions
            for case in function.cases
        )
    )


def _stems(ops: Iterable[str]) -> dict[str, str]:
    """A file stem per op; the overload is named where two overloads of an op are in the model."""
    listed = tuple(ops)
    names = Counter(identifier(short_name(op)) for op in listed)
    stems: dict[str, str] = {}
    for op in listed:
        name = identifier(short_name(op))
        stem = name if names[name] == 1 else identifier(f"{name}_{op.rpartition('.')[2]}")
        # aten._softmax.default and aten.softmax.default differ in what no identifier keeps.
        taken = sum(other == stem or other.startswith(f"{stem}_op") for other in stems.values())
        stems[op] = f"{stem}_op{taken + 1}" if taken else stem
    return stems


def _plan_file(op: str, members: list[Variation], row: OpSpec, stem: str, model: str, command: str) -> TestFile:
    routes: dict[object, list[_Lowered]] = {}
    for variation in members:
        lowering = asked_lowering(variation, row)
        assert lowering, variation.id
        routes.setdefault(_route(lowering), []).append(_Lowered(variation, lowering))
    names = _function_names(stem, [_route_name(group[0]) for group in routes.values()])
    functions = tuple(
        _plan_function(name, group, row, model) for name, group in zip(names, routes.values(), strict=True)
    )
    calls = sum(variation.count for variation in members)
    has_long_sums = any(found.is_long for found in map(sum_of, members) if found)
    return TestFile(
        path=f"tests/ops/test_{stem}.py",
        op=op,
        model=plain(model),
        made_by=_made_by(command),
        variations=len(members),
        calls=calls,
        constants=(*COMMENT, DEFINITION) if has_long_sums else (),
        functions=functions,
    )


def _made_by(command: str) -> tuple[str, ...]:
    """The sentence that says how the file is remade, in lines of a docstring."""
    text = f"Made by `{plain(command)}`."
    return tuple(textwrap.wrap(text, _LINE, break_long_words=False, break_on_hyphens=False))


def _route(lowering: Lowering) -> object:
    """What two variations must have in common to share a test function: everything but shapes and values."""
    inputs = tuple((t.name, t.make, t.to_ttnn, t.many) for t in lowering.inputs)
    limits = (lowering.compare, lowering.pcc, lowering.relative_error, lowering.many_outputs, lowering.results)
    return inputs, lowering.torch, lowering.ttnn, tuple(lowering.values), limits, lowering.route


def _route_name(member: _Lowered) -> str:
    found = sum_of(member.variation)
    return "_".join(filter(None, (member.lowering.route, "long_sum" if found and found.is_long else "")))


def _function_names(stem: str, routes: list[str]) -> list[str]:
    """A name for each route; a number where several have it, and where a number makes the name of another."""
    names: list[str] = []
    for route in routes:
        name = f"test_{stem}_{identifier(route)}" if route else f"test_{stem}"
        numbered = (name if number == 1 else f"{name}_{number}" for number in count(1))
        names.append(next(candidate for candidate in numbered if candidate not in names))
    return names


def _plan_function(name: str, group: list[_Lowered], row: OpSpec, model: str) -> Function:
    first = group[0].lowering
    shapes = {t.name: f"{t.name}_shapes" if t.many else f"{t.name}_shape" for t in first.inputs}
    varying = tuple(v for v in first.values if len({literal(m.lowering.values[v]) for m in group}) > 1)
    texts = {v: v if v in varying else literal(first.values[v]) for v in first.values}
    parameters = (*shapes.values(), *varying)
    calls = sum(member.variation.count for member in group)
    checks = tuple(fill(check, texts) for check in check_lines(first))
    fixtures = tuple(dict.fromkeys(check.partition("(")[0] for check in checks))
    return Function(
        name=name,
        summary=f"{counted(len(group), 'variation')}, {counted(calls, 'call')} of {row.op}.",
        parameters=parameters,
        cases=_cases(group, varying, model),
        tensors=tuple(tensor_lines(t, shapes[t.name]) for t in first.inputs),
        reference=fill(first.torch, texts),
        statements=tuple(fill(statement, texts) for statement in first.ttnn),
        fixtures=fixtures,
        checks=checks,
        many_outputs=first.many_outputs,
    )


def check_lines(lowering: Lowering) -> tuple[str, ...]:
    """The statements that compare `output` with `reference`: all alike, or each result as what it is."""
    results = lowering.results or (Result(lowering.compare),)
    if all(result == results[0] and result.compare != "picks" for result in results):
        return (_check_line(results[0], "reference", "output", lowering),)
    if not lowering.many_outputs:
        return (_check_line(results[0], "reference", "output", lowering),)
    return tuple(
        _check_line(result, f"reference[{index}]", f"output[{index}]", lowering) for index, result in enumerate(results)
    )


def _check_line(result: Result, reference: str, output: str, lowering: Lowering) -> str:
    bounds = f"pcc={literal(lowering.pcc)}, relative_error={literal(lowering.relative_error)}"
    if result.compare == "picks":
        bound = f"relative_error={literal(lowering.relative_error)}"
        given = f"{reference}{result.view}, {output}{result.view}, {result.source}, dim={result.dim}, {bound}"
        return f"assert_picks({given})"
    if result.compare == "exact":
        return f"assert_equal({reference}, {output})"
    return f"assert_close({reference}, {output}, {bounds})"


def fill(text: str, texts: Mapping[str, str]) -> str:
    """A lowering's text with the values of its `{name}`s."""
    return _PLACEHOLDER.sub(lambda match: texts.get(match[1], match[0]), text)


def tensor_lines(tensor: Tensor, shape: str) -> TensorLines:
    """How a tensor is made in torch and moved to the device; `shape` is the text of its shape."""
    torch_name = f"torch_{tensor.name}"
    if not tensor.many:
        made = f"{torch_name} = {fill(tensor.make, {'shape': shape})}"
        moved = f"{tensor.name} = {fill(tensor.to_ttnn, {'torch': torch_name})}" if tensor.to_ttnn else ""
        return TensorLines(made, moved)
    made = f"{torch_name} = [{fill(tensor.make, {'shape': 'shape'})} for shape in {shape}]"
    moved = f"{tensor.name} = [{fill(tensor.to_ttnn, {'torch': 'tensor'})} for tensor in {torch_name}]"
    return TensorLines(made, moved if tensor.to_ttnn else "")


def _cases(group: list[_Lowered], varying: tuple[str, ...], model: str) -> tuple[Case, ...]:
    seen: Counter[str] = Counter()
    cases = []
    for member in group:
        values = (*(t.shape for t in member.lowering.inputs), *(member.lowering.values[v] for v in varying))
        id_ = case_id(member.variation, model)
        seen[id_] += 1
        name = id_ if seen[id_] == 1 else f"{id_}-{seen[id_]}"
        cases.append(Case(tuple(map(literal, values)), name, member.variation.id))
    return tuple(cases)


def case_id(variation: Variation, model: str) -> str:
    """Where a variation comes from: the module of its first call, and how many calls it has: `layer1.0.conv2-x3`."""
    module = (variation.sites[0].module if variation.sites else "") or model
    safe = re.sub(r"[^\w.]+", "_", module, flags=re.ASCII)
    return f"{safe}-x{variation.count}"
