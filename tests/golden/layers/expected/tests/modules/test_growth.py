# SPDX-License-Identifier: Apache-2.0
"""Growth of layers in TT-NN, with the tensors that it gets in a run of the whole model in torch.

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
        pytest.param("dense.growth1", 0, id="dense.growth1-x1"),
        pytest.param("dense.growth2", 1, id="dense.growth2-x1"),
        pytest.param("dense.growth3", 2, id="dense.growth3-x1"),
    ],
)
def test_growth(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["growth"][call]
    parameters = prepare_parameters(model_run.model, device, below=place).at(place)

    output = ttnn_layers.growth(to_rows(inputs[0], device), parameters)

    assert_outputs(references, [from_rows(output, references[0].shape)], pcc=0.99, relative_error=0.1)
