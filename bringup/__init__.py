"""bringup: the first day of bringing a PyTorch model up on Tenstorrent hardware with TT-NN."""

__version__ = "0.1.0"
