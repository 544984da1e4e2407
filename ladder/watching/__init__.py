"""Following a study while it runs: what its folder says, served as a local page.

- `run_reader` reads runs again only if they have changed; `run_state` says what state each is in.
- `folder_reader` sorts them into the studies of a folder, each a `found_study`.
- `study_view` is the table of arms, `arm_curves` their curves, `verdicts_so_far` what is decided,
  `time_left` how long the rest takes; `standing` says in words how far the study is;
  `growth_so_far` adds what is special about a growth.
- `watcher` puts these together; `web_app` serves them over HTTP, `web_server` runs it,
  `opened_page` opens it. The page itself is `watch.html.j2` in `reports/pages/templates`.
"""
