"""Following a study while it runs: what its folder says, served as a local page.

- `run_reader` reads runs again only where they have changed; `run_state` says what each is at.
- `folder_reader` sorts them into the studies of a folder, each a `found_study`.
- `study_view` is the table of arms, `arm_curves` their curves, `verdicts_so_far` what is decided,
  `time_left` how long it takes; `standing` says how far the study is, in words;
  `growth_so_far` what else there is to say of a growth.
- `watcher` puts these together; `web_app` answers with them, `web_server` runs it, `opened_page`
  opens it. The page itself is `watch.html.j2` in `reports/pages/templates`.
"""
