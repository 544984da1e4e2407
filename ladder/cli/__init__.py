"""The command `trickbook`: a module `*_command` per command, and what several of them share.

`main` registers the commands and handles their errors. `options` defines single options, `flags`
groups of them; `carry_out` trains a study and reports on it; `same_command` words the advice to
repeat a command; `printed_tables`, `screen` and `display` print.
"""
