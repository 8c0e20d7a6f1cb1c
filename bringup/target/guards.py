"""What ttnn dies of, or lets pass, found before the call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ttnn

from bringup.target.call_text import describe
from bringup.target.findings import DeallocatedTensorError, HostTensorError
from bringup.target.values import is_on_device

_TAKES_HOST_TENSORS = {
    "ttnn.to_device",
    "ttnn.from_device",
    "ttnn.to_layout",
    "ttnn.to_dtype",
    "ttnn.to_memory_config",
    "ttnn.reshape",
    "ttnn.view",
    "ttnn.squeeze",
    "ttnn.unsqueeze",
    "ttnn.unsqueeze_to_4D",
    "ttnn.experimental.view",
    "ttnn.deallocate",
    "ttnn.conv1d",
    "ttnn.conv2d",
    "ttnn.conv_transpose2d",
    "ttnn.experimental.conv3d",
    "ttnn.experimental.prepare_conv3d_weights",
    "ttnn.copy_host_to_device_tensor",
    "ttnn.copy_host_to_device_tensor_partial",
    "ttnn.copy_device_to_host_tensor",
    "ttnn.typecast",
    "ttnn.pad",
    "ttnn.dump_tensor",
}


def check_operands(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Every tensor of a call is allocated, and on the device where the op needs it there.

    Raises:
        DeallocatedTensorError, HostTensorError: one is not.
    """
    for place, tensor in operands(args, kwargs):
        if name != "ttnn.deallocate":
            check_allocated(name, tensor, place)
        if name not in _TAKES_HOST_TENSORS and not is_on_device(tensor):
            raise HostTensorError(
                f"{name}: {place} is a host tensor {describe(tensor)}; "
                "move it with ttnn.to_device (ttnn itself ends the process here)"
            )


def check_allocated(name: str, tensor: ttnn.Tensor, place: str = "its operand") -> None:
    """A tensor's buffer is there.

    Raises:
        DeallocatedTensorError: it was deallocated.
    """
    if not tensor.is_allocated():
        raise DeallocatedTensorError(
            f"{name}: {place} {describe(tensor)} was deallocated before; keep it until after its last use"
        )


def operands(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[str, ttnn.Tensor]]:
    """The tensors of a call, each with where it stands."""
    for index, value in enumerate(args):
        yield from _tensors(f"operand {index}", value)
    for key, value in kwargs.items():
        yield from _tensors(key, value)


def _tensors(place: str, value: Any) -> Iterator[tuple[str, ttnn.Tensor]]:
    if isinstance(value, ttnn.Tensor):
        yield place, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _tensors(f"{place}[{index}]", item)
