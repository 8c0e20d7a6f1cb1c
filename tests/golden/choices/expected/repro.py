# linear-973dd9d6 of chosen
# aten.linear.default(input=[4, 16] float32, weight=[20, 16] float32 parameter, bias=[20] float32 parameter)
# head.scores (results.py:52: values, indices = torch.topk(self.scores(x), 3, dim=-1))

import torch
import ttnn

torch.manual_seed(0)
torch_input = torch.randn((4, 16))
torch_weight = torch.randn((20, 16))
torch_bias = torch.randn((20,))
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
