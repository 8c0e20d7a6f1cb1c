"""Tests of the generated modules: each with the tensors that it gets in a run of the whole model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bringup.modules.functional import FunctionalModel
from bringup.modules.functions import Function, Grouping
from bringup.modules.program import Body, Literal, ModuleCall, Statement
from bringup.modules.ttnn_model import TtnnModel
from bringup.modules.ttnn_state import Form
from bringup.python_text import literal, plain

_MOVES: Mapping[Form, str] = {"native": "to_device", "rows": "to_rows", "sequence": "to_sequence"}
_BACK: Mapping[Form, str] = {"native": "from_device", "rows": "from_rows", "sequence": "from_sequence"}


FUNCTIONAL_TEST, MODEL_TEST = "tests/test_functional.py::test_functional", "tests/test_model.py::test_model"
"""The tests of the whole model: functional torch, and TT-NN."""


@dataclass(frozen=True, slots=True)
class ModuleCase:
    """One `pytest.param`: where the module stands, which recorded call it is, and how many modules are alike."""

    place: str
    call: int
    id: str


@dataclass(frozen=True, slots=True)
class ModuleTest:
    """One file of `tests/modules/`: a function, called as the model calls each of its variations.

    Args:
        arguments: Expressions for the function's inputs, of `inputs`, `prepared` and `device`.
        outputs: Expressions that bring its outputs back to torch, of `output` and `references`.
        reads_prepared: Whether the host's own inputs are among the arguments.
    """

    path: str
    function: str
    reference: str
    class_name: str
    cases: tuple[ModuleCase, ...]
    arguments: tuple[str, ...]
    references: tuple[int, ...]
    outputs: tuple[str, ...]
    instances: int
    takes_parameters: bool
    reads_prepared: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ModuleEntry:
    """Which module a test is for."""

    test: str
    place: str
    class_name: str


@dataclass(frozen=True, slots=True)
class ModuleIndex:
    """`.bringup/modules.json`: the tests of modules, lowest first, in the order in which the model calls them."""

    entries: tuple[ModuleEntry, ...]


def plan_module_tests(model: TtnnModel, functional: FunctionalModel) -> tuple[ModuleTest, ...]:
    """A test file per function below the model itself."""
    reference_bodies = _bodies(functional.root)
    calls = _call_numbers(functional.root, functional.grouping)
    planned = []
    for function in model.grouping.functions:
        if function.body.frame == model.root.frame:
            continue
        test = _plan(function, model, functional, reference_bodies, calls)
        if test is not None:
            planned.append(test)
    return tuple(planned)


def _bodies(root: Body) -> dict[str, Body]:
    found = {root.frame: root}
    for item in root.items:
        if isinstance(item, ModuleCall):
            found.update(_bodies(item.body))
    return found


def _call_numbers(root: Body, grouping: Grouping) -> dict[str, int]:
    """For each module call of the functional model, the how-manieth call of its function it is."""
    counts: dict[int, int] = {}
    found: dict[str, int] = {}

    def visit(body: Body) -> None:
        function = id(grouping.function_of[body.frame])
        found[body.frame] = counts.get(function, 0)
        counts[function] = found[body.frame] + 1
        for item in body.items:
            if isinstance(item, ModuleCall):
                visit(item.body)

    visit(root)
    return found


def _plan(
    function: Function,
    model: TtnnModel,
    functional: FunctionalModel,
    bodies: Mapping[str, Body],
    calls: Mapping[str, int],
) -> ModuleTest | None:
    by_reference: dict[tuple[object, ...], list[Body]] = {}
    for member in function.members:
        if member.frame not in bodies:
            continue
        wiring = _wiring(function, member, model, functional, bodies[member.frame])
        if wiring is not None:
            by_reference.setdefault(wiring, []).append(member)
    if not by_reference:
        return None
    wiring, members = max(by_reference.items(), key=lambda item: len(item[1]))
    reference, arguments, references, outputs, is_whole = wiring
    cases = _cases(function, members, model, calls)
    text = next(t for t in model.functions if t.name == function.name)
    return ModuleTest(
        f"tests/modules/test_{function.name}.py",
        function.name,
        str(reference),
        plain(function.class_name.rpartition(".")[2]),
        cases,
        arguments,  # type: ignore[arg-type]
        references,  # type: ignore[arg-type]
        outputs,  # type: ignore[arg-type]
        len(text.instances),
        text.takes_parameters,
        any("prepared[" in str(argument) for argument in arguments),  # type: ignore[attr-defined]
        bool(is_whole),
    )


def _wiring(
    function: Function, member: Body, model: TtnnModel, functional: FunctionalModel, reference: Body
) -> tuple[object, ...] | None:
    """How a recorded call of the functional module becomes a call of this one; None when something was not recorded."""
    renamed = model.flow.renamed
    reference_function = functional.grouping.function_of[reference.frame]
    order = _order(functional.root, functional, reference_function, reference)
    inputs = {renamed.get(value, value): index for index, value in enumerate(order)}
    names = {id_: name for id_, name, _ in model.inputs}
    arguments = []
    for value in _ordered_inputs(function, member, model):
        held = model.state.held[value]
        if value in names and value not in inputs:
            arguments.append(f"prepared[{literal(names[value])}]")
        elif value in inputs and value not in model.state.host_inputs:
            layout = ", ttnn.ROW_MAJOR_LAYOUT" if held.layout == "ROW_MAJOR" else ""
            arguments.append(f"{_MOVES[held.form]}(inputs[{inputs[value]}], device{layout})")
        elif value in names:
            arguments.append(f"prepared[{literal(names[value])}]")
        else:
            return None
    made = [renamed.get(value, value) for value in reference.outputs]
    outputs, references = [], []
    for index, value in enumerate(member.outputs):
        if value not in made:
            return None
        references.append(made.index(value))
        form = model.state.held[value].form
        item = "output" if len(member.outputs) == 1 else f"output[{index}]"
        outputs.append(f"{_BACK[form]}({item}, references[{index}].shape)")
    is_whole = references == list(range(len(made)))
    return reference_function.name, tuple(arguments), tuple(references), tuple(outputs), is_whole


def _order(root: Body, functional: FunctionalModel, function: Function, body: Body) -> list[str]:
    """The inputs of a functional module call in the order of the function's arguments."""
    order = functional.orders[function.name]
    return [body.inputs[i] for i in order]


