# SPDX-License-Identifier: Apache-2.0
"""bert end to end: TT-NN against torch.

Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

from module_run import as_torch

from tt import ttnn_bert
from tt.parameters import prepare_parameters


def test_model(device, model_run, assert_outputs):
    parameters = prepare_parameters(model_run.model, device)
    inputs = ttnn_bert.prepare_inputs(**model_run.inputs, device=device, parameters=parameters)

    output = ttnn_bert.bert_model(*inputs, parameters=parameters)

    assert_outputs(model_run.outputs, as_torch(output), pcc=0.98, relative_error=0.2)
