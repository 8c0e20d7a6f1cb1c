# SPDX-License-Identifier: Apache-2.0
"""Dense of layers in TT-NN, with the tensors that it gets in a run of the whole model in torch.

1 module; a case is named after its first one and the number of calls that are alike.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
from module_run import from_rows, to_rows

from tt import ttnn_layers
from tt.parameters import prepare_parameters


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param("dense", 0, id="dense-x1"),
    ],
)
def test_dense(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["dense"][call]
    parameters = prepare_parameters(model_run.model, device, below=place).at(place)

    output = ttnn_layers.dense(to_rows(inputs[0], device), parameters)

    assert_outputs(references, [from_rows(output, references[0].shape)], pcc=0.99, relative_error=0.1)
