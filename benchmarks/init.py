"""`bringup init` against the script that a user would write by hand, in one run.

    python benchmarks/init.py [--repeat 3] [MODEL ...]

The script imports the source, builds the model, runs torch.export, torchinfo and torchviz with its .svg, and writes
what they give. Both start as new processes, in turn; the ratio is of the medians. `bringup --help` is measured against
`python -c "import typer"`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BY_HAND = """
import torch
from torch.utils._pytree import tree_leaves
{build}
model.eval()
torch.manual_seed(0)
with torch.no_grad():
    program = torch.export.export(model, args, kwargs, strict=False)
open("graph.txt", "w").write(str(program.graph))
import torchinfo
table = torchinfo.summary(model, input_data=list(args) or kwargs, depth=4, verbose=0, device="cpu")
open("torchinfo.txt", "w").write(str(table))
from torchviz import make_dot
leaves = tree_leaves(model(*args, **kwargs))
outputs = tuple(t for t in leaves if isinstance(t, torch.Tensor) and t.grad_fn is not None)
dot = make_dot(outputs, params=dict(model.named_parameters()))
open("torchviz.gv", "w").write(dot.source)
if dot.source.count("->") <= 1500:
    dot.render("torchviz", format="svg")
"""

TORCHVISION = """
from torchvision import models
model = models.get_model("{name}", weights=None)
args, kwargs = (torch.randn(1, 3, 224, 224),), {{}}
"""
TIMM = """
import timm
model = timm.create_model("{name}")
args, kwargs = (torch.randn(1, 3, 224, 224),), {{}}
"""
TRANSFORMERS = """
from transformers import AutoConfig, AutoModel{head}
config = AutoConfig.for_model("{name}")
config.use_cache = False
model = AutoModel{head}.from_config(config)
ids = torch.randint(0, 1000, (1, 128))
args, kwargs = (), dict(input_ids=ids, attention_mask=torch.ones_like(ids){more})
"""
MODELS = {
    **{
        f"torchvision:{name}": TORCHVISION.format(name=name)
        for name in ("mobilenet_v2", "resnet50", "efficientnet_b0", "convnext_tiny", "swin_t", "vit_b_16")
    },
    "timm:deit_tiny_patch16_224": TIMM.format(name="deit_tiny_patch16_224"),
    "hf-config:bert": TRANSFORMERS.format(name="bert", head="", more=""),
    "hf-config:gpt2": TRANSFORMERS.format(name="gpt2", head="ForCausalLM", more=""),
    "hf-config:t5": TRANSFORMERS.format(name="t5", head="ForSeq2SeqLM", more=", decoder_input_ids=ids[:, :16]"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(f"{'model':<32} {'by hand s':>10} {'init s':>10} {'ratio':>7}")
    ratios = []
    for model in given.models:
        by_hand, init = measure(model, given.repeat)
        ratios.append(init / by_hand)
        print(f"{model:<32} {by_hand:>10.1f} {init:>10.1f} {ratios[-1]:>7.2f}", flush=True)
    print(f"{'median':<32} {'':>10} {'':>10} {statistics.median(ratios):>7.2f}")
    typer, help_ = start_up(max(5, given.repeat))
    print(f"\nimport typer {typer:.2f} s, bringup --help {help_:.2f} s: ratio {help_ / typer:.2f}")


def measure(model: str, repeat: int) -> tuple[float, float]:
    """Median seconds by hand and with bringup, taken in turn so that both meet the same machine."""
    by_hand, init = [], []
    for _ in range(repeat):
        by_hand.append(seconds([sys.executable, "-c", BY_HAND.replace("{build}", MODELS[model])]))
        init.append(seconds([sys.executable, "-m", "bringup", "init", model, "--out", "folder"]))
    return statistics.median(by_hand), statistics.median(init)


def start_up(repeat: int) -> tuple[float, float]:
    """Median seconds of importing typer, and of `bringup --help`."""
    typer = [seconds([sys.executable, "-c", "import typer"]) for _ in range(repeat)]
    help_ = [seconds([sys.executable, "-m", "bringup", "--help"]) for _ in range(repeat)]
    return statistics.median(typer), statistics.median(help_)


def seconds(command: list[str]) -> float:
    """Wall time of a command in a new folder."""
    folder = Path(tempfile.mkdtemp())
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    shutil.rmtree(folder)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stderr[-2000:]}")
    return taken


if __name__ == "__main__":
    main()
