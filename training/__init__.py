"""From a blueprint to a trained run.

- `networks/`: the built-in networks, and how a user's own network is found. `tasks/`: losses and
  metrics.
- `optimizers/`: optimisers that Keras lacks. `build_optimizer`: a blueprint's optimiser.
  `averaged_weights`: evaluating averaged weights in place of the trained ones.
- `build`, `preprocessing`: from a blueprint to a compiled Keras model and the layers at its front.
  `build_batches`, `transforms`: from a blueprint to its training batches.
- `backbones/`: pretrained networks. `build_transfer`, `later_rate`: training a head on one, in
  phases. `phase`, `scaled_data`: one fit of a run, and the data that it is measured on.
- `trainer`, `epoch_progress`, `diverged`, `batch_hooks`: training one run. `write_results`,
  `evaluate`, `training_samples`, `wrong_images`: its results. `learning_rate`, `lengths`: its
  learning rate, and lengths in epochs or steps.
- `starting_run`, `forgetting`: starting from the weights of another run, and measuring what is
  forgotten of that run's data. `old_data`: loading those data again.
- `executor/`: worker processes that train a list of runs.
- `job`, `cost`: what a run is, and how long it takes.
- `rung_preview`, `rung_range_test`, `rung_signals`: a rung before its training: its rates and
  images, a learning rate range test, and the signals in its layers.
- `keras_settings`, `output`: Keras's backend and precision; redirecting what libraries print.
- `errors`: `LadderError`, for what cannot be trained as requested.
"""
