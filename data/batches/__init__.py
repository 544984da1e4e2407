"""Batches for training and evaluation: on TensorFlow from `pipeline`, elsewhere from `resident`."""
