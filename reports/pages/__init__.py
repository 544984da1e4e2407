"""From runs to tables and pages: facts, words, templates.

`report` writes those of a ladder or of runs without one (`ladder_facts`, `comparison_facts`),
`study_report` those of other studies (`study_facts` and a `*_page` each). `tables` are the CSV
files.
"""
