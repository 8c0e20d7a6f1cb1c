"""The emulated board's own behaviour: values follow buffers, what is not known says so, ttnn is given back."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import product

import pytest
import torch
import ttnn
from measure import relative_error

from bringup.target.dtypes import round_to
from bringup.target.findings import ArgumentError, CaptureError, NotJudged, ShapeError
from bringup.target.reference_call import _match
from bringup.target.values import Unknown


def tile(tensor, device, dtype=None):
    return ttnn.from_torch(tensor, dtype=dtype or ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.randn(2, 64, 96)


def test_views_and_in_place_ops_share_their_value(x, device):
    tensor = tile(x, device)
    view = ttnn.reshape(tensor, (128, 96))
    ttnn.add_(tensor, tensor)
    assert relative_error(ttnn.to_torch(view), (2 * x).reshape(128, 96)) == 0


def test_output_tensor_is_written(x, device):
    tensor, target = tile(x, device), tile(torch.zeros_like(x), device)
    ttnn.relu(tensor, output_tensor=target)
    assert relative_error(ttnn.to_torch(target), torch.relu(x)) == 0


@pytest.mark.parametrize("dtype", ["bfloat16", "bfloat8_b", "bfloat4_b"])
@pytest.mark.parametrize("shape", [(2, 64, 96), (37, 50), (5,)])
def test_rounded_mode_rounds_as_ttnn_packs(dtype, shape, emulation, device):
    """Against a host tensor, which holds what ttnn's packer made of it."""
    torch.manual_seed(0)
    value = torch.randn(shape) * torch.logspace(-3, 3, shape[-1])
    emulation.mode = "rounded"
    try:
        with emulation.inside():
            host = ttnn.from_torch(value, dtype=getattr(ttnn, dtype), layout=ttnn.TILE_LAYOUT)
            packed = ttnn.to_torch(host).float()
        computed = ttnn.to_torch(tile(value, device, getattr(ttnn, dtype)))
        assert torch.equal(computed.float(), packed)
        assert torch.equal(round_to(value, getattr(ttnn, dtype)), packed)
    finally:
        emulation.mode = "exact"
    assert not torch.equal(packed, value)


def test_modes_differ(x, emulation, device):
    assert relative_error(ttnn.to_torch(tile(x, device)), x) == 0
    emulation.mode = "rounded"
    try:
        assert 1e-4 < relative_error(ttnn.to_torch(tile(x, device)), x) < 1e-2
    finally:
        emulation.mode = "exact"


def test_a_host_tensor_keeps_its_digits_in_exact_mode(x, device):
    host = ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT)
    assert relative_error(ttnn.to_torch(ttnn.to_device(host, device)), x) == 0
    assert relative_error(ttnn.to_torch(ttnn.from_device(tile(x, device))), x) == 0


def test_uninitialised_memory_is_not_judged(device):
    with pytest.raises(NotJudged, match=r"ttnn\.empty leaves a buffer as it is"):
        ttnn.to_torch(ttnn.empty((32, 32), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device))


def test_what_depends_on_an_unknown_value_is_unknown(x, emulation, device):
    tensor = tile(x, device)
    emulation.values.put(tensor, Unknown("planted"))
    with pytest.raises(NotJudged, match="planted"):
        ttnn.to_torch(ttnn.relu(tensor) + tile(x, device))


