"""Where TT-NN programs run: an emulated board (real ttnn on a mock board, values beside its buffers), or hardware."""

from bringup.target.board import emulated_board

__all__ = ["emulated_board"]
