# SPDX-License-Identifier: Apache-2.0
"""?vil??? import os; | <b># of hostile in TT-NN, with the tensors that it gets in a run of the whole model in torch.

1 module; a case is named after its first one and the number of calls that are alike.
Made by `bringup init tests/models/awkward.py:Hostile --input 2x4`.
"""

import pytest
from module_run import from_device, to_device

from tt import ttnn_hostile


@pytest.mark.parametrize(
    ("place", "call"),
    [
        pytest.param("evil", 0, id="evil-x1"),
    ],
)
def test_vil_import_os_b(device, model_run, assert_outputs, place, call):
    inputs, references = model_run.calls["vil_import_os_b"][call]

    output = ttnn_hostile.vil_import_os_b(to_device(inputs[0], device))

    assert_outputs(references, [from_device(output, references[0].shape)], pcc=0.99, relative_error=0.1)
