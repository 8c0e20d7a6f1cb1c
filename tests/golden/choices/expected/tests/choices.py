# SPDX-License-Identifier: Apache-2.0
"""What chosen chooses in torch: what a top-k, a sort or a maximum picks, and a comparison or a cast decides.

Where elements are equal, or nearer to each other than a bound, another choice is as good: indices are then compared
by what they pick, and what rests on such a choice cannot be judged by values.

Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

from types import SimpleNamespace

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

LAST = ("argmax", "argmin", "max", "min")
RUNNING = ("cummax", "cummin")
POOLS = {
    "max_pool2d_with_indices": 2,
    "adaptive_max_pool2d": 2,
    "max_pool3d_with_indices": 3,
    "adaptive_max_pool3d": 3,
}
SORTED = ("topk", "sort", "kthvalue", "median")
COMPARED = ("gt", "lt", "ge", "le", "eq", "ne")
CUT = ("_to_copy", "floor", "ceil", "trunc", "round")
SAME = ("clone", "detach", "alias", "_to_copy")


class Choices(TorchDispatchMode):
    """Keeps, while torch runs, which choices every tensor rests on, and what tensors of indices pick from."""

    def __init__(self):
        super().__init__()
        self.made, self.rests_on, self.picks = [], WeakIdKeyDictionary(), WeakIdKeyDictionary()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        given = {argument.name: argument.default_value for argument in func._schema.arguments}
        given |= dict(zip(given, args, strict=False)) | (kwargs or {})
        results = [item for item in _items(result) if isinstance(item, torch.Tensor)]
        read = [item for item in _items(list(given.values())) if isinstance(item, torch.Tensor)]
        earlier = frozenset().union(*(self.rests_on.get(tensor, ()) for tensor in read))
        name = func._schema.name.removeprefix("aten::")
        own = self._choose(func, name, given, results)
        for tensor in results:
            self.rests_on[tensor] = earlier | own
        if name in (*LAST, *SORTED, *RUNNING, *POOLS) and results and not results[-1].is_floating_point():
            dim, flat = (-1, POOLS[name]) if name in POOLS else (given.get("dim"), 0)
            self.picks[results[-1]] = SimpleNamespace(source=given["self"], dim=dim, flat=flat, earlier=earlier)
        elif name in SAME and results and read and read[0] in self.picks:
            self.picks[results[0]] = self.picks[read[0]]
        return result

    def _choose(self, func, name, given, results):
        gaps = _pool_gaps(func, given, results, POOLS[name]) if name in POOLS else _gaps(name, given, results)
        if gaps is None:
            return frozenset()
        self.made.append(SimpleNamespace(name=name, gaps=gaps))
        return frozenset({len(self.made) - 1})

    def since(self, start, tensor):
        """A tensor that rests on no choice before one: a module's test is given what was chosen earlier."""
        if tensor in self.rests_on:
            self.rests_on[tensor] = frozenset(number for number in self.rests_on[tensor] if number >= start)
        return tensor

    def open_for(self, tensor, bound):
        """What a tensor rests on that chooses among elements nearer than a bound, in words; empty when nothing does."""
        numbers = self.rests_on.get(tensor, frozenset())
        if tensor in self.picks:
            numbers = numbers & self.picks[tensor].earlier
        said = []
        for choice in (self.made[number] for number in sorted(numbers)):
            near, ties = int((choice.gaps <= bound).sum()), int((choice.gaps == 0).sum())
            if near:
                said.append(f"{choice.name} ({near} of {choice.gaps.numel()} neighbours, {ties} of them exact ties)")
        return f"it rests on choices among elements equal within {bound:g}: {', '.join(said)}" if said else ""


def _gaps(name, given, results):
    """How far what was chosen is from what comes next, in units of the source's size; None for what chooses nothing."""
    source = given.get("self")
    if not isinstance(source, torch.Tensor) or not source.is_floating_point() or not source.numel():
        return None
    if name in COMPARED:
        gaps = (source - given["other"]).abs()
    elif name in CUT:
        if name == "_to_copy" and (results[0].is_floating_point() or results[0].dtype == torch.bool):
            return None
        away = (source - source.round()).abs()
        gaps = 0.5 - away if name == "round" else away
    elif name in SORTED or (name in LAST and not results[-1].is_floating_point()):
        gaps = _neighbours(name, given, source).diff(dim=-1).abs()
    else:
        return None
    size = source.double().square().mean().sqrt()
    return gaps.double().flatten() / (size if size > 0 else 1.0)


def _pool_gaps(func, given, results, dims):
    """The same for the largest element of each window: the next one is found with all the largest left out."""
    source, (largest, places) = given["self"], results
    flat = source.flatten(-dims).scatter(-1, places.flatten(-dims), -torch.inf)
    own = [value for name, value in given.items() if name != "self"]
    gaps = largest - func(flat.reshape(source.shape), *own)[0]
    size = source.double().square().mean().sqrt()
    return gaps.double().flatten() / (size if size > 0 else 1.0)


def _neighbours(name, given, source):
    """The elements among which a choice is made, in order, along the last dimension."""
    dim = given.get("dim")
    rows = source.flatten() if dim is None else source.movedim(dim, -1) if source.dim() else source.reshape(1)
    ordered = rows.sort(dim=-1, descending=name in ("argmax", "max") or (name == "topk" and given["largest"])).values
    if name == "topk":
        return ordered[..., : given["k"] + 1]
    if name in LAST:
        return ordered[..., :2]
    if name == "sort":
        return ordered
    at = given["k"] - 1 if name == "kthvalue" else (rows.shape[-1] - 1) // 2
    return ordered[..., max(0, at - 1) : at + 2]


def _items(value):
    if isinstance(value, (list, tuple)):
        return [item for member in value for item in _items(member)]
    return [value]
