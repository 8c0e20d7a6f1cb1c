# SPDX-License-Identifier: Apache-2.0
"""bert in TT-NN: each distinct module a function of device tensors and its `parameters`.

Batch, sequence length and image size are those of the inputs that the model was traced with.
Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

from collections import namedtuple

import torch
import ttnn

BaseModelOutputWithPoolingAndCrossAttentions = namedtuple(
    "BaseModelOutputWithPoolingAndCrossAttentions", ["last_hidden_state", "pooler_output"]
)


def prepare_inputs(input_ids, attention_mask, device, parameters):
    """The model's inputs on the device, with what the host works out of them, as `bert_model` takes them."""
    attention_mask = attention_mask.to(torch.bool)
    attention_mask = attention_mask[parameters.host.unsqueeze_2, parameters.host.unsqueeze_11]
    attention_mask = parameters.host.and_1 & attention_mask
    input_ids = ttnn.from_torch(input_ids, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device)
    attention_mask = ttnn.from_torch(
        torch.zeros(attention_mask.shape).masked_fill(~attention_mask, float("-inf")),
        dtype=ttnn.bfloat16,
        layout=ttnn.TILE_LAYOUT,
        device=device,
    )
    return input_ids, attention_mask


def bert_embeddings(input_ids, parameters):
    """BertEmbeddings: embeddings."""
    inputs_embeds = ttnn.embedding(input_ids, parameters.word_embeddings.weight, layout=ttnn.TILE_LAYOUT)
    embeddings = ttnn.add(inputs_embeds, parameters.token_type_embeddings_value)
    ttnn.deallocate(inputs_embeds)
    embeddings = ttnn.add(embeddings, parameters.position_embeddings_value)
    return ttnn.layer_norm(
        embeddings, weight=parameters.LayerNorm.weight, bias=parameters.LayerNorm.bias, epsilon=1e-12
    )


def bert_self_attention(hidden_states, attention_mask, parameters):
    """BertSelfAttention: encoder.layer.0.attention.self and 1 more."""
    query_layer = ttnn.linear(hidden_states, parameters.query.weight, bias=parameters.query.bias)
    query_layer = ttnn.transpose(ttnn.reshape(query_layer, (1, 128, 2, 32)), 1, 2)
    key_layer = ttnn.linear(hidden_states, parameters.key.weight, bias=parameters.key.bias)
    key_layer = ttnn.transpose(ttnn.reshape(key_layer, (1, 128, 2, 32)), 1, 2)
    value_layer = ttnn.linear(hidden_states, parameters.value.weight, bias=parameters.value.bias)
    value_layer = ttnn.transpose(ttnn.reshape(value_layer, (1, 128, 2, 32)), 1, 2)
    context = ttnn.transformer.scaled_dot_product_attention(
        query_layer, key_layer, value_layer, attn_mask=attention_mask, is_causal=False, scale=0.1767766952966369
    )
    ttnn.deallocate(query_layer)
    ttnn.deallocate(key_layer)
    ttnn.deallocate(value_layer)
    return ttnn.reshape(ttnn.transpose(context, 1, 2), (1, 128, 64))


def bert_self_output(hidden_states, input_tensor, parameters):
    """BertSelfOutput: encoder.layer.0.attention.output and 1 more."""
    input_tensor = ttnn.linear(input_tensor, parameters.dense.weight, bias=parameters.dense.bias)
    hidden_states = ttnn.add(input_tensor, hidden_states)
    ttnn.deallocate(input_tensor)
    return ttnn.layer_norm(
        hidden_states, weight=parameters.LayerNorm.weight, bias=parameters.LayerNorm.bias, epsilon=1e-12
    )


def bert_output(hidden_states, input_tensor, parameters):
    """BertOutput: encoder.layer.0.output and 1 more."""
    hidden_states = ttnn.linear(hidden_states, parameters.dense.weight, bias=parameters.dense.bias)
    hidden_states = ttnn.add(hidden_states, input_tensor)
    return ttnn.layer_norm(
        hidden_states, weight=parameters.LayerNorm.weight, bias=parameters.LayerNorm.bias, epsilon=1e-12
    )


def bert_pooler(hidden_states, parameters):
    """BertPooler: pooler."""
    first_token_tensor = ttnn.squeeze(ttnn.slice(hidden_states, [0, 0, 0], [1, 1, 64]), 1)
    return ttnn.linear(first_token_tensor, parameters.dense.weight, bias=parameters.dense.bias, activation="tanh")


def bert_attention(hidden_states, attention_mask, parameters):
    """BertAttention: encoder.layer.0.attention and 1 more."""
    attention_output = bert_self_attention(hidden_states, attention_mask, parameters.self)
    return bert_self_output(hidden_states, attention_output, parameters.output)


def bert_layer(hidden_states, attention_mask, parameters):
    """BertLayer: encoder.layer.0 and 1 more."""
    self_attention_output = bert_attention(hidden_states, attention_mask, parameters.attention)
    layer_output = ttnn.linear(
        self_attention_output,
        parameters.intermediate.dense.weight,
        bias=parameters.intermediate.dense.bias,
        activation="gelu",
    )
    return bert_output(layer_output, self_attention_output, parameters.output)


def bert_encoder(hidden_states, attention_mask, parameters):
    """BertEncoder: encoder."""
    for layer in parameters.layer:
        hidden_states = bert_layer(hidden_states, attention_mask, layer)
    return hidden_states


def bert_model(input_ids, attention_mask, parameters):
    """BertModel, the model."""
    embedding_output = bert_embeddings(input_ids, parameters.embeddings)
    encoder_outputs = bert_encoder(embedding_output, attention_mask, parameters.encoder)
    ttnn.deallocate(embedding_output)
    pooled_output = bert_pooler(encoder_outputs, parameters.pooler)
    return BaseModelOutputWithPoolingAndCrossAttentions(last_hidden_state=encoder_outputs, pooler_output=pooled_output)
