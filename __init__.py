"""trickbook: a cookbook of training tricks for Keras 3."""
