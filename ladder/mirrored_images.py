"""The data sets in which a mirrored image still shows the same class."""

# Photographs of things and animals. Whether it is true of a user's own images is not known; their
# ladder file may say so.
MAY_BE_MIRRORED = ("cifar10", "cifar100", "fashion_mnist")
