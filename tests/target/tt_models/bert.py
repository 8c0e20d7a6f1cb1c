"""A BERT layer: fused query, key and value, ttnn's head ops, preprocessed parameters."""

from __future__ import annotations

import torch
import ttnn
from ttnn.model_preprocessing import preprocess_linear_bias, preprocess_linear_weight


def parameters_of(layer, device) -> dict:
    attention = layer.attention.self
    qkv = [attention.query, attention.key, attention.value]

    def move(tensor):
        return ttnn.to_device(tensor, device)

    def linear(weight, bias):
        return (
            move(preprocess_linear_weight(weight.detach(), dtype=ttnn.bfloat16)),
            move(preprocess_linear_bias(bias.detach(), dtype=ttnn.bfloat16)),
        )

    def norm(module):
        return tuple(
            ttnn.from_torch(v.detach().reshape(1, -1), dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
            for v in (module.weight, module.bias)
        )

    return {
        "qkv": linear(torch.cat([m.weight for m in qkv]), torch.cat([m.bias for m in qkv])),
        "attention_output": linear(layer.attention.output.dense.weight, layer.attention.output.dense.bias),
        "attention_norm": norm(layer.attention.output.LayerNorm),
        "intermediate": linear(layer.intermediate.dense.weight, layer.intermediate.dense.bias),
        "output": linear(layer.output.dense.weight, layer.output.dense.bias),
        "output_norm": norm(layer.output.LayerNorm),
        "epsilon": layer.output.LayerNorm.eps,
        "heads": attention.num_attention_heads,
    }


def bert_layer(hidden_states, attention_mask, parameters):
    """hidden_states [batch, sequence, width]; attention_mask is added to the scores."""
    weight, bias = parameters["qkv"]
    fused = ttnn.linear(hidden_states, weight, bias=bias, memory_config=ttnn.L1_MEMORY_CONFIG)
    query, key, value = ttnn.transformer.split_query_key_value_and_split_heads(fused, num_heads=parameters["heads"])
    ttnn.deallocate(fused)
    scores = ttnn.matmul(query, key)
    probabilities = ttnn.transformer.attention_softmax(scores, head_size=query.shape[-1], attention_mask=attention_mask)
    context = ttnn.transformer.concatenate_heads(ttnn.matmul(probabilities, value))
    weight, bias = parameters["attention_output"]
    attended = ttnn.linear(context, weight, bias=bias)
    weight, bias = parameters["attention_norm"]
    attended = ttnn.layer_norm(
        attended, residual_input_tensor=hidden_states, weight=weight, bias=bias, epsilon=parameters["epsilon"]
    )
    weight, bias = parameters["intermediate"]
    inner = ttnn.linear(attended, weight, bias=bias, activation="gelu")
    weight, bias = parameters["output"]
    output = ttnn.linear(inner, weight, bias=bias)
    ttnn.deallocate(inner)
    weight, bias = parameters["output_norm"]
    return ttnn.layer_norm(output + attended, weight=weight, bias=bias, epsilon=parameters["epsilon"])
