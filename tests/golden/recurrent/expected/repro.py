# gru-200090ff of decoder
# aten.gru.input(input=[3, 2, 8] float32, hx=[2, 2, 12] float32 constant, params=[[36, 8] float32 parameter, [36, 12]
# float32 parameter, [36] float32 parameter, [36] float32 parameter, [36, 8] float32 parameter, [36, 12] float32
# parameter, [36] float32 parameter, [36] float32 parameter], has_biases=True, num_layers=1, dropout=0.0, train=False,
# bidirectional=True, batch_first=False)
# encoder (recurrent.py:33: _, h = self.encoder(x))

import torch
import ttnn

torch.manual_seed(0)
torch_input = torch.randn((3, 2, 8))
torch_hx = torch.randn((2, 2, 12))
torch_params = [
    torch.randn(shape) * 0.2887 for shape in ((36, 8), (36, 12), (36,), (36,), (36, 8), (36, 12), (36,), (36,))
]
reference = torch.gru(torch_input, torch_hx, torch_params, True, 1, 0.0, False, True, False)[1]

device = ttnn.open_device(device_id=0, l1_small_size=32768)
input = ttnn.from_torch(torch_input, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
hx = ttnn.from_torch(torch_hx, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
params = [
    ttnn.from_torch(tensor, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device) for tensor in torch_params
]
layers, directions = 1, 2
weights = [tuple(params[i : i + 4]) for i in range(0, len(params), 4)]
steps = ttnn.split(input, 1, dim=0)
hiddens = []
for layer in range(layers):
    outputs = []
    for direction in range(directions):
        index = layer * directions + direction
        hidden = ttnn.slice(hx, [index, 0, 0], [index + 1, 2, 12])
        made = []
        for step in steps[::-1] if direction else steps:
            weight_ih, weight_hh, *biases = weights[index]
            gates = ttnn.linear(ttnn.reshape(step, (1, 2, -1)), weight_ih, transpose_b=True)
            recurrent = ttnn.linear(hidden, weight_hh, transpose_b=True)
            if biases:
                gates, recurrent = ttnn.add(gates, biases[0]), ttnn.add(recurrent, biases[1])
            reset, update, new = ttnn.split(gates, 12, dim=-1)
            reset_h, update_h, new_h = ttnn.split(recurrent, 12, dim=-1)
            reset, update = ttnn.sigmoid(ttnn.add(reset, reset_h)), ttnn.sigmoid(ttnn.add(update, update_h))
            new = ttnn.tanh(ttnn.add(new, ttnn.multiply(reset, new_h)))
            hidden = ttnn.add(new, ttnn.multiply(update, ttnn.subtract(hidden, new)))
            made.append(hidden)
        outputs.append(made[::-1] if direction else made)
        hiddens.append(hidden)
    steps = [ttnn.concat(list(parts), dim=-1) if directions > 1 else parts[0] for parts in zip(*outputs, strict=True)]
output = ttnn.concat(hiddens, dim=0) if len(hiddens) > 1 else hiddens[0]
outputs, references = [ttnn.to_torch(output)], [reference]
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
