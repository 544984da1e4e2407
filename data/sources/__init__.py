"""A reader for each source of images or tables: it hands over a `raw_images` or a `raw_table`.

`download` finds official files; `plain_pickle` reads CIFAR's pickles without executing anything.
"""
