"""Means over seeds, intervals of them and of differences, verdicts; smoothing.

- `intervals`: t intervals over seeds. `two_sources`, with `behrens_fisher`: intervals over seeds
  and examples. `blocks`: of examples in order of time. `resampled`: over splits.
- `verdicts`: Holm's procedure. `looks`: verdicts in looks. `planning`: what would decide.
- `calibration`, `class_scores`, `ensemble`: of single predictions. `power_law`: over sizes.
"""
