"""A model's optimizers: finding them, what they tell, setting their learning rate."""
