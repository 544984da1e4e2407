"""Ladders and other studies, and the command line.

- `ladder`: `Ladder`, the way in from Python, with `given_data` and `given_rungs`; `ladder_file`
  reads TOML; `default_ladder` is the one that data have where none is named; `rung` stacks recipes;
  `problem` is what a file's reported accuracies are of; `mirrored_images` of which data images may
  be mirrored.
- `studies`: what is compared with what, and carrying it out; a ladder is one kind of study.
- `tuning`: searching for a rung's settings; `growing`: a ladder that chooses its own rungs.
- `watching`: the page that follows a study.
- `result`: what comes of it; `trained`: trained runs at work.
- `cli`: the command, a module for each of its sub-commands.
"""

from ..training.errors import LadderError
from .ladder import Ladder
from .result import LadderResult

__all__ = ["Ladder", "LadderError", "LadderResult"]
