"""From runs to tables and pages: facts, words, templates.

Every report fills the same `facts`: a ladder (`ladder_facts`), runs without one
(`comparison_facts`), another study (`study_facts`, and a `*_page` for each kind). One template
makes the HTML page and one the Markdown page (`render`). What all pages show of their arms is in
`arm_parts`; for arms that stop early also in `chosen_epochs`, and for arms judged by several views
of each image in `view_facts`. `provenance` says where the figures come from. `report` and
`study_report` write the files; `tables` makes the tables of the CSV.
"""
