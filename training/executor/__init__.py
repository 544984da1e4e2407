"""Worker processes that train runs; they know runs, not ladders.

`base_executor` says what any executor does, `outcome` how a run can end, `capacity` how many
workers fit. On Ctrl-C the parent closes the executor: what waits is cancelled, workers are killed,
and an unfinished run, which keeps what was saved of it, goes on when it is submitted again.

`local_processes` gives runs to workers in the parent; `worker_process` is one worker as the parent
sees it; `worker_main` is what runs in it, with `threads`; `run_observer` is who is told of it all.
"""
