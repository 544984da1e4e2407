"""Optimisers that Keras lacks, and Keras's average of the weights, as a blueprint names them."""

from .ema import with_ema
from .kernel_muon import KernelMuon
from .lookahead import Lookahead

__all__ = ["KernelMuon", "Lookahead", "with_ema"]
