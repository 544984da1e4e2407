"""The run folder, the contract between training and reporting: what is written, and how it is read.

- `run_folder`: `Run` and its readers. `run_file`: run.json's statuses. `history`: history.csv.
- `predictions_file`, `wrong_images_file`: what a run's network predicts for single examples;
  `array_file` reads such files, `damage` lists what reading a damaged one raises.
- `study_files`: the studies of a folder. `deciding`: the metric that decides.
- `fingerprint`, with `own_sources` and `saved_weights`: what makes two runs the same training.
  `environment`, `code_hash`: versions, machine and code, which are recorded.
- `atomic_files`: writing so that nobody reads half a file. `lock`, `move_aside`, `scratch`: folders
  that several processes use.
- `free_memory`: how much memory we may use.
- `keras_home`: the folder of keras.json and of what Keras downloads.
- `errors`: `ReportError`, for folders and files that cannot be read, and a warning of damage.

Importing this room loads none of TensorFlow, Keras and pandas.
"""
