"""Evaluation that leaves training as it was: samples, outputs one by one, scores."""
