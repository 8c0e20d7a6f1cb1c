# SPDX-License-Identifier: Apache-2.0
"""bert in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init hf-config:bert --set num_hidden_layers=2 --set hidden_size=64 --set
num_attention_heads=2 --set intermediate_size=128`.
"""

from collections import namedtuple
from types import SimpleNamespace

import torch

BaseModelOutputWithPoolingAndCrossAttentions = namedtuple(
    "BaseModelOutputWithPoolingAndCrossAttentions", ["last_hidden_state", "pooler_output"]
)


def bert_embeddings(input_ids, parameters):
    """BertEmbeddings: embeddings."""
    position_ids = parameters.position_ids[:, :128]
    buffered_token_type_ids = torch.gather(parameters.token_type_ids, 1, position_ids)
    inputs_embeds = torch.nn.functional.embedding(input_ids, parameters.word_embeddings.weight)
    token_type_embeddings = torch.nn.functional.embedding(
        buffered_token_type_ids, parameters.token_type_embeddings.weight
    )
    embeddings = inputs_embeds + token_type_embeddings
    position_embeddings = torch.nn.functional.embedding(position_ids, parameters.position_embeddings.weight)
    embeddings = embeddings + position_embeddings
    return torch.nn.functional.layer_norm(
        embeddings, (64,), parameters.LayerNorm.weight, parameters.LayerNorm.bias, eps=1e-12
    )


def bert_self_attention(hidden_states, attention_mask, parameters):
    """BertSelfAttention: encoder.layer.0.attention.self and 1 more."""
    query_layer = torch.nn.functional.linear(hidden_states, parameters.query.weight, parameters.query.bias)
    query_layer = query_layer.view(1, 128, -1, 32).transpose(1, 2)
    key_layer = torch.nn.functional.linear(hidden_states, parameters.key.weight, parameters.key.bias)
    key_layer = key_layer.view(1, 128, -1, 32).transpose(1, 2)
    value_layer = torch.nn.functional.linear(hidden_states, parameters.value.weight, parameters.value.bias)
    value_layer = value_layer.view(1, 128, -1, 32).transpose(1, 2)
    context = torch.nn.functional.scaled_dot_product_attention(
        query_layer, key_layer, value_layer, attention_mask, scale=0.1767766952966369
    )
    return context.transpose(1, 2).reshape(1, 128, -1)


def bert_self_output(hidden_states, input_tensor, parameters):
    """BertSelfOutput: encoder.layer.0.attention.output and 1 more."""
    input_tensor = torch.nn.functional.linear(input_tensor, parameters.dense.weight, parameters.dense.bias)
    hidden_states = input_tensor + hidden_states
    return torch.nn.functional.layer_norm(
        hidden_states, (64,), parameters.LayerNorm.weight, parameters.LayerNorm.bias, eps=1e-12
    )


def bert_intermediate(hidden_states, parameters):
    """BertIntermediate: encoder.layer.0.intermediate and 1 more."""
    hidden_states = torch.nn.functional.linear(hidden_states, parameters.dense.weight, parameters.dense.bias)
    return torch.nn.functional.gelu(hidden_states)


def bert_output(hidden_states, input_tensor, parameters):
    """BertOutput: encoder.layer.0.output and 1 more."""
    hidden_states = torch.nn.functional.linear(hidden_states, parameters.dense.weight, parameters.dense.bias)
    hidden_states = hidden_states + input_tensor
    return torch.nn.functional.layer_norm(
        hidden_states, (64,), parameters.LayerNorm.weight, parameters.LayerNorm.bias, eps=1e-12
    )


def bert_pooler(hidden_states, parameters):
    """BertPooler: pooler."""
    first_token_tensor = hidden_states[:, 0]
    pooled_output = torch.nn.functional.linear(first_token_tensor, parameters.dense.weight, parameters.dense.bias)
    return torch.tanh(pooled_output)


def bert_attention(hidden_states, attention_mask, parameters):
    """BertAttention: encoder.layer.0.attention and 1 more."""
    attention_output = bert_self_attention(hidden_states, attention_mask, parameters.self)
    return bert_self_output(hidden_states, attention_output, parameters.output)


def bert_layer(hidden_states, attention_mask, parameters):
    """BertLayer: encoder.layer.0 and 1 more."""
    self_attention_output = bert_attention(hidden_states, attention_mask, parameters.attention)
    layer_output = bert_intermediate(self_attention_output, parameters.intermediate)
    return bert_output(layer_output, self_attention_output, parameters.output)


def bert_encoder(hidden_states, attention_mask, parameters):
    """BertEncoder: encoder."""
    for layer in parameters.layer:
        hidden_states = bert_layer(hidden_states, attention_mask, layer)
    return hidden_states


def bert_model(input_ids, attention_mask, parameters):
    """BertModel, the model."""
    embedding_output = bert_embeddings(input_ids, parameters.embeddings)
    attention_mask = attention_mask.to(torch.bool)
    positions = torch.arange(1)
    output = torch.arange(128)
    result = torch.arange(128)
    positions = positions.unsqueeze(1).unsqueeze(2).unsqueeze(3)
    output = output.unsqueeze(0).unsqueeze(1).unsqueeze(3)
    result = result.unsqueeze(0).unsqueeze(1).unsqueeze(2)
    ones = torch.ones((), dtype=torch.bool)
    output = output >= 0
    ones = ones & output
    attention_mask = attention_mask[positions, result]
    attention_mask = ones & attention_mask
    encoder_outputs = bert_encoder(embedding_output, attention_mask, parameters.encoder)
    pooled_output = bert_pooler(encoder_outputs, parameters.pooler)
    return BaseModelOutputWithPoolingAndCrossAttentions(last_hidden_state=encoder_outputs, pooler_output=pooled_output)


class Parameters(SimpleNamespace):
    """What stands at each place of the model: `parameters.layer1[0].conv1.weight`."""

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [getattr(self, str(index)) for index in range(key.start, key.stop)]
        return getattr(self, str(key))

    def __contains__(self, name):
        return hasattr(self, name)

    def __iter__(self):
        numbered = sorted((key for key in vars(self) if key[-1].isdigit()), key=lambda key: (len(key), key))
        return iter([getattr(self, key) for key in numbered])

    def put(self, place, value):
        """Set what stands at a place, `layer1.0.conv1.weight`."""
        *above, last = place.split(".")
        target = self
        for name in above:
            target = vars(target).setdefault(name, Parameters())
        setattr(target, last, value)

    def at(self, place):
        """What stands at a place; all of it at the empty one."""
        found = self
        for name in filter(None, place.split(".")):
            found = getattr(found, name)
        return found


def load_parameters(model):
    """The weights of the torch model, and the arguments of its calls, by their place in the model."""
    parameters = Parameters()
    for name, tensor in (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)):
        parameters.put(name, tensor.detach())
    for indices, place, arguments in ARGUMENTS:
        for index in indices:
            for name, value in arguments.items():
                parameters.put(f"{_filled(place, index)}.{name}".lstrip("."), value)
    return parameters


def _filled(text, index):
    """A place of a table with its index."""
    return text if index is None else text.replace("{}", str(index))


ONCE = (None,)

# For each index: the place, and what its calls are given.
ARGUMENTS: tuple = ()
