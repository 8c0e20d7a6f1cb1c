"""The list of models: every source that is installed, and the names of those that are not."""

from __future__ import annotations

import sys

import pytest

from bringup.errors import SourceError, UsageError
from bringup.sources.catalogue import CatalogueEntry, list_models, missing_sources

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("source", "at_least", "entry"),
    [
        ("torchvision", 100, CatalogueEntry("torchvision:fasterrcnn_resnet50_fpn", "torchvision", "cv_object_det")),
        ("torchvision", 100, CatalogueEntry("torchvision:deeplabv3_resnet50", "torchvision", "cv_image_seg")),
        ("torchvision", 100, CatalogueEntry("torchvision:r3d_18", "torchvision", "cv_video_cls")),
        ("timm", 1000, CatalogueEntry("timm:mobilenetv3_large_100", "timm", "cv_image_cls")),
        ("hf-config", 300, CatalogueEntry("hf-config:llama", "hf-config", "nlp_causal_lm")),
        ("hf-config", 300, CatalogueEntry("hf-config:bert", "hf-config", "")),
        ("example", 3, CatalogueEntry("example:yolov4", "example", "")),
    ],
)
def test_sources_list_their_models(source: str, at_least: int, entry: CatalogueEntry) -> None:
    entries = list_models(source=source)
    assert len(entries) >= at_least
    assert entry in entries
    assert {found.source for found in entries} == {source}


def test_search_is_over_all_sources_and_tasks() -> None:
    assert {"torchvision:resnet18", "timm:resnet18"} <= {entry.spec for entry in list_models("ResNet18")}
    assert {entry.task for entry in list_models("cv_object_det")} == {"cv_object_det"}
    assert list_models("no such model") == ()


def test_a_source_that_is_not_installed_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_sources() == ()
    monkeypatch.setitem(sys.modules, "timm", None)
    assert missing_sources() == ("timm",)
    assert {entry.source for entry in list_models("resnet18")} == {"torchvision"}
    with pytest.raises(SourceError, match="timm is not installed"):
        list_models(source="timm")


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        list_models(source="torchvison")
    assert caught.value.next_step == "did you mean torchvision?"
