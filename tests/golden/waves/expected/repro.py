# chunk-31b3b767 of waves
# aten.chunk.default(self=[2, 4, 32] float32, chunks=2, dim=-1)
# (the model's forward) (waves.py:62: real, imag = x.chunk(2, dim=-1))

import torch
import ttnn

torch.manual_seed(0)
torch_input = torch.randn((2, 4, 32))
reference = torch.split(torch_input, [16, 16], dim=2)

device = ttnn.open_device(device_id=0, l1_small_size=32768)
input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
output = ttnn.split(input, [16, 16], dim=2)
outputs, references = [ttnn.to_torch(tensor) for tensor in output], list(reference)
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
