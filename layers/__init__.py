"""Keras layers that Keras lacks; importing this package registers them for saving and loading.

- `random_augmentation`, `random_gaussian_noise`: the layers, called with (images, draws).
- `mix_up`, `cut_mix`: mixing two images into one, called with (images, partners, draws);
  `beta_draws`: their mixing shares.
- `category_embedding`: a table's category codes as vectors.
- `image_scaling`, `zca_whitening`, `channel_order`: preprocessing at the start of a network.
- `partial_identity`: kernels that pass their inputs on.
- `training_inputs`: checks the inputs that layers are fitted on.
- `draws`: `stateless_draws`, uniform draws as a function of (seed, epoch, image), and functions of
  draws. `threefry`: the generator behind them.
- `affine`: moves of the plane as matrices. `warp`: resampling images by a move. `random_moves`: the
  moves that are drawn for an image; `random_operations`: the operations of RandAugment.
- `colors`: one affine map of the colours.
- `square`: a square as a mask.
"""

from .category_embedding import CategoryEmbedding
from .channel_order import ChannelOrder
from .cut_mix import CutMix
from .draws import alternating_draws, stateless_draws
from .image_scaling import ImageScaling
from .mix_up import MixUp
from .partial_identity import PartialIdentity
from .random_augmentation import RandomAugmentation
from .random_gaussian_noise import RandomGaussianNoise
from .whitening_convolution import WhiteningConvolution
from .zca_whitening import ZCAWhitening

__all__ = [
    "CategoryEmbedding",
    "ChannelOrder",
    "CutMix",
    "ImageScaling",
    "MixUp",
    "PartialIdentity",
    "RandomAugmentation",
    "RandomGaussianNoise",
    "WhiteningConvolution",
    "ZCAWhitening",
    "alternating_draws",
    "stateless_draws",
]
