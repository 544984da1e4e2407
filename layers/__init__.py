"""Keras layers that Keras lacks, registered for saving; importing this loads their names.

The random layers take uniform draws as a second input: (images, draws) -> images. As pure functions
of (seed, epoch, image) `stateless_draws` makes them.
"""

from .draws import stateless_draws
from .random_augmentation import RandomAugmentation
from .random_gaussian_noise import RandomGaussianNoise

__all__ = ["RandomAugmentation", "RandomGaussianNoise", "stateless_draws"]
