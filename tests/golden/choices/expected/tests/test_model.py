# SPDX-License-Identifier: Apache-2.0
"""chosen end to end: TT-NN against torch.

Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""

from module_run import as_torch

from tt import ttnn_chosen
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_chosen.prepare_inputs(**model_run.inputs, device=device)

    output = ttnn_chosen.chosen(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), choices=model_run.choices, pcc=0.98, relative_error=0.2)
