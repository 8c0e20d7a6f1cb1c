# SPDX-License-Identifier: Apache-2.0
"""chosen in functional torch against the model itself, on the CPU.

Made by `bringup init tests/models/results.py:Chosen --input 4x16`.
"""


def test_functional(model_run, assert_close):
    assert_close(model_run.outputs, model_run.functional_outputs, pcc=0.9999, relative_error=1e-5)
