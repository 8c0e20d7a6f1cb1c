"""Models with what real ones do wrong or oddly."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Branchy(nn.Module):
    """Decides by a tensor's value."""

    def __init__(self):
        super().__init__()
        self.block = Block()
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        x = self.block(x)
        if x.sum() > 0:
            x = x * 2
        return self.head(x.mean(dim=(2, 3)))


class InPlace(nn.Module):
    """Writes into its own tensors, once through a view."""

    def __init__(self, through_view=True):
        super().__init__()
        self.through_view = through_view

    def forward(self, x):
        y = x + 1
        if self.through_view:
            y[:, :2].mul_(3)
        y.relu_()
        y += x
        return y


class Guarded(nn.Module):
    """Rows in which something is not finite are left as they were; another answer of booleans picks numbers."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        y = self.linear(x)
        z = torch.where(torch.isnan(y).any(-1, keepdim=True), x, y)
        z = z.masked_fill((z > 0).all(-1, keepdim=True), 0.5)
        return torch.where((z < 0).any(-1, keepdim=True), 2.0, z), (z > 3).any()


class Twice(nn.Module):
    """One module called twice, tied weights, code without gradients, and a result that nobody uses."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4)
        self.tied.weight = self.linear.weight
        self.register_buffer("table", torch.ones(4))

    def forward(self, x):
        x.exp()
        with torch.no_grad():
            angles = self.table.sin()
        return self.tied(self.linear(self.linear(x))) + angles


class Heads(nn.Module):
    """What several levels share: it is called with tensors of other sizes."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x).reshape(1, -1, 2).tanh()


class Levels(nn.Module):
    """Two heads, each called for two levels."""

    def __init__(self):
        super().__init__()
        self.boxes, self.classes = Heads(), Heads()

    def forward(self, x):
        small = x[:1]
        return torch.cat([self.boxes(x), self.boxes(small)], 1), torch.cat([self.classes(x), self.classes(small)], 1)


class Numbers(nn.Module):
    """Tensors that its code makes of numbers, an index that counts from the end, and a mask of the lowest float."""

    def forward(self, x):
        scale = torch.tensor(0.5)
        weights = torch.tensor([[1.0], [2.0]])
        last = x[:, torch.tensor([-1, 0])]
        hidden = torch.tril(torch.ones(2, 2, dtype=torch.bool))
        scores = (last * scale).masked_fill(hidden, torch.finfo(x.dtype).min)
        return torch.softmax(scores, -1) * weights


class Grouped(nn.Module):
    """Fewer heads of keys and values than of queries, repeated as transformers does; and the best two of each row."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(64, 128), nn.Linear(64, 64), nn.Linear(64, 64)

    def forward(self, x):
        query = self.query(x).view(1, 32, 4, 32).transpose(1, 2)
        key, value = (repeated(layer(x).view(1, 32, 2, 32).transpose(1, 2)) for layer in (self.key, self.value))
        context = nn.functional.scaled_dot_product_attention(query, key, value)
        values, indices = torch.topk(context.sum(1), 2)
        return context, values, indices


def repeated(heads):
    return heads[:, :, None, :, :].expand(1, 2, 2, 32, 32).reshape(1, 4, 32, 32)


class NeedsWidth(nn.Module):
    """Cannot be built without an argument."""

    def __init__(self, width, depth=2):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Linear(width, width) for _ in range(depth)))

    def forward(self, x):
        return self.layers(x)


class Dictionary(nn.Module):
    """Takes and gives dictionaries."""

    def forward(self, batch):
        return {"sum": batch["a"] + batch["b"], "list": [batch["a"] * 2]}


def dictionary_inputs():
    return ({"a": torch.ones(2, 3), "b": torch.ones(2, 3)},)


class Broken(nn.Module):
    """Never runs."""

    def forward(self, x):
        raise RuntimeError("on purpose")


Evil = type('Évil"""\nimport os; | <b>#', (nn.Module,), {"forward": lambda self, x: torch.relu(x) + 1})


class Hostile(nn.Module):
    """Names that try to break out of every file that they are printed in."""

    def __init__(self):
        super().__init__()
        self.add_module('we"ird`|\n<script>alert(1)</script>名', nn.Linear(4, 4))
        self.add_module("class", nn.Linear(4, 4))
        self.add_module("$(touch x)'; {{ 7 * 7 }}", nn.Linear(4, 4))
        self.evil = Evil()

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return torch.flip(x, [0])


class Loader:
    """A loader in tt-forge-models' form."""

    def load_model(self):
        return Block()

    def load_inputs(self):
        return torch.randn(1, 3, 8, 8)


instance = Block()


def factory(channels=3):
    return nn.Sequential(nn.Conv2d(channels, 4, 1), nn.ReLU())


class Mixed(nn.Module):
    """One op that TT-NN takes, one that it refuses by the registry, and one that it refuses by itself."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 21, 3, padding=1)
        self.wide = nn.Conv2d(21, 16384, 1)
        self.scales = nn.Parameter(torch.randn(2, 1, 1, 1, 1, 1, 1, 1))

    def forward(self, x):
        x = torch.relu(self.conv(x))
        point = self.wide(x.mean((2, 3), keepdim=True))
        point = nn.functional.interpolate(point, size=(8, 8), mode="bilinear")
        return x.reshape(1, 1, 1, 1, 21, 2, 8, 16) * self.scales, point
