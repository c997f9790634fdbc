"""Training: a folder of pictures becomes a model."""
