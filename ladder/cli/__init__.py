"""The command `trickbook`: a module `*_command` per command, and what several of them share.

`main` names the commands and says how their errors end. `options` are single flags, `flags` groups
of them; `carry_out` trains a study and tells of it; `same_command` is what goes on with it;
`printed_tables`, `screen` and `display` print.
"""
