"""Studies: arms, data and seeds, what they need trained, and carrying them out.

- `study`: `Study` and `Arm`, what is compared with what. A ladder is one kind of study.
- `ablation`, `levels`, `sweep` (with `axis`, `rung_settings` and `effect_checks`), `sample_size`:
  the studies beside it.
- `looks_taken`: adding seeds until a study is decided. `study_data`: data of an arm's or seed's
  own.
- `plan`: which runs a study has, and which of them a folder lacks; `study_checks` refuses what
  could only fail later; `seen_before` warns of weights that were trained on what judges.
- `run_study`: trains what is missing and writes the report; `estimate_study` tells how long it
  takes. `run_options`: where and how the runs are trained.
- `study_folder`: the folder and the file in it that says what the study is; `replaced_report`
  tells of one that is lost. `file_names`: what runs and studies of long names are called there.
"""
