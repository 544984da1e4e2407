"""Workers that train runs; they know runs, not ladders.

`worker_pool` gives runs to workers, and `study_pool` asks them what else a study needs; that is an
executor, wherever its workers are. `outcome` says how a run can end, `capacity` how many workers
fit. On Ctrl-C the parent closes the executor: what waits is cancelled, workers are killed, and an
unfinished run, which keeps what was saved of it, goes on when it is submitted again.

In each worker `worker_service` carries out orders, with `threads` and `failure_reasons`;
`prepared_data` saves what they load. `kept_memory` is what any worker's process is started with.
`run_observer` is who is told of it all, and `executor_on` chooses where the workers are.

`local_processes` has them on this machine: `worker_process` is one as the parent sees it, and
`worker_main` is what runs in it.

`ray_cluster` has them on the nodes of a Ray cluster: `ray_address` and `ray_session` connect to it,
`node_probe` asks the nodes for their `node_facts`, `node_room` counts how many workers they take,
`node_environment` is what these start with; `ray_worker` is one as the driver sees it, `ray_actor`
what runs in it, and `returned_files` are what come back.
"""
