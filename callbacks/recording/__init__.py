"""What LearningCurves writes, and when and where it draws.

`history_table`, `batch_log`, `run_record` are its files; `drawing_pace` and `notebook` say when and
where it draws, `curves_picture` draws, `interrupts` does so on Ctrl-C; `event_files` writes for
TensorBoard; `late_metrics` warns of metrics that come too late. `writable_folder` refuses a folder
before training, `tolerant_writer` lets training go on when a disk fills up.
"""
