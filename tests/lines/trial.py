"""One lowering run in this process on the emulated board, in exact mode: the fast way to ask many times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from bringup.ops.accumulation import DEFINITION
from bringup.ops.spec import Lowering, Result
from bringup.plan.op_tests import fill, tensor_lines
from bringup.python_text import literal
from bringup.target.modes import EXACT_ERROR


@dataclass(frozen=True)
class Trial:
    """An open board."""

    device: Any

    def reference(self, lowering: Lowering) -> tuple[dict[str, Any], Any]:
        """The names that a generated test has before its ttnn statements, and its reference."""
        import ttnn

        scope: dict[str, Any] = {"torch": torch, "ttnn": ttnn, "device": self.device}
        exec(DEFINITION, scope)
        torch.manual_seed(0)
        for tensor in lowering.inputs:
            name = f"{tensor.name}_shapes" if tensor.many else f"{tensor.name}_shape"
            scope[name] = list(tensor.shape) if tensor.many else tensor.shape
            exec(tensor_lines(tensor, name).torch, scope)
        texts = {name: literal(value) for name, value in lowering.values.items()}
        return scope, eval(fill(lowering.torch, texts), scope)

    def run(self, lowering: Lowering, statements: tuple[str, ...], **names: Any) -> str:
        """What is wrong with statements in place of the lowering's own; empty when they are right."""
        import ttnn

        scope, reference = self.reference(lowering)
        scope.update(names)
        texts = {name: literal(value) for name, value in lowering.values.items()}
        try:
            for tensor in lowering.inputs:
                name = f"{tensor.name}_shapes" if tensor.many else f"{tensor.name}_shape"
                exec(tensor_lines(tensor, name).ttnn, scope)
            exec("\n".join(fill(statement, texts) for statement in statements), scope)
            output = scope["output"]
            listed = list(output) if lowering.many_outputs else [output]
            computed = [ttnn.to_torch(tensor) for tensor in listed]
        except Exception as error:
            return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        expected = list(reference) if lowering.many_outputs else [reference]
        if len(expected) != len(computed):
            return f"{len(computed)} outputs, {len(expected)} required"
        results = lowering.results or (Result(lowering.compare),) * len(expected)
        pairs = zip(expected, computed, results, strict=True)
        return next(filter(None, (self.differs(e, c, result, scope, texts) for e, c, result in pairs)), "")

    def differs(
        self,
        expected: torch.Tensor,
        computed: torch.Tensor,
        result: Result,
        scope: dict[str, Any],
        texts: dict[str, str],
    ) -> str:
        """How a result differs, compared as what it is: indices by what they pick."""
        if result.compare != "picks" or tuple(expected.shape) != tuple(computed.shape):
            return difference(expected, computed, result.compare == "exact")
        source = eval(fill(result.source, texts), scope).double()
        scope = {**scope, "expected": expected.long(), "computed": computed.long()}
        dim = eval(fill(result.dim, texts), scope)
        view = fill(result.view, texts)
        places = [eval(f"{name}{view}", scope) for name in ("expected", "computed")]
        if places[1].numel() and not 0 <= int(places[1].min()) <= int(places[1].max()) < (source.shape or (1,))[dim]:
            return "indices outside"
        return difference(*(source.gather(dim, place) for place in places), False)

    def free(self) -> None:
        """Give up cached programs, whose tables fill L1_SMALL."""
        self.device.clear_program_cache()


def difference(expected: torch.Tensor, computed: torch.Tensor, is_exact: bool) -> str:
    """How two tensors differ, as generated tests see it in exact mode; empty when they agree."""
    if expected.is_complex():
        expected = torch.view_as_real(expected.resolve_conj())
    if tuple(expected.shape) != tuple(computed.shape):
        return f"shape {tuple(computed.shape)}, required {tuple(expected.shape)}"
    if is_exact:
        expected = expected.bfloat16() if expected.is_floating_point() else expected
        count = int((expected.double() != computed.to(expected.dtype).double()).sum())
        return f"{count} values differ" if count else ""
    expected, computed = _as_bfloat16_holds(expected), _as_bfloat16_holds(computed)
    finite = torch.isfinite(expected)
    if not finite.equal(torch.isfinite(computed)):
        return "inf or nan in other places"
    expected, computed = expected[finite].double(), computed[finite].double()
    norm = float(torch.linalg.vector_norm(expected))
    error = float(torch.linalg.vector_norm(computed - expected)) / (norm or 1.0)
    return "" if error <= EXACT_ERROR else f"relative error {error:.2e}"


def _as_bfloat16_holds(tensor: torch.Tensor) -> torch.Tensor:
    """The lowest number of bfloat16 stands for that of float32, as in generated tests."""
    if not tensor.is_floating_point():
        return tensor
    return torch.where(tensor.abs() >= torch.finfo(torch.bfloat16).max, torch.sign(tensor) * float("inf"), tensor)


@contextmanager
def trial_board(board: str = "n150") -> Iterator[Trial]:
    """A board for trials, in this process."""
    from bringup.target.board import prepare_process

    prepare_process(board)
    torch.set_num_threads(1)  # a forked child lacks its parent's threads, and would wait for them
    import ttnn

    from bringup.target import emulated_board

    with emulated_board(board, "exact"):
        device = ttnn.open_device(device_id=0, l1_small_size=32768)
        try:
            yield Trial(device)
        finally:
            ttnn.close_device(device)
