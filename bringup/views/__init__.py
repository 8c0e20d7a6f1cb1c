"""Views of a live model: torchinfo's table, torchviz's graph, and the pictures that `dot` draws."""
