"""TT-NN modules and functional torch, written from a graph: one function per distinct module."""
