"""The command `trickbook`: a module per command, and what several of them share.

`main` holds the command and its errors; `options`, `tables`, `screen` and `display` serve several.
"""
