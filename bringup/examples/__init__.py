"""Example models that come with bringup: `example:yolov4`."""

from __future__ import annotations

EXAMPLES: dict[str, str] = {
    "yolov4": "bringup.examples.yolov4:Yolov4",
    "unet": "bringup.examples.unet:UNet",
    "lstm": "bringup.examples.lstm:Tagger",
}
"""`module:class` by name. Each module also has `example_inputs(batch)`; weights are random, seeded by the caller."""
