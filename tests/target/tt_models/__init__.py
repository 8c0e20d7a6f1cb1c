"""TT-NN models as engineers write them by hand; nothing in here knows of bringup."""
