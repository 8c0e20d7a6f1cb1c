# SPDX-License-Identifier: Apache-2.0
"""The board, and how outputs compare, for all tests of decoder.

A comparison fails where an output is wrong, and hands `record` what it computed and what it judged by. What cannot be
judged ends a test as "not judged": never as a pass.
"""

import importlib.util
import math
import os
import sys
from functools import partial
from pathlib import Path

import pytest
import torch

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

HAS_TTNN = importlib.util.find_spec("ttnn") is not None
HAS_BOARD = Path("/dev/tenstorrent").exists()
IS_EMULATED = "TT_METAL_MOCK_CLUSTER_DESC_PATH" in os.environ

EXACT = 1e-5
"""The relative error of a right program on an emulated board in exact mode."""
FOUR_UNITS = 2.0**-6
"""How far values may be off, four units of bfloat16, that differ from each other by less than PCC can judge."""

if not HAS_TTNN:
    collect_ignore_glob = ["ops/*", "modules/*", "test_model.py"]


def pytest_report_header(config):
    """What the tests run on."""
    if not HAS_TTNN:
        return "ttnn is not installed (pip install ttnn, on Python 3.10 or 3.12): no test here can run"
    if HAS_BOARD or IS_EMULATED:
        return f"ttnn on {'a board' if HAS_BOARD else 'an emulated board'}"
    return "neither a Tenstorrent board (/dev/tenstorrent) nor an emulated one is there: tests will be skipped"


@pytest.fixture(scope="module")
def board():
    """A Tenstorrent device that stays open for one file of tests."""
    if not (HAS_BOARD or IS_EMULATED):
        pytest.skip("no Tenstorrent board (/dev/tenstorrent), and no emulated one (TT_METAL_MOCK_CLUSTER_DESC_PATH)")
    import ttnn

    opened = ttnn.open_device(device_id=0, l1_small_size=32768)
    yield opened
    ttnn.close_device(opened)


@pytest.fixture
def device(board):
    """The device for one test."""
    yield board
    # Cached programs keep their sliding-window tables in L1_SMALL: some 280 convolutions would fill it.
    board.clear_program_cache()


@pytest.fixture(scope="session")
def model_run():
    """A run of the whole model in torch, with what every module got and gave."""
    from module_run import run_model

    return run_model()


@pytest.fixture
def assert_close(record_property):
    """Compare numbers: PCC, then the relative L2 error."""
    return partial(compare_close, record=record_property)


@pytest.fixture
def assert_equal(record_property):
    """Compare data movement and integer results: every value as bfloat16 holds it."""
    return partial(compare_equal, record=record_property)


@pytest.fixture
def assert_picks(record_property):
    """Compare indices by what they pick."""
    return partial(compare_picks, record=record_property)


