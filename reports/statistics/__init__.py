"""Means over seeds, t intervals of means and paired differences; smoothing."""
