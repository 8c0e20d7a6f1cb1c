"""All files that bring the model's modules: both stages, how the model is loaded, tests and demo."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from keyword import iskeyword
from pathlib import Path

from bringup.analysis import Analysis
from bringup.ir import Graph
from bringup.issues.comments import issue_lines
from bringup.issues.fingerprint import without_paths
from bringup.json_files import to_json
from bringup.modules.call import input_names
from bringup.modules.choices import has_choices
from bringup.modules.constant_files import constant_files, constant_values
from bringup.modules.example_inputs import plan_example
from bringup.modules.files import has_convolutions, host_constants, plan_functional, plan_model, plan_parameters
from bringup.modules.functional import FunctionalModel, write_functional
from bringup.modules.naming import RECURRENT
from bringup.modules.paths import ttnn_path
from bringup.modules.possible import why_none
from bringup.modules.precision import is_reduced
from bringup.modules.reference_model import copied_file, plan_inputs, plan_source
from bringup.modules.stub import stub_function
from bringup.modules.test_plan import ModuleTest, index_modules, plan_module_tests
from bringup.modules.ttnn_model import TtnnModel, write_ttnn
from bringup.ops.accumulation import DEFINITION, IN_REGISTER, LOSS
from bringup.python_text import identifier, literal, plain
from bringup.render import format_python, render
from bringup.sources.loaded import NoModules
from bringup.sources.spec import LOAD_MODEL

MODULE_PCC, MODEL_PCC, DECODER_PCC = 0.99, 0.98, 0.995
_WIDTH = 110


class CannotWrite(Exception):
    """No modules can be written for a model, and why."""

    def __init__(self, found: NoModules) -> None:
        super().__init__(found.reason)
        self.found = found


def module_files(analysis: Analysis) -> dict[str, str]:
    """`reference/`, `tt/`, `tests/modules/`, `tests/test_model.py`, `demo/` and the index of module tests.

    Raises:
        CannotWrite: the graph is not whole, or something in it cannot be written.
    """
    graph = analysis.graph
    _require_whole(analysis)
    functional, model = write_functional(graph), _ttnn_model(analysis)
    host_constants(model)
    name = identifier(analysis.name)
    common = {"model": plain(analysis.name), "made_by": _made_by(analysis.command)}
    constants = constant_files(graph, common)
    more = {"state": state_note(graph), "has_constants": bool(constants)}
    file = plan_model(model, graph)
    names = {
        "ttnn_module": f"ttnn_{name}",
        "functional_module": f"functional_{name}",
        "ttnn_root": model.functions[-1].name,
        "reads_parameters": file.reads_parameters,
        "takes_parameters": model.functions[-1].takes_parameters,
        "has_choices": has_choices(model.flow),
    }
    tests = plan_module_tests(model, functional)
    texts = {
        f"reference/functional_{name}.py": render(
            "reference/functional_model.py.jinja", **common, **more, file=plan_functional(functional, graph)
        ),
        "reference/load_model.py": _load_model(analysis, model, common),
        ttnn_path(analysis.name): render("tt/ttnn_model.py.jinja", **common, notes=_notes(graph), file=file),
        "tt/parameters.py": render("tt/parameters.py.jinja", **common, **more, file=plan_parameters(model)),
        "tests/module_run.py": render(
            "tests/module_run.py.jinja",
            **common,
            **names,
            root=functional.functions[-1].name,
            functions=[function.name for function in functional.functions],
            is_reduced=is_reduced(graph),
            root_arguments=_root_call(functional),
        ),
        "tests/test_functional.py": render("tests/test_functional.py.jinja", **common),
        "tests/test_model.py": render(
            "tests/test_model.py.jinja", **common, **names, pcc=_model_pcc(analysis), relative_error=0.2
        ),
        "demo/demo.py": render("demo/demo.py.jinja", **common, **names, can_download=_source(analysis)["can_download"]),
        **{test.path: _module_test(test, common, names, _module_pcc(test)) for test in tests},
        **constants,
    }
    if file.helpers:
        texts["tt/layers.py"] = _layers(file.helpers, common)
    if has_choices(model.flow):
        texts["tests/choices.py"] = render("tests/choices.py.jinja", **common)
    if is_reduced(graph):
        texts["reference/float32.py"] = render("reference/float32.py.jinja", **common)
    index = to_json(index_modules(tests, analysis.info.class_name.rpartition(".")[2]))
    return {**format_python(texts), **_copied(analysis), **constant_values(graph), ".bringup/modules.json": index}


_CHECK_ROWS = ("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d")


def _layers(helpers: tuple[str, ...], common: Mapping[str, object]) -> str:
    return render(
        "tt/layers.py.jinja",
        **common,
        helpers=helpers,
        checks_rows=any(helper in _CHECK_ROWS for helper in helpers),
        is_unrolled=any(helper in RECURRENT for helper in helpers),
        has_sums=has_convolutions(helpers),
        short_sum=IN_REGISTER,
        loss=LOSS,
        long_sum=DEFINITION,
    )


def _ttnn_model(analysis: Analysis) -> TtnnModel:
    said = {v.variation: without_paths(v.reason) for v in analysis.coverage.verdicts if v.is_refused_by_ttnn}
    refused = {call: said[variation] for call, variation in analysis.inventory.variation_of if variation in said}
    return write_ttnn(analysis.graph, issue_lines(analysis), refused)


def _require_whole(analysis: Analysis) -> None:
    found = why_none(analysis.graph)
    if found.kind:
        raise CannotWrite(found)


def model_file(analysis: Analysis) -> tuple[str, str]:
    """Path and text of `tt/ttnn_<model>.py` alone."""
    return _model_file(analysis, "")


def stubbed_file(analysis: Analysis, name: str) -> tuple[str, str]:
    """The same with one function left to be written by hand."""
    return _model_file(analysis, name)


def _model_file(analysis: Analysis, stub: str) -> tuple[str, str]:
    _require_whole(analysis)
    model = _ttnn_model(analysis)
    host_constants(model)
    file = plan_model(model, analysis.graph)
    stubbed = stub_function(model, analysis.graph, stub) if stub else None
    functions = tuple(stubbed if stubbed and f.name == stubbed.name else f for f in file.functions)
    path = ttnn_path(analysis.name)
    common = {"model": plain(analysis.name), "made_by": _made_by(analysis.command)}
    text = render(
        "tt/ttnn_model.py.jinja", **common, notes=_notes(analysis.graph), file=replace(file, functions=functions)
    )
    return path, format_python({path: text})[path]


def _made_by(command: str) -> tuple[str, ...]:
    text = f"Made by `{plain(command)}`."
    return tuple(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _notes(graph: Graph) -> tuple[str, ...]:
    """What the reader must know of the whole file."""
    traced = "Batch, sequence length and image size are those of the inputs that the model was traced with."
    return (traced, *state_note(graph))


def state_note(graph: Graph) -> tuple[str, ...]:
    """What is said of the buffers that forward writes, in lines."""
    if not graph.state:
        return ()
    written = ", ".join(plain(write.buffer) for write in graph.state)
    text = f"After its own result it gives what forward leaves in its buffers (`STATE` of load_model.py): {written}."
    return tuple(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _model_pcc(analysis: Analysis) -> float:
    return DECODER_PCC if analysis.info.task == "nlp_causal_lm" else MODEL_PCC


def _module_pcc(test: ModuleTest) -> float:
    return DECODER_PCC if "decoder" in test.function else MODULE_PCC


def _root_call(functional: FunctionalModel) -> str:
    root = functional.functions[-1]
    names = [f"inputs[{literal(name)}]" for name in root.inputs]
    return ", ".join([*names, *(["functional.load_parameters(model)"] if root.takes_parameters else [])])


def _module_test(test: ModuleTest, common: Mapping[str, object], names: Mapping[str, object], pcc: float) -> str:
    used = " ".join((*test.arguments, *test.outputs))
    moves = ("from_device", "from_rows", "from_sequence", "to_device", "to_rows", "to_sequence")
    imports = [name for name in moves if f"{name}(" in used]
    imports = sorted([*imports, *(["prepare"] if test.reads_prepared else [])])
    plan = {
        **{field: getattr(test, field) for field in ModuleTest.__slots__},
        "needs_ttnn": "ttnn." in used,
        "imports": imports,
        "reference_texts": [f"references[{index}]" for index in test.references],
    }
    return render("tests/modules/test_module.py.jinja", **common, **names, test=plan, pcc=pcc, relative_error=0.1)


def _source(analysis: Analysis) -> dict[str, object]:
    source = plan_source(analysis.info)
    named = {key: value for key, value in source.settings if key.isidentifier() and not iskeyword(key)}
    others = ", ".join(f"{literal(key)}: {value}" for key, value in source.settings if key not in named)
    settings = "".join(f", {key}={value}" for key, value in named.items()) + (f", **{{{others}}}" if others else "")
    return {
        **{field: getattr(source, field) for field in type(source).__slots__},
        "settings_text": settings,
        "module": source.module,
        "root": "" if source.attribute == LOAD_MODEL else source.attribute.partition(".")[0],
        "variant": next((value for key, value in source.settings if key == "variant"), ""),
        "can_download": source.kind in ("torchvision", "timm") or (source.kind == "huggingface" and source.from_hub),
    }


def _load_model(analysis: Analysis, model: TtnnModel, common: Mapping[str, object]) -> str:
    graph, kept = analysis.graph, frozenset(analysis.info.kept_inputs)
    inputs = [
        replace(given, made=f"tensors[{literal(named.path)}]") if named.path in kept else given
        for given, named in zip(plan_inputs(graph, model.flow), input_names(graph).values(), strict=True)
    ]
    example = plan_example(graph, [given.made for given in inputs], plan_source(analysis.info))
    return render(
        "reference/load_model.py.jinja",
        **common,
        source=_source(analysis),
        example=example,
        has_structure=graph.call is not None,
        is_kept=any(given.made.startswith("tensors[") for given in inputs),
        is_random=any("torch.rand" in given.made for given in inputs),
        has_masks=any("padding_mask" in given.made for given in inputs),
        is_reduced=is_reduced(analysis.graph),
        state=tuple(write.buffer for write in graph.state),
    )


def _copied(analysis: Analysis) -> dict[str, str]:
    """The file that defines the model, where it is the user's own or one of our examples; or its config."""
    if analysis.info.config:
        return {"reference/config.json": analysis.info.config}
    found = copied_file(analysis.info)
    if found is None or not Path(found[1]).is_file():
        return {}
    return {f"reference/{found[0]}": Path(found[1]).read_text(encoding="utf-8")}
