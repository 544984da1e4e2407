"""What the runs that were read come to: which is best, effects, verdicts, ensembles, errors.

- `best_rung`, `comparable_runs`: which arm is best, and of runs without a ladder which compare.
- `epochs_to_reach`: how fast a rung is where the first one ends.
- `pairing`, `effects`, `judgements`: differences between arms, and the verdict on each.
- `whole_stack`, `ablation_effects`, `sweep_points`, `sweep_judgements`, `size_curves`,
  `search_trials`, `refits`, `side_by_side`: what one kind of study asks. `races`, `confirmations`:
  of a growth.
- `forgotten`, `view_gains`: of runs that started from others, and of several views of an image.
- `members`, `ensembles`, `stacking`: the runs of an arm, or of several, taken together.
- `image_answers`, `wrong_pictures`: image by image.

Imports `read` and `statistics`.
"""
