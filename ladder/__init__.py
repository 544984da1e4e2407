"""Ladders and other studies, and the command line.

- `ladder`: `Ladder`, the entry point from Python; `given_data` and `given_rungs` read its
  arguments.
- `ladder_file` reads TOML files; `default_ladder` chooses the ladder of data if none is named;
  `rung` stacks recipes; `problem` describes what a file's reported accuracies belong to;
  `mirrored_images` names the data whose images may be mirrored.
- `studies`: what is compared with what, and carrying it out; a ladder is one kind of study.
- `tuning`: searching for a rung's settings; `growing`: a ladder that chooses its own rungs.
- `watching`: the page that follows a study.
- `result`: what a study gives back; `trained`: putting trained runs to use.
- `cli`: the command, a module for each of its sub-commands.
"""

from ..training.errors import LadderError
from .ladder import Ladder
from .result import LadderResult

__all__ = ["Ladder", "LadderError", "LadderResult"]
