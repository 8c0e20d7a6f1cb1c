# embedding-a7b32f12 of bert
# aten.embedding.default(weight=[30522, 64] float32 parameter, indices=[1, 128] int64, padding_idx=0,
# scale_grad_by_freq=False, sparse=False)
# embeddings.word_embeddings (transformers/models/bert/modeling_bert.py:99: inputs_embeds =
# self.word_embeddings(input_ids))

import torch
import ttnn

torch.manual_seed(0)
torch_weight = torch.randn((30522, 64))
torch_indices = torch.randint(0, 30522, (1, 128))
reference = torch.nn.functional.embedding(torch_indices, torch_weight)

device = ttnn.open_device(device_id=0, l1_small_size=32768)
weight = ttnn.from_torch(torch_weight, dtype=ttnn.bfloat16, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
indices = ttnn.from_torch(torch_indices, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
output = ttnn.embedding(indices, weight)
outputs, references = [ttnn.to_torch(output)], [reference]
ttnn.close_device(device)

for computed, expected in zip(outputs, references, strict=True):
    difference = torch.linalg.vector_norm(computed.double() - expected.double())
    relative_error = float(difference / torch.linalg.vector_norm(expected.double()))
    print(f"shape {tuple(computed.shape)}, expected {tuple(expected.shape)}; relative error {relative_error:.3e}")
