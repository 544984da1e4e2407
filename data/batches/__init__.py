"""Batches for training and evaluation: `by_backend` picks `pipeline` or `resident` for them.

`draw_table` holds the draws of an epoch, `mixed_batches` mixes the images of a batch.
"""
