"""What a set of runs shows: statistics, findings, figures, pages.

- `read/`: from run folders, and whatever else records a training, to sorted runs and measures.
- `statistics/`: intervals, verdicts, looks, laws; smoothing.
- `analysis/`: what the runs come to: effects and their verdicts, the best, ensembles, wrong images.
- `diagnosis/`: what learning curves and range tests show, as named findings with numbers.
- `figures/`: all pictures. `pages/`: tables, facts, templates, `write_report`.
- `export/`: the same for other programs: CSV, JSON, MLflow.
- `wording`: numbers as a reader wants them. `gallery/`: committed reference reports.

Importing this room loads none of TensorFlow, Keras and pyplot.
"""
