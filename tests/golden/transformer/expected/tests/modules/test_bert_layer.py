# SPDX-License-Identifier: Apache-2.0
"""BertLayer of bert in TT-NN, with the tensors that it gets in a run of the whole model in torch.

2 modules; a case is named after its first one and the number of calls that are alike.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

import pytest
from module_run import from_device, prepare, to_device

from tt import ttnn_bert
from tt.parameters import prepare_parameters


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param("encoder.layer.0", 0, id="encoder.layer.0-x2"),
    ],
)
def test_bert_layer(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["bert_layer"][call]
    prepared = prepare(model_run, device)
    parameters = prepare_parameters(model_run.model, device, below=place).at(place)

    output = ttnn_bert.bert_layer(to_device(inputs[0], device), prepared["attention_mask"], parameters)

    assert_outputs(references, [from_device(output, references[0].shape)], pcc=0.99, relative_error=0.1)
