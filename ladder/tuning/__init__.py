"""Searching for a rung's settings with Optuna, and judging what the search found.

- `space`: which settings are searched, and over which values; `dimension` is one of them,
  `default_space` what is searched if no space is given, in deck L2's order.
- `samplers`: what proposes values, and what gives up trials. `trials`: the trials of a search, in
  a file in its study's folder, so that a killed search can go on.
- `tuning`: `Tuning`, what is searched and how it is judged. `prepared_search`: its data, checked by
  `search_checks`. `search`: training trials, as many at a time as there are workers, while
  `time_limit` leaves room; `search_progress` says how far it is. `run_tuning`: all of it, from the
  first trial to the report; `tuning_estimate` says how long that takes.
- `trial_facts`: what the report needs. `importance`: which settings made the difference.
"""
