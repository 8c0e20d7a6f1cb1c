"""Models that bringup ships, for `example:NAME`."""

from __future__ import annotations

EXAMPLES = {
    "lstm": "bringup.examples.lstm:Tagger",
    "unet": "bringup.examples.unet:UNet",
    "yolov4": "bringup.examples.yolov4:Yolov4",
}
