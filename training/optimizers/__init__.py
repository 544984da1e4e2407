"""Optimisers that Keras lacks, and Keras's weight averaging, as blueprints name them."""

from .ema import with_ema
from .kernel_muon import KernelMuon
from .lookahead import Lookahead
from .rate_factors import RateFactors, rate_factor

__all__ = ["KernelMuon", "Lookahead", "RateFactors", "rate_factor", "with_ema"]
