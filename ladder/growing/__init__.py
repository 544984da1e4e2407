"""Growing a ladder: the lecture as a machine, which reads curves and races what they call for.

`grow` carries it out for an `aim`, `grower` is its loop, `workbench` where it trains. `growth` is
the record of what was raced and decided; `book` holds the tricks that there are for the data, each
a `trick`. `call` says which of them the curves call for, `race_maker` how many there is time for by
`time_budget` and `run_times`, `race_decision` what a race has decided. `grown_file` writes the
ladder file that is left, `grow_result` is what a caller gets, `record_file` reads what was begun.
"""
