"""Input tensors of the user's own: which they are, and the file that keeps them beside the reference."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import torch

from bringup.sources.input_spec import value_names
from bringup.sources.loaded import Loaded, LoadOptions
from bringup.trace.structure import UnknownStructure, call_of, input_paths, structure_of, tensors_of

INPUTS_FILE = "reference/inputs.pt"


def keep_given(loaded: Loaded, options: LoadOptions, *, is_own: bool) -> Loaded:
    """The model with those of its inputs marked that the user gave by value.

    Args:
        is_own: Whether the inputs come from a function of the user's, or from a run of the whole model.
    """
    tensors = input_tensors(loaded)
    if not is_own:
        names = value_names(loaded.model, options)
        tensors = {path: tensor for path, tensor in tensors.items() if path in names}
    tensors = {path: tensor for path, tensor in tensors.items() if not tensor.is_meta}
    return replace(loaded, given=tensors, info=replace(loaded.info, kept_inputs=tuple(tensors)))


def input_tensors(loaded: Loaded) -> dict[str, torch.Tensor]:
    """The tensors among the inputs by their paths; none where an input is of no known structure."""
    try:
        args, kwargs = structure_of(loaded.args), structure_of(loaded.kwargs)
    except UnknownStructure:
        return {}
    paths = input_paths(call_of(loaded.model, args, kwargs, args))
    return dict(zip(paths, tensors_of((loaded.args, loaded.kwargs)), strict=True))


def inputs_file(given: Mapping[str, torch.Tensor]) -> bytes:
    """The tensors as torch stores them, which it loads without running code; the same bytes every time.

    Tensors that share memory do so in the file; of a part of a larger tensor only the part is stored.
    """
    shared = Counter(tensor.untyped_storage().data_ptr() for tensor in given.values())
    stream = io.BytesIO()
    torch.save({path: _plain(tensor, shared) for path, tensor in given.items()}, stream)
    return stream.getvalue()


def _plain(tensor: torch.Tensor, shared: Mapping[int, int]) -> torch.Tensor:
    storage = tensor.untyped_storage()
    tensor = tensor.detach().cpu()
    is_part = storage.nbytes() > tensor.numel() * tensor.element_size()
    if is_part and shared[storage.data_ptr()] == 1:
        return tensor.clone(memory_format=torch.preserve_format)
    return tensor.as_subclass(torch.Tensor)
