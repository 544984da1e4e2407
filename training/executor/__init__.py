"""Workers that train runs; they know runs, not ladders.

`base_executor` says what any executor does, `outcome` how a run can end, `capacity` how many
workers fit. On Ctrl-C the parent closes the executor: what waits is cancelled, workers are killed,
and an unfinished run, which keeps what was saved of it, goes on when it is submitted again.

`worker_pool` gives runs to workers, which `worker_service` is in each of, with `threads` and
`failure_reasons`. `local_processes` has workers on this machine: `worker_process` is one as the
parent sees it, and `worker_main` is what runs in it. `run_observer` is who is told of it all.
"""
