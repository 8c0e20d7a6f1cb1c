"""Tensors made, moved, viewed and read: calls whose value is that of their operand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
import ttnn

from bringup.target import guards
from bringup.target.dtypes import FLOATS
from bringup.target.findings import ArgumentError, CaptureError
from bringup.target.values import Unknown, Value, is_on_device

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation

Transfer = Callable[["Emulation", Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


def _from_torch(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    source = args[0] if args else kwargs.get("tensor")
    emulation.enter_op("ttnn.from_torch")
    if isinstance(source, torch.Tensor) and source.dtype == torch.float64 and _dtype_of(args, kwargs) is None:
        raise ArgumentError(
            "ttnn.from_torch: a float64 tensor needs dtype=ttnn.bfloat16 or ttnn.float32 (ttnn itself ends the process)"
        )
    with emulation.inside():
        output = _reserved(source, args, kwargs) or original(*args, **kwargs)
    if isinstance(output, ttnn.Tensor) and isinstance(source, torch.Tensor):
        if emulation.captures.current is not None and is_on_device(output):
            raise CaptureError("ttnn.from_torch to the device while a trace is captured: a trace holds no writes")
        value = source.mT if kwargs.get("col_tilize") else source
        _keep_source(emulation, output, value)
    return output


_PLAIN = {"tensor", "dtype", "layout", "device", "memory_config"}
_DENSE = (torch.float32, torch.bfloat16, torch.float16)


def _reserved(source: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ttnn.Tensor | None:
    """The tensor on the device that from_torch gives, without its conversion: no kernel will read the buffer.

    None where anything about the call is out of the ordinary; then ttnn has to say what comes of it.
    """
    dtype, device, memory = _dtype_of(args, kwargs), kwargs.get("device"), kwargs.get("memory_config")
    is_ordinary = (
        type(source) is torch.Tensor
        and source.dtype in _DENSE
        and source.layout == torch.strided
        and len(args) <= 2
        and _PLAIN.issuperset(kwargs)
        and dtype in (ttnn.bfloat16, ttnn.float32)
        and isinstance(device, ttnn.MeshDevice)
        and device.get_num_devices() == 1
        and not (memory and memory.is_sharded())
    )
    if not is_ordinary:
        return None
    return ttnn.empty(
        tuple(source.shape),
        dtype=dtype,
        layout=kwargs.get("layout") or ttnn.ROW_MAJOR_LAYOUT,
        device=device,
        memory_config=memory or ttnn.DRAM_MEMORY_CONFIG,
    )


def _dtype_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[1] if len(args) > 1 else kwargs.get("dtype") or kwargs.get("spec")


def _keep_source(emulation: Emulation, output: ttnn.Tensor, source: torch.Tensor) -> None:
    """A host tensor's own data is its value, but where exact mode wants more digits than its dtype has."""
    is_lossless = output.dtype not in FLOATS or output.dtype == ttnn.float32 or emulation.mode != "exact"
    if not is_on_device(output) and is_lossless:
        return
    if tuple(source.shape) != tuple(output.shape):
        emulation.keep(output, Unknown(f"from_torch gave shape {list(output.shape)} for {list(source.shape)}"))
        return
    stored = emulation.stored(source, output.dtype)
    is_alias = isinstance(stored, torch.Tensor) and stored.untyped_storage()._cdata == source.untyped_storage()._cdata
    emulation.values.put(output, source.clone() if is_alias else stored)


