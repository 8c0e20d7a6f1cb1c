# conv2d-dd4cc373 of layers
# aten.conv2d.default(input=[1, 3, 32, 32] float32, weight=[32, 3, 3, 3] float32 parameter, bias=[32] float32
# parameter, stride=[1, 1], padding=[1, 1], dilation=[1, 1], groups=1)
# stem.0 (layers.py:92: x = self.stem(image))

import torch
import ttnn

torch.manual_seed(0)
input_shape = (1, 3, 32, 32)
weight_shape = (32, 3, 3, 3)
torch_input = torch.randn(input_shape)
torch_weight = torch.randn(weight_shape)
torch_bias = torch.randn((32,))
reference = torch.nn.functional.conv2d(torch_input, torch_weight, torch_bias, (1, 1), (1, 1), (1, 1), 1)

device = ttnn.open_device(device_id=0, l1_small_size=32768)
input = ttnn.from_torch(
    torch_input.permute(0, 2, 3, 1), dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device
)
weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16)
bias = ttnn.from_torch(torch_bias.reshape(1, 1, 1, -1), dtype=ttnn.bfloat16)
batch_size, in_channels, input_height, input_width = input_shape
out_channels, _, *kernel_size = weight_shape
output, [height, width] = ttnn.conv2d(
    input_tensor=input,
    weight_tensor=weight,
    bias_tensor=bias,
    device=device,
    in_channels=in_channels,
    out_channels=out_channels,
    batch_size=batch_size,
    input_height=input_height,
    input_width=input_width,
    kernel_size=tuple(kernel_size),
    stride=(1, 1),
    padding=(1, 1),
    dilation=(1, 1),
    groups=1,
    return_output_dim=True,
)
output = ttnn.reshape(output, (batch_size, height, width, out_channels))
output = ttnn.permute(output, (0, 3, 1, 2))
outputs, references = [ttnn.to_torch(output)], [reference]
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
