"""What the runs that were read come to: which is best, effects, verdicts, ensembles, errors.

- `best_rung`, `comparable_runs`: which arm is best, and of runs without a ladder which compare.
- `pairing`, `effects`, `judgements`: differences between arms, and the verdict on each.
- `ablation_effects`, `sweep_points`, `sweep_judgements`, `size_curves`, `side_by_side`: what one
  kind of study asks.
- `members`, `ensembles`, `stacking`: the runs of an arm, or of several, taken together.
- `image_answers`, `wrong_pictures`: image by image.

Imports `read` and `statistics`.
"""
