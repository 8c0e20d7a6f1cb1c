# SPDX-License-Identifier: Apache-2.0
"""bert in functional torch against the model itself, on the CPU.

Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""


def test_functional(model_run, assert_close):
    assert_close(model_run.outputs, model_run.functional_outputs, pcc=0.9999, relative_error=1e-5)