def _ordered_inputs(function: Function, member: Body, model: TtnnModel) -> list[str]:
    return [member.inputs[i] for i in model.orders[function.name]]


def _cases(
    function: Function, members: Sequence[Body], model: TtnnModel, calls: Mapping[str, int]
) -> tuple[ModuleCase, ...]:
    """One case for each distinct set of shapes and arguments, named after its first module."""
    groups: dict[object, list[Body]] = {}
    for member in members:
        groups.setdefault(_variation(member, model), []).append(member)
    return tuple(
        ModuleCase(
            group[0].path,
            calls[group[0].frame],
            f"{plain(group[0].path) or 'model'}-x{len(group)}",
        )
        for group in groups.values()
    )


def _variation(member: Body, model: TtnnModel) -> object:
    shapes = tuple(
        model.flow.values[value].type.shape if value in model.flow.values else value in model.state.host_inputs
        for value in (*member.inputs, *member.outputs)
    )
    literals = tuple(
        literal(part.value) for s in _all_statements(member) for part in s.parts if isinstance(part, Literal)
    )
    return shapes, literals, tuple(type(item).__name__ for item in member.items)


def _all_statements(body: Body) -> list[Statement]:
    return list(body.statements())


def index_modules(tests: Sequence[ModuleTest], model_class: str) -> ModuleIndex:
    """The module of each test, the model itself last."""
    entries = [
        ModuleEntry(f"{test.path}::test_{test.function}[{case.id}]", case.place, test.class_name)
        for test in tests
        for case in test.cases
    ]
    entries.append(ModuleEntry(MODEL_TEST, "", plain(model_class)))
    return ModuleIndex(tuple(entries))
