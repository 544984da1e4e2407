"""Data sets: read, checked, split, scaled, ready to train on.

- `spec`: `DataSpec`, which data to use and how to split and scale them. `same_data`: whether two
  names mean the same data.
- `loading`: `load(spec)` and `from_arrays(x, y)`, the two ways in.
- `sources`: a reader for each source, and what readers share: `download` gets official files from a
  folder, from Keras's cache or from the network, `plain_pickle` reads the pickles of CIFAR and IMDB
  without executing anything, `raw_arrays` and `raw_table` hold what readers return.
- `prepare`, `prepare_sequences`, `prepare_table`: turn what was read into a `Dataset`. Their steps:
  `image_checks`, `sequence_checks`, `class_checks`, `value_ranges`, `repeated_examples`,
  `shifted_parts`, `chosen_classes`, `complete_parts`, `split` and `fitted_scaling`; for tables
  `table_target`, `split_table`, `fit_columns`, `row_numbers`, `row_groups`, `table_dates`,
  `name_words`, `written_numbers` and, for time series, `table_windows` and `row_order`.
- `table_columns`: `TableColumns`, which turns raw rows into inputs, also when predicting later.
- `dataset`: `Dataset`, the result, and its copy on disk.
- `nested`: a `Dataset` with fewer training examples.
- `bootstrap`: a data set with a sample of its training examples. `joined_validation`: a data set
  whose validation examples are trained on too. `search_split`: a data set with validation examples
  held out for a search, from the training examples or from the `unused_examples`. All of them use
  `chosen_examples` and, for tables, `learnt_categories`.
- `batches`: batches of a `Dataset` for training and evaluation, on TensorFlow from `pipeline`, on
  JAX and PyTorch from `resident`.
- `errors`: `DataError`, which reports every fault in a user's data.

Importing this package imports neither Keras, TensorFlow, scikit-learn nor Pillow.
"""

from .bootstrap import bootstrap_sample
from .dataset import Dataset
from .errors import DataError
from .fitted_scaling import UNSCALED, Scaling, fit_scaling
from .joined_validation import without_validation
from .loading import from_arrays, load, task_of
from .nested import nested_training_set
from .spec import DataSpec
from .table_columns import TableColumns

__all__ = [
    "UNSCALED",
    "DataError",
    "DataSpec",
    "Dataset",
    "Scaling",
    "TableColumns",
    "bootstrap_sample",
    "fit_scaling",
    "from_arrays",
    "load",
    "nested_training_set",
    "task_of",
    "without_validation",
]
