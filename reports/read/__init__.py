"""Reading trainings, whatever recorded them, and sorting runs into the arms of studies.

- `run_set`: a folder's runs as arms. `measures`: the final figures of a run.
- `as_history`, `named_histories`, `batch_rows`: epochs and batches as tables.
- `epochs`: where a metric was measured, the best epoch, the mean over trainings.
- `metric_columns`, `panels`: which columns are which metric. `predictions`: single answers.
- `flat_settings`: blueprints as pairs of a name and a text.

What judges or computes is in `analysis`.
"""
