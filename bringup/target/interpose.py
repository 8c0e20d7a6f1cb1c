"""Which of ttnn's calls the emulation stands in front of."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ttnn
import ttnn.decorators

from bringup.target.patches import Patches
from bringup.target.transfers import TRANSFERS, tensor_methods

if TYPE_CHECKING:
    from bringup.target.emulation import Emulation


def install(emulation: Emulation, patches: Patches) -> None:
    """Stand in front of operations, tensor methods, reading of operands, devices, traces and events."""
    for operation_class in (ttnn.decorators.FastOperation, ttnn.decorators.Operation):
        _operations(emulation, patches, operation_class)
    for name, method in tensor_methods(emulation).items():
        patches.set(ttnn.Tensor, name, method(getattr(ttnn.Tensor, name)))
    _reading(emulation, patches)
    _output_dtypes(patches)
    _devices(emulation, patches)
    _traces(emulation, patches)
    _prepared_weights(emulation, patches)


def _operations(emulation: Emulation, patches: Patches, owner: Any) -> None:
    original = owner.__call__

    @functools.wraps(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if emulation.is_inside:
            return original(self, *args, **kwargs)
        transfer = TRANSFERS.get(self.python_fully_qualified_name)
        if transfer:
            return transfer(emulation, functools.partial(original, self), args, kwargs)
        return emulation.run_operation(original, self, args, kwargs)

    patches.set(owner, "__call__", call)


def _reading(emulation: Emulation, patches: Patches) -> None:
    original = ttnn.decorators.to_torch_for_comparison

    def read(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        reader = emulation.reader
        return reader(tensor) if reader else original(tensor, *args, **kwargs)

    patches.set(ttnn.decorators, "to_torch_for_comparison", read)


def _output_dtypes(patches: Patches) -> None:
    """Golden functions round to the output's dtype themselves; here the buffer's dtype decides, once."""

    def keep_floats(tensor: Any, dtype: Any) -> Any:
        return tensor

    for module in [m for name, m in sys.modules.items() if name.startswith("ttnn.operations.")]:
        if hasattr(module, "golden_to_output_dtype"):
            patches.set(module, "golden_to_output_dtype", keep_floats)


def _devices(emulation: Emulation, patches: Patches) -> None:
    def opening(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_one(*args: Any, **kwargs: Any) -> Any:
            # A mock n300 that dispatches from ethernet cores reports one row of cores more than it places work on.
            if emulation.board == "n300" and len(args) < _DISPATCH and kwargs.get("dispatch_core_config") is None:
                kwargs["dispatch_core_config"] = ttnn.DispatchCoreConfig(
                    ttnn.DispatchCoreType.WORKER, ttnn.DispatchCoreAxis.ROW
                )
            return original(*args, **kwargs)

        return open_one

    def closing(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def close_one(*args: Any, **kwargs: Any) -> Any:
            emulation.values.clear()
            return original(*args, **kwargs)

        return close_one

    for name, wrap in (
        ("open_device", opening),
        ("CreateDevice", opening),
        ("close_device", closing),
        ("CloseDevice", closing),
        ("open_mesh_device", opening),
        ("close_mesh_device", closing),
    ):
        if hasattr(ttnn, name):
            patches.set(ttnn, name, wrap(getattr(ttnn, name)))
    _program_cache(emulation, patches)


def _program_cache(emulation: Emulation, patches: Patches) -> None:
    original = ttnn.MeshDevice.clear_program_cache

    def clear(self: Any) -> None:
        if not emulation.keeps_programs:
            original(self)

    patches.set(ttnn.MeshDevice, "clear_program_cache", clear)


_DISPATCH = 5
"""Position of dispatch_core_config in open_device."""


def _traces(emulation: Emulation, patches: Patches) -> None:
    def begin(device: Any, *, cq_id: Any = None) -> Any:
        return emulation.captures.begin(device)

    def end(device: Any, trace_id: Any, *, cq_id: Any = None) -> None:
        emulation.captures.end(trace_id)

    def execute(device: Any, trace_id: Any, *, cq_id: Any = None, blocking: bool = True) -> None:
        emulation.captures.find(trace_id).replay(emulation)

    def release(device: Any, trace_id: Any) -> None:
        emulation.captures.release(trace_id)

    def record(device: Any, cq_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        return emulation.captures.event(cq_id)

    def wait(cq_id: Any, mesh_event: Any) -> None:
        emulation.captures.check_event(mesh_event)

    def synchronize(mesh_event: Any) -> None:
        emulation.captures.check_event(mesh_event)

    replaced: dict[str, Callable[..., Any]] = {
        "begin_trace_capture": begin,
        "end_trace_capture": end,
        "execute_trace": execute,
        "release_trace": release,
        "record_event": record,
        "wait_for_event": wait,
        "event_synchronize": synchronize,
    }
    for name, function in replaced.items():
        patches.set(ttnn, name, function)
    if hasattr(ttnn, "is_trace_capture_active"):
        patches.set(ttnn, "is_trace_capture_active", lambda *_, **__: emulation.captures.current is not None)


def _prepared_weights(emulation: Emulation, patches: Patches) -> None:
    from bringup.target.reference.convolution import prepared_bias, prepared_weight

    for name, prepare in (
        ("prepare_conv_weights", prepared_weight),
        ("prepare_conv_transpose2d_weights", prepared_weight),
        ("prepare_conv_bias", prepared_bias),
        ("prepare_conv_transpose2d_bias", prepared_bias),
    ):
        original = getattr(ttnn, name)

        def call(*args: Any, _original: Any = original, _prepare: Any = prepare, **kwargs: Any) -> Any:
            if emulation.is_inside:
                return _original(*args, **kwargs)
            value = _prepare(emulation, args, kwargs)
            with emulation.inside():
                output = _original(*args, **kwargs)
            emulation.keep(output, value)
            return output

        patches.set(ttnn, name, call)
        module = ttnn.operations.conv2d
        if hasattr(module, name):
            patches.set(module, name, call)
