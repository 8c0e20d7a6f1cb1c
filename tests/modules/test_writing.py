"""Awkward habits of torch models, written as functional torch: bit-equal, and grouped as a person would."""

from __future__ import annotations

import pytest

from bringup.errors import UsageError
from bringup.modules.naming import safe, snake_case
from bringup.modules.splice import splice
from bringup.modules.tables import fold_rows


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("ResNet", "resnet"), ("MobileNetV2", "mobilenet_v2"), ("BertSelfAttention", "bert_self_attention"), ("UNet", "unet"),
        ("_DenseLayer", "dense_layer"), ("Conv2dNormActivation", "conv2d_norm_activation"), ("T5LayerFF", "t5_layer_ff"),
        ("LlamaRMSNorm", "llama_rms_norm"), ("class", "class_"), ("print", "print_"), ("1x1", "_1x1"),
    ],
)  # fmt: skip
def test_function_names(class_name, expected):
    assert snake_case(class_name) == expected


def test_names_hide_nothing():
    assert [safe(name) for name in ("input", "parameters", "ttnn", "x", "lambda")] == [
        "input_",
        "parameters_",
        "ttnn_",
        "x",
        "lambda_",
    ]


def test_rows_fold_over_the_first_number():
    rows = {f"layer.{i}.fc.weight": ("transposed", f'"layer.{i}.fc.weight"') for i in range(3)}
    folded = fold_rows({**rows, "head.weight": ("row", '"head.weight"')})
    assert [(row.indices, row.texts) for row in folded] == [
        ("range(3)", ('"layer.{}.fc.weight"', "transposed", '"layer.{}.fc.weight"')),
        ("", ('"head.weight"', "row", '"head.weight"')),
    ]


def test_rows_that_differ_elsewhere_do_not_fold():
    assert len(fold_rows({"a.0.x": ('{"size": 1}',), "a.1.x": ('{"size": 2}',)})) == 2


def test_splice_changes_one_function():
    current = "def a():\n    return 1  # mine\n\n\ndef b():\n    return 2\n"
    made = "def a():\n    return 3\n\n\ndef b():\n    return 4\n"
    assert splice(current, made, "b") == "def a():\n    return 1  # mine\n\n\ndef b():\n    return 4\n"
    with pytest.raises(UsageError, match="there is no function c"):
        splice(current, made, "c")
    with pytest.raises(UsageError, match="not Python"):
        splice("def a(:", made, "a")