@pytest.fixture
def assert_outputs(record_property, request):
    """Compare what a module gives, each output as what it is."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    is_exact = parameters.get("emulation_mode") == "exact"
    return partial(compare_outputs, record=record_property, is_exact=is_exact)


def compare_close(reference, output, pcc, relative_error, record):
    """Numbers: PCC, then the relative L2 error, for PCC alone is blind to scale and offset."""
    unjudged = []
    for name, expected, computed in pairs(reference, output):
        unjudged += _close(name, expected, computed, pcc, relative_error, record)
    end_unjudged(unjudged)


def compare_equal(reference, output, record):
    """Data movement and integer results: every value as bfloat16 holds it."""
    unjudged = []
    for name, expected, computed in pairs(reference, output):
        unjudged += _equal(name, expected, computed, record)
    end_unjudged(unjudged)


def compare_picks(reference, indices, source, dim, relative_error, record, name="indices"):
    """Indices: the same, or of elements that are equal within the bound; exact ties are no fault, and are said."""
    ((_, expected, computed),) = pairs(reference, indices)
    expected, computed = expected.long(), computed.double()
    size = source.shape[dim] if source.dim() else 1
    outside = int(((computed != computed.round()) | (computed < 0) | (computed >= size)).sum())
    assert outside == 0, f"{name}: {outside} of {computed.numel()} are no indices from 0 to {size - 1}"
    computed = computed.long()
    assert _repeats(expected, dim) or not _repeats(computed, dim), f"{name}: elements are picked twice"
    wanted, picked = (source.double().gather(dim, places) for places in (expected, computed))
    differing = expected != computed
    if bool(differing.any()):
        ties = int((differing & (wanted == picked)).sum())
        others = "" if ties == int(differing.sum()) else ", the others of elements equal within the bound"
        record(
            "judged_by",
            f"{name}: {int(differing.sum())} of {differing.numel()} indices differ, {ties} at exact ties{others}",
        )
    _near(name, wanted, picked, relative_error, record)


def compare_outputs(reference, output, pcc, relative_error, record, choices=None, is_exact=False):
    """Results of modules, each as what it is: numbers by closeness, indices by what they pick, the rest by equality.

    What rests on a choice among equal elements may be another one in the output: then it cannot be judged.
    """
    unjudged = []
    relative_error = min(relative_error, EXACT) if is_exact and choices else relative_error
    for name, expected, computed in pairs(reference, output):
        try:
            if choices and expected in choices.picks:
                _picked(name, expected, computed, choices.picks[expected], relative_error, record)
            elif expected.is_floating_point():
                unjudged += _close(name, expected, computed, pcc, relative_error, record)
                unjudged += _bad_inputs(name, expected)
            else:
                unjudged += _equal(name, expected, computed, record)
        except AssertionError as error:
            reason = choices.open_for(expected, relative_error) if choices else ""
            if not reason:
                raise
            unjudged.append(f"{error}, and {reason}")
    end_unjudged(unjudged)


def _picked(name, expected, computed, picks, relative_error, record):
    """Indices of a choice that torch made, whose dimension may be gone."""
    source, dim = (picks.source.flatten(), 0) if picks.dim is None else (picks.source, picks.dim)
    if picks.flat:
        source, expected, computed = (tensor.flatten(-picks.flat) for tensor in (source, expected, computed))
    elif picks.dim is None:
        expected, computed = expected.reshape(1), computed.reshape(1)
    elif expected.dim() < source.dim():
        expected, computed = expected.unsqueeze(dim), computed.unsqueeze(dim)
    compare_picks(expected, computed, source, dim, relative_error, record, name)


def end_unjudged(reasons):
    """End a test of which something could not be judged, after everything that could be."""
    if reasons:
        pytest.skip(f"not judged: {'; '.join(dict.fromkeys(reasons))}")


def pairs(reference, output):
    """References and outputs with their names, of equal shapes; what is no tensor has to be equal as it is."""
    expected, computed = _by_name(reference), _by_name(output)
    assert len(expected) == len(computed), f"{len(computed)} outputs, {len(expected)} required"
    assert list(expected) == list(computed), f"outputs {list(computed)}, required {list(expected)}"
    named = []
    for name, first in expected.items():
        if isinstance(first, torch.Tensor):
            named.append((name, first, computed[name]))
        else:
            assert first == computed[name], f"{name}: {computed[name]!r} computed, {first!r} required"
    for name, first, second in named:
        shapes = f"shape computed {tuple(second.shape)}, required {tuple(first.shape)}"
        assert tuple(second.shape) == tuple(first.shape), f"{name}: {shapes}"
    return named


def _by_name(output):
    """Outputs by their paths, as `run` of reference/load_model.py gives them, or numbered."""
    if isinstance(output, dict):
        return {f"output{path}": _as_reals(part) for path, part in output.items()}
    listed = output if isinstance(output, (list, tuple)) else [output]
    return {f"output {index}": _as_reals(part) for index, part in enumerate(listed)}


def _as_reals(part):
    """Complex values as the device has them: real and imaginary part in a last dimension of 2."""
    is_complex = isinstance(part, torch.Tensor) and part.is_complex()
    return torch.view_as_real(part.resolve_conj()) if is_complex else part


def _close(name, expected, computed, pcc, relative_error, record):
    if _is_all_nan(expected):
        return [_nan_words(name, expected)]
    unit = _unit(computed)
    expected, computed = _numbers(name, _as_float(expected), _as_float(computed), record)
    difference, norm = torch.linalg.vector_norm(computed - expected), torch.linalg.vector_norm(expected)
    error = float(difference / norm) if norm > 0 else float(difference)
    record("relative_error", error)
    if _is_resolved(expected, pcc, unit):
        computed_pcc = _pcc(expected, computed)
        record("pcc", computed_pcc)
        assert computed_pcc >= pcc, f"{name}: PCC computed {computed_pcc:.6f}, required {pcc}"
    else:
        # What rounding alone does to such values is more than PCC allows.
        relative_error = min(relative_error, FOUR_UNITS)
        record("judged_by", f"{name} {_hardly_varies(expected, computed, unit)}: by its relative error, not by PCC")
    assert error <= relative_error, f"{name}: relative error computed {error:.3e}, required {relative_error}"
    return []


def _near(name, wanted, picked, relative_error, record):
    """Whether elements are equal within the bound, together and each."""
    wanted, picked = (torch.nan_to_num(tensor, posinf=0.0, neginf=0.0) for tensor in (wanted, picked))
    norm, difference = torch.linalg.vector_norm(wanted), (picked - wanted).abs()
    error = float(torch.linalg.vector_norm(difference) / norm) if norm > 0 else float(difference.sum())
    record("relative_error", error)
    far = int((difference > relative_error * (wanted.abs() + norm / max(1, wanted.numel()) ** 0.5)).sum())
    assert far == 0 and error <= relative_error, (
        f"{name}: {far} of {wanted.numel()} indices pick other elements, relative error computed {error:.3e}, "
        f"required {relative_error}"
    )


def _repeats(indices, dim):
    """How many indices along a dimension name an element again."""
    if not indices.dim() or not indices.numel():
        return 0
    return int((indices.sort(dim).values.diff(dim=dim) == 0).sum())


def _equal(name, expected, computed, record):
    if _is_all_nan(expected):
        return [_nan_words(name, expected)]
    if expected.is_floating_point():
        expected, computed = expected.bfloat16(), computed.bfloat16()
        _note_nan(name, expected, record)
    expected, computed = expected.double(), computed.double()
    differing = int(((expected != computed) & ~(expected.isnan() & computed.isnan())).sum())
    assert differing == 0, f"{name}: {differing} of {expected.numel()} values differ"
    return []


def _numbers(name, expected, computed, record):
    """Both without the places where the reference is nan or infinite, which have to be the same in both."""
    if torch.isfinite(torch.linalg.vector_norm(expected) + torch.linalg.vector_norm(computed)):
        return expected, computed
    _note_nan(name, expected, record)
    expected, computed = _as_bfloat16_holds(expected), _as_bfloat16_holds(computed)
    finite = torch.isfinite(expected)
    others = [torch.where(torch.isfinite(tensor), 0, tensor) for tensor in (expected, computed)]
    assert others[0].allclose(others[1], equal_nan=True), f"{name}: inf or nan in other places"
    return expected[finite].double(), computed[finite].double()


def _is_all_nan(expected):
    return expected.is_floating_point() and expected.numel() > 0 and bool(expected.isnan().all())


def _nan_words(name, expected):
    places = int(expected.isnan().sum())
    where = "in all" if places == expected.numel() else f"in {places} of"
    return f"{name}: the reference is nan {where} {expected.numel()} places: the inputs are no good"


def _note_nan(name, expected, record):
    if bool(expected.isnan().any()):
        record("judged_by", f"{_nan_words(name, expected)}, or the op gives nan there; compared as places")


def _bad_inputs(name, expected):
    """A module's reference has no nan when its inputs are good."""
    return [_nan_words(name, expected)] if bool(expected.isnan().any()) else []


