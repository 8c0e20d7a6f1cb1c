# lstm-7f68ed67 of lstm
# aten.lstm.input(input=[1, 20, 64] float32, hx=[[4, 1, 128] float32 constant, [4, 1, 128] float32 constant],
# params=[[512, 64] float32 parameter, [512, 128] float32 parameter, [512] float32 parameter, [512] float32 parameter,
# [512, 64] float32 parameter, [512, 128] float32 parameter, [512] float32 parameter, [512] float32 parameter, [512,
# 256] float32 parameter, [512, 128] float32 parameter, [512] float32 parameter, [512] float32 parameter, [512, 256]
# float32 parameter, [512, 128] float32 parameter, [512] float32 parameter, [512] float32 parameter], has_biases=True,
# num_layers=2, dropout=0.0, train=False, bidirectional=True, batch_first=True)
# lstm (bringup/examples/lstm.py:19: states, _ = self.lstm(sequence))

import torch
import ttnn

torch.manual_seed(0)
torch_input = torch.randn((1, 20, 64))
torch_hx = [torch.randn(shape) for shape in ((4, 1, 128), (4, 1, 128))]
torch_params = [
    torch.randn(shape) * 0.0884
    for shape in (
        (512, 64),
        (512, 128),
        (512,),
        (512,),
        (512, 64),
        (512, 128),
        (512,),
        (512,),
        (512, 256),
        (512, 128),
        (512,),
        (512,),
        (512, 256),
        (512, 128),
        (512,),
        (512,),
    )
]
reference = torch.lstm(torch_input, torch_hx, torch_params, True, 2, 0.0, False, True, True)[0]

device = ttnn.open_device(device_id=0, l1_small_size=32768)
input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
hx = [ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_hx]
params = [
    ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_params
]
layers, directions = 2, 2
weights = [tuple(params[i : i + 4]) for i in range(0, len(params), 4)]
steps = ttnn.split(input, 1, dim=1)
for layer in range(layers):
    outputs = []
    for direction in range(directions):
        index = layer * directions + direction
        hidden, cell = (ttnn.slice(state, [index, 0, 0], [index + 1, 1, 128]) for state in hx)
        made = []
        for step in steps[::-1] if direction else steps:
            weight_ih, weight_hh, *biases = weights[index]
            gates = ttnn.linear(ttnn.reshape(step, (1, 1, -1)), weight_ih, transpose_b=True)
            gates = ttnn.add(gates, ttnn.linear(hidden, weight_hh, transpose_b=True))
            for bias in biases:
                gates = ttnn.add(gates, bias)
            i, f, g, o = ttnn.split(gates, 128, dim=-1)
            cell = ttnn.add(ttnn.multiply(ttnn.sigmoid(f), cell), ttnn.multiply(ttnn.sigmoid(i), ttnn.tanh(g)))
            hidden = ttnn.multiply(ttnn.sigmoid(o), ttnn.tanh(cell))
            made.append(hidden)
        outputs.append(made[::-1] if direction else made)
    steps = [ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)]
steps = [ttnn.reshape(step, (1, 1, 256)) for step in steps]
output = ttnn.concat(steps, dim=1)
outputs, references = [ttnn.to_torch(output)], [reference]
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
