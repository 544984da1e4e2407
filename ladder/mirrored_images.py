"""Of which data a mirrored image shows the same class."""

# Photographs of things and animals. Of images of the user's own nobody knows; a ladder file of
# theirs may say so.
MAY_BE_MIRRORED = ("cifar10", "cifar100", "fashion_mnist")
