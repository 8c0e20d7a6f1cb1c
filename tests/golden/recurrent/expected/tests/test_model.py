# SPDX-License-Identifier: Apache-2.0
"""decoder end to end: TT-NN against torch.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

from module_run import as_torch

from tt import ttnn_decoder
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_decoder.prepare_inputs(**model_run.inputs, device=device)

    output = ttnn_decoder.decoder(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), pcc=0.98, relative_error=0.2)
