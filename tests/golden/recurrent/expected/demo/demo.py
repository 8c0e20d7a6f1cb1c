# SPDX-License-Identifier: Apache-2.0
"""decoder in torch and in TT-NN side by side: python demo/demo.py

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

import sys
import time
from pathlib import Path

import torch
import ttnn

sys.path.insert(0, str(Path(__file__).parent.parent))

from reference.load_model import example_inputs, load_model, parts, run
from tt import ttnn_decoder
from tt.parameters import prepare_parameters


def main():
    """Run both, and print how they agree and the largest values of each output."""
    model, inputs = load_model(), example_inputs()
    started = time.perf_counter()
    references = run(model, inputs)
    print(f"torch:  {time.perf_counter() - started:.3f} s")

    device = ttnn.open_device(device_id=0, l1_small_size=32768)
    try:
        parameters = prepare_parameters(model, device)
        for name in ("first call (compiles)", "second call"):
            started = time.perf_counter()
            prepared = ttnn_decoder.prepare_inputs(**inputs, device=device)
            output = ttnn_decoder.decoder(*prepared, parameters=parameters)
            outputs = {
                path: ttnn.to_torch(part) if isinstance(part, ttnn.Tensor) else part
                for path, part in parts(output).items()
            }
            print(f"TT-NN:  {time.perf_counter() - started:.3f} s, {name}")
    finally:
        ttnn.close_device(device)

    for path, reference in references.items():
        computed = outputs[path]
        if not isinstance(reference, torch.Tensor):
            print(f"output{path}: {reference!r} in torch, {computed!r} in TT-NN")
            continue
        pcc = torch.corrcoef(torch.stack((reference.flatten().double(), computed.flatten().double())))[0, 1]
        print(f"output{path} {tuple(reference.shape)}: PCC {pcc:.6f}")
        for name, tensor in (("torch", reference), ("TT-NN", computed)):
            values, places = tensor.flatten().float().topk(min(5, tensor.numel()))
            listed = ", ".join(
                f"[{place}] {value:.4f}" for value, place in zip(values.tolist(), places.tolist(), strict=True)
            )
            print(f"  {name}: {listed}")


if __name__ == "__main__":
    main()
