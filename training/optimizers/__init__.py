"""Optimisers that Keras lacks, and Keras's average of the weights, as a blueprint names them."""

from .ema import with_ema
from .kernel_muon import KernelMuon
from .lookahead import Lookahead
from .rate_factors import RateFactors, rate_factor

__all__ = ["KernelMuon", "Lookahead", "RateFactors", "rate_factor", "with_ema"]
