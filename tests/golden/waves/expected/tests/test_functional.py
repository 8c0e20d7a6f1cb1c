# SPDX-License-Identifier: Apache-2.0
"""waves in functional torch against the model itself, on the CPU.

Made by `bringup init tests/models/waves.py:Waves --input 2x4x32`.
"""


def test_functional(model_run, assert_close):
    assert_close(model_run.outputs, model_run.functional_outputs, pcc=0.9999, relative_error=1e-5)
