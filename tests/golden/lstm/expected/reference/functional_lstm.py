# SPDX-License-Identifier: Apache-2.0
"""lstm in functional torch: each distinct module a function of its inputs and its `parameters`.

Made by `bringup init example:lstm`.
"""

from types import SimpleNamespace

import torch


def tagger(sequence, parameters):
    """Tagger, the model."""
    states = torch.zeros((4, 1, 128), dtype=torch.float32)
    zeros = torch.zeros((4, 1, 128), dtype=torch.float32)
    sequence, output, result = torch.lstm(
        sequence,
        [states, zeros],
        [
            parameters.lstm.weight_ih_l0,
            parameters.lstm.weight_hh_l0,
            parameters.lstm.bias_ih_l0,
            parameters.lstm.bias_hh_l0,
            parameters.lstm.weight_ih_l0_reverse,
            parameters.lstm.weight_hh_l0_reverse,
            parameters.lstm.bias_ih_l0_reverse,
            parameters.lstm.bias_hh_l0_reverse,
            parameters.lstm.weight_ih_l1,
            parameters.lstm.weight_hh_l1,
            parameters.lstm.bias_ih_l1,
            parameters.lstm.bias_hh_l1,
            parameters.lstm.weight_ih_l1_reverse,
            parameters.lstm.weight_hh_l1_reverse,
            parameters.lstm.bias_ih_l1_reverse,
            parameters.lstm.bias_hh_l1_reverse,
        ],
        True,
        2,
        0.0,
        False,
        True,
        True,
    )
    return torch.nn.functional.linear(sequence, parameters.head.weight, parameters.head.bias)


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
