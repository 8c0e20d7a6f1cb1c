"""The options of the commands, and the load options that they make."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bringup.errors import UsageError

if TYPE_CHECKING:
    from bringup.sources.loaded import LoadOptions


class LevelName(str, Enum):
    """How far ops are taken apart."""

    ttnn = "ttnn"
    core = "core"


class DtypeName(str, Enum):
    """Dtypes of models."""

    float32 = "float32"
    bfloat16 = "bfloat16"
    float16 = "float16"


class CardFormat(str, Enum):
    """Forms of the model card."""

    markdown = "markdown"
    github_issue = "github-issue"


class TargetName(str, Enum):
    """Where tests run."""

    emulate = "emulate"
    hardware = "hardware"


class ModeName(str, Enum):
    """How the emulated board keeps values."""

    both = "both"
    exact = "exact"
    rounded = "rounded"
    accumulated = "accumulated"


def known_board(name: str) -> str:
    """The name of a board, also where none is asked in the end.

    Raises:
        UsageError: there is no such board.
    """
    from bringup.target.mock_board import find_board

    return find_board(name).name


Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="torchvision:resnet50, timm:NAME, hf:NAME, hf-config:bert, example:yolov4, path/model.py:Name, "
        "package.module:Name, Name.method of either, or a file with load_model() alone. "
        "Loading a model from a path or module runs its code.",
    ),
]
Board = Annotated[str, typer.Option(callback=known_board, help="The emulated board: n150, n300, p100 or p150.")]
Folder = Annotated[Path, typer.Argument(help="A bring-up folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Setting = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Argument or config entry of the model.")
]
Input = Annotated[
    list[str],
    typer.Option(
        "--input",
        metavar="SHAPE",
        help="Example input: 1x3x320x320, or ids=1x128:int64; by value lengths=[5, 9], scale==2.5. Repeat for several.",
    ),
]
Inputs = Annotated[
    str, typer.Option("--inputs", metavar="FILE.py:FN", help="Function that returns the inputs, used as they are.")
]
Batch = Annotated[int, typer.Option(min=1, help="Batch size of the example inputs.")]
Sequence = Annotated[int | None, typer.Option(min=1, help="Length of token inputs.")]
Dtype = Annotated[DtypeName | None, typer.Option(help="Dtype of the model and its float inputs.")]
Weights = Annotated[str, typer.Option(help="Checkpoint (safetensors, or torch), or a source's own name for weights.")]
NoWeights = Annotated[bool, typer.Option("--no-weights", help="Build on the meta device: no memory for weights.")]
Submodule = Annotated[
    str, typer.Option(metavar="PATH", help="Trace only this part, with inputs from a run of the whole.")
]
ClassName = Annotated[
    str, typer.Option("--class", metavar="NAME", help="transformers class instead of the config's own.")
]
Level = Annotated[
    LevelName, typer.Option(help="ttnn: ops are kept where TT-NN has them; core: everything as core ATen.")
]


def load_options(
    setting: list[str],
    input: list[str],
    inputs: str,
    batch: int,
    sequence: int | None,
    dtype: DtypeName | None,
    weights: str,
    no_weights: bool,
    submodule: str,
    class_name: str,
) -> tuple[LoadOptions, tuple[tuple[str, str], ...]]:
    """The load options, and the flags that make them again."""
    from bringup.sources.given_path import relative_if_path
    from bringup.sources.loaded import LoadOptions

    if inputs and input:
        raise UsageError("--input and --inputs exclude each other", next_step="give one of them")
    if weights and no_weights:
        raise UsageError("--weights and --no-weights exclude each other", next_step="give one of them")
    options = LoadOptions(
        tuple(setting),
        tuple(input),
        inputs,
        batch,
        sequence,
        dtype.value if dtype else None,
        weights,
        no_weights,
        submodule,
        class_name,
    )
    flags = [("--set", text) for text in setting] + [("--input", text) for text in input]
    flags += [("--inputs", relative_if_path(inputs))] if inputs else []
    flags += [("--batch", str(batch))] if batch != 1 else []
    flags += [("--sequence", str(sequence))] if sequence else []
    flags += [("--dtype", dtype.value)] if dtype else []
    flags += [("--weights", relative_if_path(weights))] if weights else []
    flags += [("--no-weights", "")] if no_weights else []
    flags += [("--submodule", submodule)] if submodule else []
    flags += [("--class", class_name)] if class_name else []
    return options, tuple(flags)
