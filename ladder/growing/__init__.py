"""Growing a ladder: the lecture as a machine that reads curves and races what they call for.

- `grow`: carries out a growth for an `aim`; `grower` is its loop, `workbench` where it trains.
- `growth`: the record of what was raced and decided; `record_file` reads it from a folder.
- `book`: the tricks that are available for the data, each a `trick`.
- `call`: which of them the curves call for. `race_maker`: how many of these fit into the time, by
  `time_budget` and `run_times`. `race_decision`: what a race has decided.
- `grown_file`: writes the resulting ladder file. `grow_result`: what the caller gets.
"""
