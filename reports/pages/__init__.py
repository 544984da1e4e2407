"""From runs to tables and pages: facts, words, templates.

Every report fills the same `facts`: a ladder (`ladder_facts`), runs without one
(`comparison_facts`), another study (`study_facts`, and a `*_page` for each kind). One template
makes the HTML page of them and one the Markdown page (`render`). What all show of their arms is in
`arm_parts` and, of arms that stop early, `chosen_epochs`, of those judged by several views of each
image, `view_facts`; where the figures come from is in
`provenance`. `report` and `study_report` write the files; `tables` are those of the CSV.
"""
