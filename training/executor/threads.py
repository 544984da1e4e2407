"""TensorFlow in a worker: one thread, repeatable ops, no more GPU memory than it needs."""

from __future__ import annotations


def limit_tensorflow() -> None:
    """Sets TensorFlow up for one of several processes; call it before anything is computed.

    Two processes with one thread each beat one with two, and with one thread the sums come out in
    the same order, however many processes there are.
    """
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()


def keep_tensorflow_off_gpus() -> None:
    """Leaves the GPUs to the backend where TensorFlow only writes event files."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
