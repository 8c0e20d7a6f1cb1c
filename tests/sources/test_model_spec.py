"""Specs and names: no torch is needed for either."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bringup.errors import SourceError
from bringup.sources.spec import near_matches, parse_spec, slug

GOOD = [
    ("torchvision:resnet50", "torchvision", "resnet50", "", "resnet50"),
    (
        "timm:mobilenetv3_large_100.ra_in1k",
        "timm",
        "mobilenetv3_large_100.ra_in1k",
        "",
        "mobilenetv3_large_100_ra_in1k",
    ),
    ("hf:openai/whisper-tiny", "hf", "openai/whisper-tiny", "", "whisper_tiny"),
    ("hf-config:bert", "hf-config", "bert", "", "bert"),
    ("hf-config:models/tiny-llama/config.json", "hf-config", "models/tiny-llama/config.json", "", "tiny_llama"),
    ("hf-config:small.json", "hf-config", "small.json", "", "small"),
    ("example:yolov4", "example", "yolov4", "", "yolov4"),
    ("path/model.py:Net", "path", "path/model.py", "Net", "net"),
    ("C:/models/model.py:Net", "path", "C:/models/model.py", "Net", "net"),
    ("package.module:Net", "module", "package.module", "Net", "net"),
    ("module:Net", "module", "module", "Net", "net"),
    ("path/model.py:Net.small", "path", "path/model.py", "Net.small", "net_small"),
    ("package.module:Net.small", "module", "package.module", "Net.small", "net_small"),
    ("module:Net.small", "module", "module", "Net.small", "net_small"),
    ("path/yolo.py", "path", "path/yolo.py", "", "yolo"),
    ("C:/models/yolo.py", "path", "C:/models/yolo.py", "", "yolo"),
    ("json.decoder", "module", "json.decoder", "", "decoder"),
]


@pytest.mark.parametrize(("text", "source", "target", "attribute", "name"), GOOD, ids=[case[0] for case in GOOD])
def test_spec_is_told_by_its_form(text: str, source: str, target: str, attribute: str, name: str) -> None:
    spec = parse_spec(text)
    assert (spec.source, spec.target, spec.attribute, spec.name) == (source, target, attribute, name)


BAD = [
    ("", "not a model spec: ''", "write torchvision:NAME"),
    ("../../x", "not a model spec: '../../x'", "write torchvision:NAME"),
    ("resnet50", "not a model spec: 'resnet50'", "did you mean torchvision:resnet50?"),
    ("torchvision:", "no model is named after torchvision:", "bringup models"),
    ("torchvison:resnet50", "unknown source in 'torchvison:resnet50'", "did you mean torchvision:resnet50?"),
    ("TIMM:resnet50", "unknown source in 'TIMM:resnet50'", "did you mean timm:resnet50?"),
    ("model.py:", "'model.py:': '' is no name in Python", "name a class of the file: model.py:Name"),
    ("model.py:a b", "'model.py:a b': 'a b' is no name in Python", "name a class"),
    ("model.py:a.", "'a.' is no name in Python", "name a class"),
    ("model.py:Net.class", "'Net.class' is no name in Python", "name a class"),
    ("resnet50.a1_in1k", "not a model spec: 'resnet50.a1_in1k'", "write torchvision:NAME"),
    ("torchvison:resnet50.x", "unknown source in 'torchvison:resnet50.x'", "did you mean torchvision:resnet50.x?"),
    ("a b:c", "unknown source in 'a b:c'", "write torchvision:NAME"),
    ("hf:..", "'..' gives no name", "ASCII letters or digits"),
]


@pytest.mark.parametrize(("text", "what", "next_step"), BAD, ids=[repr(case[0]) for case in BAD])
def test_bad_spec_says_what_to_write(text: str, what: str, next_step: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_spec(text)
    assert what in caught.value.what
    assert next_step in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MobileNetV2", "mobilenetv2"),
        ("../../x", "x"),
        ("/etc/passwd", "etc_passwd"),
        ("1x1", "model_1x1"),
        ('a"b\nc`d', "a_b_c_d"),
        ("Café", "cafe"),
        ("x" * 300, "x" * 80),
    ],
)
def test_slug_is_safe_as_a_folder_and_in_code(text: str, name: str) -> None:
    assert slug(text) == name
    assert name.isidentifier()


def test_slug_falls_back_then_fails() -> None:
    assert slug("Модель", "model") == "model"
    with pytest.raises(SourceError, match="gives no name"):
        slug("Модель", "///")


def test_near_matches_reads_as_a_sentence() -> None:
    assert near_matches("resnt18", ("resnet18", "vgg16")) == "did you mean resnet18?"
    assert near_matches("zzzz", ("resnet18", "vgg16")) == ""


def test_sources_import_no_torch() -> None:
    code = "import sys, bringup.sources, bringup.sources.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
