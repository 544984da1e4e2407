"""A reader for each source of labelled images, and what it hands over (`raw_images`).

`download` finds official files; `plain_pickle` reads CIFAR's pickles without executing anything.
"""
