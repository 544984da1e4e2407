"""Building models from blueprints, ladders, running them, and the command line.

- `ladder`: `Ladder`, the way in from Python; `ladder_file` reads TOML; `rung` stacks recipes.
- `build`, `parts`, `convnet`, `base_network`, `seeded`, `transforms`: from a blueprint to a Keras
  model and the layers of its input pipeline.
- `climb`: from rungs to runs in a folder; `job`, `fingerprint`, `cost` say what a run is.
- `runner` and `crew` in the parent process, `worker`, `trainer`, `progress` and `threads` in
  its children.
- `range_test`: which learning rate a rung could train with.
- `cli`, `options`, `lr_find_command`, `plot_command`, `display`, `output`, `predict`, `result`:
  what people see.
"""

from ..training.errors import LadderError
from .ladder import Ladder
from .result import LadderResult

__all__ = ["Ladder", "LadderError", "LadderResult"]
