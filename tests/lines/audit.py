"""Whether rows claim what ttnn takes: no more, and no less."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import torch
from trial import Trial, difference, trial_board

from bringup.coverage import judge_variation
from bringup.inventory import Operand, Variation
from bringup.lines.overloads import find_overload
from bringup.lines.read import read_line, torch_value
from bringup.ops.lowering import own_name
from bringup.ops.spec import Lowering, OpSpec


def audit(rows: Mapping[str, OpSpec], lines: list[dict[str, Any]]) -> list[str]:
    """One finding per line about which a row and the emulated board disagree, found in a child process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as out, trial_board() as trial:
            findings = [finding for line in lines if (finding := _disagreement(trial, rows, line))]
            out.write(json.dumps(findings))
            out.flush()
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as text:
        found = text.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else ["ttnn ended the process"]


def _disagreement(trial: Trial, rows: Mapping[str, OpSpec], line: dict[str, Any]) -> str:
    variation = read_line(1, json.dumps(line)).variation
    assert variation, line
    row = rows[variation.op]
    verdict = judge_variation(variation, row)
    if row.lower is None or verdict.status not in ("native", "composite", "rejected"):
        return ""
    try:
        lowering = row.lower(variation)
        words = _not_the_op(trial, variation, lowering) or trial.run(lowering, lowering.ttnn)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
    if verdict.is_supported and words:
        return f"{variation.op} claims more than ttnn takes: {json.dumps(line['args'])}: {words}"
    if verdict.status == "rejected" and not words:
        return f"{variation.op} claims less than ttnn takes: {json.dumps(line['args'])}: {verdict.reason}"
    return ""


def _not_the_op(trial: Trial, variation: Variation, lowering: Lowering) -> str:
    """What a lowering is compared with has to be what the op itself gives, where its inputs are the op's own."""
    scope, reference = trial.reference(lowering)
    overload = find_overload(variation.op)
    given: dict[str, Any] = {}
    for argument in variation.arguments:
        name = f"torch_{own_name(argument.name)}"
        is_tensor = isinstance(argument.value, Operand)
        if is_tensor and name not in scope:
            return ""
        holds_tensors = isinstance(argument.value, tuple) and any(isinstance(v, Operand) for v in argument.value)
        if holds_tensors and not isinstance(scope.get(name), list):
            return ""
        given[argument.name] = scope.get(name) if is_tensor or holds_tensors else torch_value(argument.value)
    schema = overload._schema.arguments
    try:
        made = overload(
            *[
                given.get(p.name, torch.device("cpu"))
                for p in schema
                if not p.kwarg_only and p.name in (*given, "device")
            ],
            **{p.name: given[p.name] for p in schema if p.kwarg_only and p.name in given},
        )
    except NotImplementedError:  # torch has it for other devices alone
        return ""
    if isinstance(made, (list, tuple)):
        tensors = [tensor for tensor in made if torch.is_tensor(tensor)]
        made = (
            tensors
            if lowering.many_outputs and len(variation.read) == len(tensors)
            else [tensors[i] for i in variation.read]
        )
        made = made if lowering.many_outputs else made[0]
    wanted = made
    pairs = zip(wanted, reference, strict=False) if lowering.many_outputs else [(wanted, reference)]
    found = next(filter(None, (difference(w.float(), r.float(), False) for w, r in pairs if torch.is_tensor(w))), "")
    return f"its reference is not the op: {found}" if found else ""
