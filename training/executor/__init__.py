"""Workers that train runs; they know runs, not ladders.

An executor is a `study_pool`, wherever its workers are: it extends `worker_pool`, which gives runs
to workers, with everything else that a study needs from them. `outcome` says how a run can end,
`capacity` how many workers fit. On Ctrl-C the parent closes the executor: waiting runs are
cancelled, workers are killed, and an unfinished run, which keeps its saved state, resumes when it
is submitted again.

In each worker `worker_service` carries out orders, with `threads` and `failure_reasons`;
`prepared_data` saves the data that workers load. `kept_memory` holds environment variables that
every worker is started with. `run_observer` is notified about runs, and `executor_on` chooses where
the workers are.

`local_processes` has its workers on this machine, on `gpus` if there are any: `worker_process` is a
worker as the parent sees it, and `worker_main` is what runs in it.

`ray_cluster` has its workers on the nodes of a Ray cluster. `ray_address` and `ray_session` connect
to it, `node_probe` asks the nodes for their `node_facts`, `node_room` counts how many workers they
have room for, and `node_environment` holds the workers' environment variables. `ray_worker` is a
worker as the driver sees it, `ray_actor` is what runs in it, and `returned_files` carries the files
of a run back.
"""
