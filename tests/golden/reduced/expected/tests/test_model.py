# SPDX-License-Identifier: Apache-2.0
"""mixed end to end: TT-NN against torch.

Made by `bringup init tests/models/reduced.py:Mixed --input 4x16`.
"""

from module_run import as_torch

from tt import ttnn_mixed
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_mixed.prepare_inputs(**model_run.inputs, device=device)

    output = ttnn_mixed.mixed(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), pcc=0.98, relative_error=0.2)
