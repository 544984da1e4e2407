"""What LearningCurves writes down, when and where it draws.

`history_table`, `batch_log`, `run_record` are its files; `drawing_pace` and `notebook` say when and
where it draws, `curves_picture` draws, `interrupts` does so on Ctrl-C; `event_files` writes for
TensorBoard; `late_metrics` warns of what comes too late. `writable_folder` refuses a folder before
training, `tolerant_writer` trains on when a disk fills up.
"""
