"""Studies: their arms, data and seeds, which runs they need, and carrying them out.

- `study`: `Study` and `Arm`, what is compared with what. A ladder is one kind of study.
- `ablation`, `levels`, `sweep` (with `axis`, `rung_settings` and `effect_checks`), `sample_size`,
  `refit`: the other kinds of study here.
- `looks_taken`: adding seeds until a study is decided. `study_data`: the data of a study, which
  an arm or a seed may have for itself.
- `plan`: which runs a study has, and which of them a folder lacks; `study_checks` and
  `warm_start_checks` refuse what could only fail later; `advice` says what to watch out for;
  `seen_before` warns of weights that were trained on the examples that judge them.
- `run_study`: trains what is missing and writes the report; its `estimate_study` says how long
  that takes, and `quicker_settings` what would be faster. `run_options`: where and how the runs
  are trained.
- `study_folder`: the folder and the file in it that says what the study is; `replaced_report`
  warns that a report is about to be replaced. `file_names`: file names for runs and studies whose
  names are long.
"""
