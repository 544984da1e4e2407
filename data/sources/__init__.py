"""A reader for each source of images or tables, which returns `raw_arrays` or a `raw_table`.

`download` finds official files; `plain_pickle` reads the pickles of CIFAR and IMDB without
executing anything; `no_such_path` makes the error for a path that does not exist.
"""
