"""Pretrained networks as the front of new ones.

`load` finds the backbone that a blueprint names, in `application` (keras.applications) or `saved`
(a .keras file or a run's folder), and returns a `pretrained.Backbone`. `precision` sets the
precision of a saved one. `graph` takes networks apart. `body` leads from raw inputs to a head,
split where unfreezing begins; `inference_mode` is how its parts are called in training. `features`
computes once what does not change.
"""
