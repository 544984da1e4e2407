"""From a blueprint to a trained run.

- `networks/`: the built-in networks, and finding a user's own. `tasks/`: losses and metrics.
- `optimizers/`: those that Keras lacks. `build_optimizer`, `averaged_weights`: the steps, and what
  is evaluated in place of the weights in training.
- `build`, `preprocessing`: from a blueprint to a compiled Keras model and the layers at its front.
  `build_batches`, `transforms`: to the batches that it trains on.
- `backbones/`: networks that were trained before; `build_transfer`, `later_rate`: a head on one, in
  phases. `phase`, `scaled_data`: one fit of a run, and what it is measured on.
- `trainer`, `epoch_progress`, `diverged`, `batch_hooks`: training one run. `write_results`,
  `evaluate`, `training_samples`, `wrong_images`: what comes of it. `learning_rate`, `lengths`: its
  rates, and lengths in epochs or steps.
- `starting_run`, `forgetting`: a run that a training starts from, what is forgotten of its data.
  `old_data`: these, made again.
- `executor/`: worker processes that train a list of runs.
- `job`, `cost`: what a run is, and how long it takes.
- `rung_preview`, `rung_range_test`, `rung_signals`: what a rung's training will be, which learning
  rate it could train with, and what its layers hand on before its first step.
- `keras_settings`, `output`: Keras's backend and precision; what libraries print.
- `errors`: `LadderError`, for what cannot be trained as it was asked.
"""
