"""Worker processes that train runs; they know runs, not ladders.

`local_processes` gives runs to workers in the parent; `worker_process` is one worker as the parent
sees it; `worker_main` is what runs in it, with `threads`; `run_observer` is who is told of it all.
"""