def test_a_reference_that_fails_is_not_judged(x, device, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(ttnn.relu, "golden_function", fail)
    with pytest.raises(NotJudged, match="ZeroDivisionError: planted"):
        ttnn.to_torch(ttnn.relu(tile(x, device)))


def test_a_reference_of_another_shape_is_an_error_of_its_own(x, device, monkeypatch):
    monkeypatch.setattr(ttnn.relu, "golden_function", lambda t, **_: t[:1])
    with pytest.raises(
        ShapeError, match=r"ttnn\.relu has shape \[2, 64, 96\] in ttnn, its reference value has \[1, 64, 96\]"
    ):
        ttnn.relu(tile(x, device))


@pytest.mark.parametrize(
    ("op", "shape", "fits"),
    [
        ("ttnn.max_pool2d", (2, 3, 4, 8), True),
        ("ttnn.max_pool2d", (2, 3, 5, 8), False),
        ("ttnn.max_pool2d", (2, 3, 8, 4), False),
        ("ttnn.relu", (2, 3, 4, 8), False),
    ],
)
def test_a_pool_gives_its_pixels_as_rows_or_as_images_and_nothing_else_does(op, shape, fits):
    value = torch.randn(1, 1, 24, 8)
    with nullcontext() if fits else pytest.raises(ShapeError):
        (made,) = _match(op, [shape], [value])
        assert torch.equal(made, value.reshape(shape))


def test_a_weight_that_contradicts_its_arguments(device):
    x = ttnn.from_torch(torch.randn(1, 1, 64, 32), dtype=ttnn.bfloat16, device=device)
    weight = ttnn.from_torch(torch.randn(32, 32, 1, 9), dtype=ttnn.bfloat16)
    arguments = dict(device=device, in_channels=32, out_channels=32, batch_size=1, input_height=8, input_width=8)
    with pytest.raises(
        ArgumentError, match=r"ttnn\.conv2d: the weight has shape \[32, 32, 1, 9\], its arguments say \[32, 32, 3, 3\]"
    ):
        ttnn.conv2d(input_tensor=x, weight_tensor=weight, kernel_size=(3, 3), padding=(1, 1), **arguments)


def test_an_index_out_of_the_table(device):
    ids = ttnn.from_torch(torch.tensor([[1, 99]]), dtype=ttnn.uint32, device=device)
    table = ttnn.from_torch(torch.randn(10, 32), dtype=ttnn.bfloat16, device=device)
    with pytest.raises(ArgumentError, match="index 99 is out of a table of 10 rows"):
        ttnn.embedding(ids, table)


def test_float64_without_a_dtype(device):
    with pytest.raises(ArgumentError, match="float64"):
        ttnn.from_torch(torch.zeros(32, 32, dtype=torch.float64), device=device)


def test_prepared_convolution_weights_keep_their_values(mode, emulation, device):
    torch.manual_seed(0)
    image, weight = torch.randn(1, 32, 14, 14), torch.randn(64, 32, 3, 3)
    arguments = dict(
        in_channels=32, out_channels=64, batch_size=1, input_height=14, input_width=14, kernel_size=(3, 3),
        stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1, device=device,
        conv_config=ttnn.Conv2dConfig(weights_dtype=ttnn.bfloat16),
    )  # fmt: skip
    x = ttnn.from_torch(image.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    prepared = ttnn.prepare_conv_weights(
        weight_tensor=ttnn.from_torch(weight, dtype=ttnn.float32), weights_format="OIHW", has_bias=False,
        input_memory_config=x.memory_config(), input_layout=x.layout, input_dtype=ttnn.bfloat16, **arguments,
    )  # fmt: skip
    prepared = ttnn.to_device(prepared, device)
    output = ttnn.conv2d(input_tensor=x, weight_tensor=prepared, **arguments)
    expected = torch.nn.functional.conv2d(image, weight, padding=1)
    error = relative_error(ttnn.to_torch(output).reshape(1, 14, 14, 64).permute(0, 3, 1, 2), expected)
    assert error < 1e-5 if mode == "exact" else 1e-3 < error < 2e-2
    with pytest.raises(NotJudged, match="prepared weight"):
        ttnn.to_torch(prepared)


def test_a_trace_is_replayed_on_what_its_inputs_hold(x, device):
    tensor = tile(x, device)
    trace = ttnn.begin_trace_capture(device, cq_id=0)
    inner = ttnn.relu(tensor)
    output = ttnn.add(inner, tensor)
    ttnn.deallocate(inner)
    ttnn.end_trace_capture(device, trace, cq_id=0)
    with pytest.raises(NotJudged, match="has not been executed"):
        ttnn.to_torch(output)
    for value in (x, -x, x * 3):
        ttnn.copy_host_to_device_tensor(ttnn.from_torch(value, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT), tensor)
        ttnn.execute_trace(device, trace, cq_id=0, blocking=False)
        assert relative_error(ttnn.to_torch(output), torch.relu(value) + value) == 0
    ttnn.release_trace(device, trace)
    with pytest.raises(CaptureError, match="released"):
        ttnn.execute_trace(device, trace, cq_id=0)


def test_a_trace_holds_neither_reads_nor_writes(x, device):
    tensor = tile(x, device)
    trace = ttnn.begin_trace_capture(device, cq_id=0)
    try:
        with pytest.raises(CaptureError, match="no reads"):
            ttnn.to_torch(tensor)
        with pytest.raises(CaptureError, match="no writes"):
            tile(x, device)
        with pytest.raises(CaptureError, match="another trace"):
            ttnn.begin_trace_capture(device, cq_id=0)
    finally:
        ttnn.end_trace_capture(device, trace, cq_id=0)
        ttnn.release_trace(device, trace)


def test_two_command_queues_and_events(x, device):
    tensor = ttnn.allocate_tensor_on_device(
        ttnn.Shape([2, 64, 96]), ttnn.bfloat16, ttnn.TILE_LAYOUT, device, ttnn.DRAM_MEMORY_CONFIG
    )
    ttnn.copy_host_to_device_tensor(ttnn.from_torch(x, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT), tensor, cq_id=1)
    written = ttnn.record_event(device, 1)
    ttnn.wait_for_event(0, written)
    with ttnn.command_queue(0):
        output = ttnn.relu(tensor)
    ttnn.event_synchronize(ttnn.record_event(device, 0))
    assert relative_error(ttnn.to_torch(output), torch.relu(x)) == 0
    with pytest.raises(CaptureError, match="no event"):
        ttnn.wait_for_event(0, "written")


def test_slow_runtime_mode(x, device):
    with ttnn.manage_config("enable_fast_runtime_mode", False):
        assert relative_error(ttnn.to_torch(ttnn.relu(tile(x, device))), torch.relu(x)) == 0


def test_values_of_dead_buffers_are_dropped(x, emulation, device):
    before = len(emulation.values)
    for _ in range(2000):
        ttnn.relu(tile(x, device))
        ttnn.from_torch(x, dtype=ttnn.bfloat16)
    assert len(emulation.values) - before < 1200


def test_ttnn_is_given_back():
    from bringup.target.emulation import Emulation

    names = ["from_torch", "open_device", "begin_trace_capture", "wait_for_event", "prepare_conv_weights"]
    before = [getattr(ttnn, name) for name in names] + [ttnn.decorators.FastOperation.__call__, ttnn.Tensor.to_torch]
    inner = Emulation("n150", "exact")
    inner.install()
    assert ttnn.wait_for_event is not before[3]
    inner.remove()
    assert [getattr(ttnn, name) for name in names] + [
        ttnn.decorators.FastOperation.__call__,
        ttnn.Tensor.to_torch,
    ] == before


@pytest.mark.parametrize("shape", [(), (5,), (37, 50), (0, 4), (1, 3, 33, 65), (2, 1, 3, 4, 40)])
@pytest.mark.parametrize("layout", ["ROW_MAJOR_LAYOUT", "TILE_LAYOUT"])
@pytest.mark.parametrize("memory", ["DRAM_MEMORY_CONFIG", "L1_MEMORY_CONFIG"])
def test_a_tensor_reserved_on_the_device_is_the_one_that_ttnn_makes(shape, layout, memory, emulation, device):
    for source, dtype in product((torch.float32, torch.bfloat16, torch.float16), (ttnn.bfloat16, ttnn.float32)):
        placed = dict(dtype=dtype, layout=getattr(ttnn, layout), device=device, memory_config=getattr(ttnn, memory))
        tensor = torch.zeros(shape, dtype=source)
        reserved = ttnn.from_torch(tensor, **placed)
        with emulation.inside():
            made = ttnn.from_torch(tensor, **placed)
        for field in ("shape", "padded_shape", "dtype", "layout", "memory_config", "tile"):
            expected, found = (getattr(tensor, field) for tensor in (made, reserved))
            assert (found() == expected()) if callable(found) else (found == expected), field


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (dict(dtype=ttnn.bfloat8_b, layout=ttnn.ROW_MAJOR_LAYOUT), "TILE"),
        (dict(dtype=ttnn.bfloat16, memory_config=ttnn.L1_MEMORY_CONFIG, layout=ttnn.TILE_LAYOUT), "Out of Memory"),
        (dict(dtype=ttnn.bfloat16, spec=ttnn.TensorSpec((2, 2), ttnn.bfloat16, ttnn.TILE_LAYOUT)), "spec shape"),
    ],
)
def test_ttnn_still_refuses_what_it_does_not_place(given, words, device):
    with pytest.raises(RuntimeError, match=words):
        ttnn.from_torch(torch.zeros(10000, 20000), device=device, **given)
