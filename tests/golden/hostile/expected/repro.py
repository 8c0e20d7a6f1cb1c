# linear-eb8feb7c of hostile
# aten.linear.default(input=[2, 4] float32, weight=[4, 4] float32 parameter, bias=[4] float32 parameter)
# we"ird`| <script>alert(1)</script>? (awkward.py:176: x = module(x))

import torch
import ttnn

torch.manual_seed(0)
torch_input = torch.randn((2, 4))
torch_weight = torch.randn((4, 4))
torch_bias = torch.randn((4,))
reference = torch.nn.functional.linear(torch_input, torch_weight, torch_bias)

device = ttnn.open_device(device_id=0, l1_small_size=32768)
input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
weight = ttnn.from_torch(torch_weight.T, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
bias = ttnn.from_torch(torch_bias.reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
output = ttnn.linear(input, weight, bias=bias)
outputs, references = [ttnn.to_torch(output)], [reference]
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
