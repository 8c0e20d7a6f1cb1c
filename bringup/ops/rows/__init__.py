"""The rows of the registry, by family."""
