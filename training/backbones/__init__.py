"""Networks that were trained before, as the front of new ones.

`load` finds the one that a blueprint names, in `application` (keras.applications) or `saved` (a
.keras file, a run's folder); `pretrained` is what it found. `graph` takes networks apart; `body` is
the way from raw inputs to a head, split where unfreezing begins, and `inference_mode` how its parts
are called; `features` computes once what does not change.
"""
