"""The run folder, the contract between training and reporting: what is written, and how it is read.

- `run_folder`: `Run` and its readers. `run_file`: run.json's statuses. `history`: history.csv.
- `fingerprint`: what makes two runs the same training. `environment`: versions and the machine.
- `atomic_files`: writing so that nobody meets half a file. `lock`, `move_aside`, `scratch`: folders
  that several processes use.
- `errors`: `ReportError`, for folders and files that cannot be read.

Importing this room loads none of TensorFlow, Keras and pandas.
"""