def _to_torch(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    tensor = args[0] if args else kwargs.get("tensor")
    if not isinstance(tensor, ttnn.Tensor):
        return original(*args, **kwargs)
    value = emulation.to_torch(tensor)
    rank = kwargs.get("torch_rank")
    while rank is not None and value.dim() > rank:
        if value.shape[0] != 1:
            raise RuntimeError("ttnn: Unable to squeeze to desired rank!")
        value = value.squeeze(0)
    dtype = args[1] if len(args) > 1 else kwargs.get("dtype")
    is_narrowing = emulation.mode == "exact" and dtype in (torch.bfloat16, torch.float16)
    return value if dtype is None or is_narrowing else value.to(dtype)


def _same_value(name: str) -> Transfer:
    def move(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        emulation.enter_op(name)
        guards.check_operands(name, args, kwargs)
        tensor = next(tensor for _, tensor in guards.operands(args, kwargs))
        value = emulation.read(tensor)
        with emulation.inside():
            output = original(*args, **kwargs)
        if output is not tensor:
            emulation.keep(output, value)
        return output

    return move


def _deallocate(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    emulation.enter_op("ttnn.deallocate")
    tensor = args[0] if args else kwargs.get("tensor")
    if isinstance(tensor, ttnn.Tensor) and tensor.is_allocated():
        emulation.values.drop(tensor)
    with emulation.inside():
        return original(*args, **kwargs)


def _copy_between(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    emulation.enter_op("ttnn.copy_host_to_device_tensor")
    source, target, *_ = [tensor for _, tensor in guards.operands(args, kwargs)]
    value = emulation.read(source)
    with emulation.inside():
        output = original(*args, **kwargs)
    emulation.keep(target, value)
    return output


def _empty(name: str) -> Transfer:
    def make(emulation: Emulation, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        emulation.enter_op(name)
        with emulation.inside():
            output = original(*args, **kwargs)
        emulation.keep(output, Unknown(f"{name} leaves a buffer as it is, and nothing was written to it since"))
        return output

    return make


TRANSFERS: dict[str, Transfer] = {
    "ttnn.from_torch": _from_torch,
    "ttnn.to_torch": _to_torch,
    "ttnn.to_device": _same_value("ttnn.to_device"),
    "ttnn.from_device": _same_value("ttnn.from_device"),
    "ttnn.deallocate": _deallocate,
    "ttnn.copy_host_to_device_tensor": _copy_between,
    "ttnn.copy_device_to_host_tensor": _copy_between,
    "ttnn.allocate_tensor_on_device": _empty("ttnn.allocate_tensor_on_device"),
    "ttnn.allocate_tensor_on_host": _empty("ttnn.allocate_tensor_on_host"),
    "ttnn.empty": _empty("ttnn.empty"),
    "ttnn.empty_like": _empty("ttnn.empty_like"),
}
"""Operations that are stood in front of as a whole, by their registered names."""


def tensor_methods(emulation: Emulation) -> dict[str, Callable[[Any], Any]]:
    """Wrappers of ttnn.Tensor's own methods, by name; each takes the original."""

    def moving(original: Any) -> Any:
        @functools.wraps(original)
        def method(self: ttnn.Tensor, *args: Any, **kwargs: Any) -> Any:
            if emulation.is_inside:
                return original(self, *args, **kwargs)
            guards.check_allocated(f"ttnn.Tensor.{original.__name__}", self)
            value = emulation.read(self)
            with emulation.inside():
                output = original(self, *args, **kwargs)
            emulation.keep(output, _in_shape(value, tuple(output.shape)))
            return output

        return method

    def reading(convert: Callable[[torch.Tensor], Any]) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            @functools.wraps(original)
            def method(self: ttnn.Tensor, *args: Any, **kwargs: Any) -> Any:
                if emulation.is_inside:
                    return original(self, *args, **kwargs)
                return convert(emulation.to_torch(self))

            return method

        return wrap

    def deallocating(original: Any) -> Any:
        @functools.wraps(original)
        def method(self: ttnn.Tensor, *args: Any, **kwargs: Any) -> Any:
            if not emulation.is_inside and self.is_allocated():
                emulation.values.drop(self)
            return original(self, *args, **kwargs)

        return method

    return {
        "to": moving,
        "cpu": moving,
        "reshape": moving,
        "to_torch": reading(lambda value: value),
        "to_numpy": reading(lambda value: value.float().numpy() if value.is_floating_point() else value.numpy()),
        "to_list": reading(lambda value: value.tolist()),
        "item": reading(lambda value: value.item()),
        "deallocate": deallocating,
    }


def _in_shape(value: Value, shape: tuple[int, ...]) -> Value:
    if isinstance(value, torch.Tensor):
        if value.numel() != torch.Size(shape).numel():
            return Unknown(f"a view of shape {list(shape)} on {list(value.shape)}")
        return value.reshape(shape)
    return value
