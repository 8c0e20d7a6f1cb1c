"""The op registry: what TT-NN has for each ATen op."""
