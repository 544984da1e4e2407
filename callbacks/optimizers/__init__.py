"""A model's optimizers: finding them, and reading and setting their learning rates."""
