# SPDX-License-Identifier: Apache-2.0
"""Head of chosen in TT-NN, with the tensors that it gets in a run of the whole model in torch.

1 module; a case is named after its first one and the number of calls that are alike.
Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

import pytest
from module_run import from_device, prepare

from tt import ttnn_chosen
from tt.parameters import prepare_parameters


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param("head", 0, id="head-x1"),
    ],
)
def test_head(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["head"][call]
    prepared = prepare(model_run, device)
    parameters = prepare_parameters(model_run.model, device, below=place).at(place)

    output = ttnn_chosen.head(prepared["x"], parameters)

    assert_outputs(
        references,
        [from_device(output[0], references[0].shape), from_device(output[1], references[1].shape)],
        choices=model_run.choices,
        pcc=0.99,
        relative_error=0.1,
    )
