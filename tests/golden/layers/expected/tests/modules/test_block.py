# SPDX-License-Identifier: Apache-2.0
"""Block of layers in TT-NN, with the tensors that it gets in a run of the whole model in torch.

3 modules; a case is named after its first one and the number of calls that are alike.
Made by `bringup init tests/models/layers.py:Layers --input 1x3x32x32`.
"""

import pytest
from module_run import from_rows, to_rows

from tt import ttnn_layers
from tt.parameters import prepare_parameters


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param("blocks.1", 1, id="blocks.1-x1"),
        pytest.param("blocks.0", 0, id="blocks.0-x1"),
        pytest.param("blocks.2", 2, id="blocks.2-x1"),
    ],
)
def test_block(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["block"][call]
    parameters = prepare_parameters(model_run.model, device, below=place).at(place)

    output = ttnn_layers.block(to_rows(inputs[0], device), parameters)

    assert_outputs(references, [from_rows(output, references[0].shape)], pcc=0.99, relative_error=0.1)
