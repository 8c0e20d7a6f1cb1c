# SPDX-License-Identifier: Apache-2.0
"""A run of decoder in torch that keeps what every module gets and gives, and the moves to the device and back.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import inspect
from types import SimpleNamespace

import torch

from reference import functional_decoder as functional
from reference.load_model import example_inputs, load_model, parts, run

FUNCTIONS = ("decoder",)


def run_model():
    """The model, its inputs and outputs, the functional model's outputs, and the tensors of every call in it."""
    model, inputs = load_model(), example_inputs()
    outputs = run(model, inputs)
    calls: dict[str, list] = {}
    functions = {name: getattr(functional, name) for name in FUNCTIONS}
    try:
        for name, function in functions.items():
            setattr(functional, name, _recorded(function, calls.setdefault(name, [])))
        with torch.no_grad():
            functional_outputs = functional.decoder(
                inputs["x"], inputs["y"], inputs["start"], functional.load_parameters(model)
            )
    finally:
        vars(functional).update(functions)
    return SimpleNamespace(
        model=model, inputs=inputs, outputs=outputs, functional_outputs=parts(functional_outputs), calls=calls
    )


def _recorded(function, calls):
    # Calls are numbered as they begin: a module's number comes before its children's.
    def recorded(*arguments):
        kept: list = []
        calls.append(kept)
        inputs = [argument.clone() for argument in arguments if isinstance(argument, torch.Tensor)]
        output = function(*arguments)
        kept += [inputs, [part.clone() for part in parts(output).values() if isinstance(part, torch.Tensor)]]
        return output

    return recorded


def as_torch(output):
    """What a model function on the device gives, in torch and by paths, as `run` gives it."""
    import ttnn

    return {
        path: ttnn.to_torch(part) if isinstance(part, ttnn.Tensor) else part for path, part in parts(output).items()
    }


def prepare(model_run, device):
    """What the host makes of the model's inputs, by the names of the model function's arguments."""
    from tt import ttnn_decoder

    prepared = ttnn_decoder.prepare_inputs(**model_run.inputs, device=device)
    names = inspect.signature(ttnn_decoder.decoder).parameters
    return dict(zip(names, prepared, strict=False))


def to_device(tensor, device, layout=None):
    """A tensor in its own shape; of a complex one the real and imaginary part in a last dimension of 2."""
    import ttnn

    tensor = torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
    dtype = ttnn.bfloat16 if tensor.is_floating_point() or tensor.dtype == torch.bool else ttnn.int32
    tensor = tensor.float() if tensor.dtype == torch.bool else tensor
    return ttnn.from_torch(tensor, dtype=dtype, layout=layout or ttnn.TILE_LAYOUT, device=device)


def to_rows(tensor, device, layout=None):
    """NCHW as (1, 1, N * H * W, C)."""
    return to_device(tensor.permute(0, 2, 3, 1).reshape(1, 1, -1, tensor.shape[1]), device, layout)


def to_sequence(tensor, device, layout=None):
    """NCL as (N, L, C)."""
    return to_device(tensor.permute(0, 2, 1), device, layout)


def from_device(tensor, shape):
    """A tensor in its own shape."""
    import ttnn

    return ttnn.to_torch(tensor)


def from_rows(tensor, shape):
    """(1, 1, N * H * W, C) as the NCHW shape."""
    import ttnn

    batch, channels, height, width = shape
    return ttnn.to_torch(tensor).reshape(batch, height, width, channels).permute(0, 3, 1, 2)


def from_sequence(tensor, shape):
    """(N, L, C) as NCL."""
    import ttnn

    return ttnn.to_torch(tensor).permute(0, 2, 1)
