# SPDX-License-Identifier: Apache-2.0
"""waves end to end: TT-NN against torch.

Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""

from module_run import as_torch

from tt import ttnn_waves
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_waves.prepare_inputs(**model_run.inputs, device=device)

    output = ttnn_waves.waves(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), pcc=0.98, relative_error=0.2)
