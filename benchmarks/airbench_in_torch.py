"""Images per second of airbench's network in a plain PyTorch loop: channels last, one thread.

    python benchmarks/airbench_in_torch.py float32|bfloat16 BATCH STEPS

Prints one number, from the median of the steps after the first. With bfloat16 the loop runs under
autocast, as mixed_bfloat16 does in Keras: weights stay float32.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from torch import nn


def main() -> None:
    """Trains on noise and prints images per second."""
    precision, batch, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    network = airbench().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam([one for one in network.parameters() if one.requires_grad])
    x = torch.randn(batch, 3, 32, 32).to(memory_format=torch.channels_last)
    y = torch.arange(batch) % 10
    ends = []
    for _ in range(steps):
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = nn.functional.cross_entropy(network(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        ends.append(time.perf_counter())
    print(batch / np.median(np.diff(ends)))


def airbench() -> nn.Sequential:
    """The network of `Blueprint(base="airbench", filters=(64, 256, 256))` after whitening."""
    whitening = nn.Conv2d(3, 24, 2)
    whitening.requires_grad_(False)
    stages: list[nn.Module] = []
    channels = 24
    for filters in (64, 256, 256):
        stages += [
            nn.Conv2d(channels, filters, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            *(nn.BatchNorm2d(filters), nn.GELU()),
            nn.Conv2d(filters, filters, 3, padding=1, bias=False),
            *(nn.BatchNorm2d(filters), nn.GELU()),
        ]
        channels = filters
    pool = nn.AdaptiveMaxPool2d(1)
    return nn.Sequential(whitening, nn.GELU(), *stages, pool, nn.Flatten(), nn.Linear(256, 10))


if __name__ == "__main__":
    main()
