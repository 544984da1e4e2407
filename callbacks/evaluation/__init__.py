"""Evaluation that leaves training as it was: samples, outputs one by one, scores.

`signals` and `gradients` look into the layers of a model.
"""
