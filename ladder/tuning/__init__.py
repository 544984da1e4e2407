"""Searching for a rung's settings by Optuna, and judging what the search found.

- `space`: which settings are searched and over what; `dimension` is one of them, `default_space`
  what is searched where nothing is said, in deck L2's order.
- `samplers`: what proposes values, and what gives a trial up. `trials`: the trials of a search in a
  file of its study's folder, so that a killed search goes on.
- `tuning`: `Tuning`, what is searched and how it is judged. `prepared_search`: its data, and what
  `search_checks` refuses on them. `search`: training trials, as many at a time as there are
  workers, while `time_limit` leaves room. `run_tuning`: the whole of it, from the first trial to
  the report; `tuning_estimate` tells how long it takes.
- `trial_facts`: what the report is told. `importance`: which settings made the difference.
"""
