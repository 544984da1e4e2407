"""Means over seeds, intervals of them and of differences, verdicts; smoothing."""
