"""Data sets: read, checked, split, scaled, ready to train on.

- `spec`: `DataSpec`, which data to use and how to split and scale them.
- `loading`: `load(spec)` and `from_arrays(x, y)`, the two ways in.
- `digits`, `mnist`, `cifar`, `image_folder`, `npz`: a reader for each source.
- `download`: official files, from a folder, from Keras's cache or from the network.
- `plain_pickle`: reads CIFAR's pickles without executing anything.
- `raw_images`: what a reader hands over. `prepare`: the way from there to a `Dataset`.
- `checks`, `color`, `split`, `scaling`: the steps on that way.
- `dataset`: `Dataset`, the result, and its copy on disk.
- `batches`: batches of a `Dataset` for training and evaluation, on TensorFlow from `pipeline`, on
  JAX and PyTorch from `resident`.
- `errors`: `DataError`, with which every fault in a user's data is reported.

Importing this package imports neither Keras, TensorFlow, scikit-learn nor Pillow.
"""

from .dataset import Dataset
from .errors import DataError
from .loading import from_arrays, load
from .scaling import Scaling, fit_scaling
from .spec import DataSpec

__all__ = ["DataError", "DataSpec", "Dataset", "Scaling", "fit_scaling", "from_arrays", "load"]
