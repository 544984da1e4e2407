"""Keras layers that Keras lacks, registered for saving; importing this loads their names.

The three random layers take uniform draws as a second input: (images, draws) -> images.
"""

from .random_affine import RandomAffine
from .random_gaussian_noise import RandomGaussianNoise
from .random_square_erasing import RandomSquareErasing

__all__ = ["RandomAffine", "RandomGaussianNoise", "RandomSquareErasing"]
