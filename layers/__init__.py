"""Keras layers that Keras lacks, registered for saving; importing this loads their names.

- `random_augmentation`, `random_gaussian_noise`: the layers, called with (images, draws).
- `draws`: `stateless_draws`, uniform draws as a function of (seed, epoch, image), and what is made
  of draws. `threefry`: the generator below them.
- `affine`: moves of the plane as matrices. `warp`: resampling images after one. `random_moves`: the
  moves that are drawn for an image, `random_operations` those of RandAugment.
- `colors`: one affine map of the colours.
- `square`: a square as a mask.
"""

from .draws import stateless_draws
from .random_augmentation import RandomAugmentation
from .random_gaussian_noise import RandomGaussianNoise

__all__ = ["RandomAugmentation", "RandomGaussianNoise", "stateless_draws"]
