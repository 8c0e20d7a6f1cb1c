# SPDX-License-Identifier: Apache-2.0
"""kept end to end: TT-NN against torch.

Made by `bringup init tests/models/kept.py:Kept --input x=4x8 --input ids=4:int64`.
"""

from module_run import as_torch

from tt import ttnn_kept
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_kept.prepare_inputs(**model_run.inputs, device=device)

    output = ttnn_kept.kept(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), pcc=0.98, relative_error=0.2)
