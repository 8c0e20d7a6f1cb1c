# SPDX-License-Identifier: Apache-2.0
"""decoder in functional torch against the model itself, on the CPU.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""


def test_functional(model_run, assert_close):
    assert_close(model_run.outputs, model_run.functional_outputs, pcc=0.9999, relative_error=1e-5)
