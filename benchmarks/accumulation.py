"""What long sums lose by a model of the kernels, and which layers of well-known models therefore add up in float32.

    python benchmarks/accumulation.py [--losses] [--layers]

The losses are relative errors of products of random matrices, inputs and output in bfloat16, by the emulated board's
model (bringup/target/accumulation.py, fitted to five figures of Tenstorrent's functional simulator); nothing is
measured on silicon.
"""

from __future__ import annotations

import argparse
from collections import Counter

import torch

from bringup.analysis import analyse
from bringup.ops.accumulation import sum_of
from bringup.ops.routes import registry_rows
from bringup.sources import LoadOptions, load
from bringup.trace import trace

TERMS = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
CONFIGS = {
    "HiFi4": (4, False, False),
    "HiFi4, packer_l1_acc": (4, False, True),
    "HiFi4, fp32_dest_acc_en": (4, True, False),
    "HiFi4, both (LONG_SUM)": (4, True, True),
    "HiFi2, packer_l1_acc": (2, False, True),
    "LoFi, packer_l1_acc": (1, False, True),
}
LLAMA_8B = ("hidden_size=4096", "intermediate_size=14336", "num_attention_heads=32", "num_key_value_heads=8")
MODELS = {
    "ResNet-50": ("torchvision:resnet50", ()),
    "VGG16": ("torchvision:vgg16", ()),
    "YOLOv4": ("example:yolov4", ()),
    "BERT-base": ("hf-config:bert", ()),
    "Llama, 8B's width": ("hf-config:llama", (*LLAMA_8B, "num_hidden_layers=1")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--losses", action="store_true", help="only the table of losses")
    parser.add_argument("--layers", action="store_true", help="only the table of layers")
    given = parser.parse_args()
    if given.losses or not given.layers:
        print_losses()
    if given.layers or not given.losses:
        for name, (spec, settings) in MODELS.items():
            print_layers(name, spec, settings)


def print_losses() -> None:
    from bringup.target.accumulation import Accumulation, multiply

    print("| config | " + " | ".join(f"{terms:,}" for terms in TERMS) + " |")
    print("|---|" + "---|" * len(TERMS))
    for name, (passes, is_float32, is_in_l1) in CONFIGS.items():
        how = Accumulation(passes, is_float32=is_float32, is_in_l1=is_in_l1)
        errors = []
        for terms in TERMS:
            torch.manual_seed(0)
            first, second = torch.randn(64, terms), torch.randn(terms, 16)
            computed = multiply(first.bfloat16().float(), second.bfloat16().float(), how).bfloat16().double()
            expected = first.double() @ second.double()
            errors.append(float((computed - expected).norm() / expected.norm()))
        print(f"| {name} | " + " | ".join(f"{error:.4f}" for error in errors) + " |", flush=True)


def print_layers(name: str, spec: str, settings: tuple[str, ...]) -> None:
    loaded = load(spec, LoadOptions(settings=settings, no_weights=bool(settings)))
    inventory = analyse(loaded.info, trace(loaded, "ttnn", rows=registry_rows())).inventory
    calls: Counter[tuple[str, int, str]] = Counter()
    where: dict[tuple[str, int, str], str] = {}
    for variation in inventory.variations:
        if found := sum_of(variation):
            config = "LONG_SUM" if found.is_long else found.default.config
            key = (variation.op, found.terms, config)
            calls[key] += variation.count
            where.setdefault(key, variation.sites[0].module)
    long = sum(count for (_, _, config), count in calls.items() if config == "LONG_SUM")
    print(f"\n{name}: {long} of {sum(calls.values())} with LONG_SUM")
    print("| op | products | calls | first | config |\n|---|---|---|---|---|")
    for (op, terms, config), count in sorted(calls.items(), key=lambda item: (item[0][0], item[0][1])):
        print(f"| {op} | {terms:,} | {count} | {where[op, terms, config]} | {config} |")


if __name__ == "__main__":
    main()
