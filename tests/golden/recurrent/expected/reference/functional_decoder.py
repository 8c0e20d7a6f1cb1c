# SPDX-License-Identifier: Apache-2.0
"""decoder in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init tests/models/recurrent.py:Decoder --input x=3x2x8 --input y=4x2x6 --input start=2x2x5`.
"""

from types import SimpleNamespace

import torch


def decoder(x, y, start, parameters):
    """Decoder, the model."""
    h = torch.zeros((2, 2, 12), dtype=torch.float32)
    x, output = torch.gru(
        x,
        h,
        [
            parameters.encoder.weight_ih_l0,
            parameters.encoder.weight_hh_l0,
            parameters.encoder.bias_ih_l0,
            parameters.encoder.bias_hh_l0,
            parameters.encoder.weight_ih_l0_reverse,
            parameters.encoder.weight_hh_l0_reverse,
            parameters.encoder.bias_ih_l0_reverse,
            parameters.encoder.bias_hh_l0_reverse,
        ],
        True,
        1,
        0.0,
        False,
        True,
        False,
    )
    output = output[-1:]
    d, h = torch.gru(
        y,
        output,
        [parameters.decoder.weight_ih_l0, parameters.decoder.weight_hh_l0],
        False,
        1,
        0.0,
        False,
        False,
        False,
    )
    output, result = torch.rnn_tanh(
        d,
        start,
        [
            parameters.tanh.weight_ih_l0,
            parameters.tanh.weight_hh_l0,
            parameters.tanh.bias_ih_l0,
            parameters.tanh.bias_hh_l0,
            parameters.tanh.weight_ih_l1,
            parameters.tanh.weight_hh_l1,
            parameters.tanh.bias_ih_l1,
            parameters.tanh.bias_hh_l1,
        ],
        True,
        2,
        0.0,
        False,
        False,
        False,
    )
    out = torch.zeros((1, 2, 5), dtype=torch.float32)
    d, output = torch.rnn_relu(
        d,
        out,
        [
            parameters.relu.weight_ih_l0,
            parameters.relu.weight_hh_l0,
            parameters.relu.bias_ih_l0,
            parameters.relu.bias_hh_l0,
        ],
        True,
        1,
        0.0,
        False,
        False,
        False,
    )
    out = start[:1]
    slice_ = result[1:]
    d, output, value = torch.lstm(
        d,
        [out, slice_],
        [
            parameters.cell.weight_ih_l0,
            parameters.cell.weight_hh_l0,
            parameters.cell.bias_ih_l0,
            parameters.cell.bias_hh_l0,
        ],
        True,
        1,
        0.0,
        False,
        False,
        False,
    )
    return d, h, result


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
