"""What TT-NN lacks for a model, as issues: drafted, filed once, and followed."""