def _as_bfloat16_holds(tensor):
    # Masks are filled with the lowest float32; bfloat16's own lowest number stands for it, or -inf.
    return torch.where(tensor.abs() >= torch.finfo(torch.bfloat16).max, torch.sign(tensor) * float("inf"), tensor)


def _as_float(tensor):
    """One dimension of float32; what float32 would round stays exact."""
    is_narrow = tensor.dtype in (torch.float32, torch.bfloat16, torch.float16, torch.bool)
    return tensor.flatten().to(torch.float32 if is_narrow else torch.float64)


def _unit(computed):
    """How far rounding moves a value, as a share of it: one unit of bfloat16, or what arithmetic leaves of float32."""
    return 2.0**-8 if computed.dtype == torch.bfloat16 else 2.0**-17


def _is_resolved(expected, pcc, unit):
    """Whether values differ from each other by so much that one unit of rounding leaves PCC above what is required."""
    if expected.numel() < 2:
        return False
    spread = float(torch.linalg.vector_norm(expected - expected.mean()))
    return unit * float(torch.linalg.vector_norm(expected)) < math.sqrt(2 * (1 - pcc)) * spread


def _hardly_varies(expected, computed, unit):
    if expected.numel() < 2:
        return f"has {expected.numel()} value{'s' * (expected.numel() != 1)}"
    step = unit * float(expected.abs().max()) or 1.0
    varies, differs = float(expected.max() - expected.min()) / step, float((computed - expected).abs().max()) / step
    return f"varies by {varies:.1f} units of its dtype, and differs by at most {differs:.1f}"


def _pcc(expected, computed):
    """Pearson's correlation; a constant correlates with nothing that varies."""
    centered = expected - expected.mean(), computed - computed.mean()
    first, second = (float(torch.linalg.vector_norm(tensor)) for tensor in centered)
    if second <= 1e-6 * float(torch.linalg.vector_norm(computed)):
        return 0.0
    # From the difference: the sum of products of a million float32 values is not exact enough near 1.
    difference = float(torch.linalg.vector_norm(centered[1].sub_(centered[0])))
    return 1 - (difference**2 - (first - second) ** 2) / (2 * first * second)
