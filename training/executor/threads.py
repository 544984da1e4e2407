"""Threads of a worker, and TensorFlow in it: repeatable ops, no more GPU memory than it needs."""

from __future__ import annotations

import os

_THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    "TF_NUM_INTRAOP_THREADS",
)


def thread_settings(threads: int) -> dict[str, str]:
    """Returns what a worker's environment says of its threads, on each backend.

    Two processes of one thread beat one of two, as long as there are runs enough for them. How many
    threads a sum is split among decides its last digits on TensorFlow and JAX; the number of
    processes decides nothing.

    Args:
        threads: that an operation may use, 1 or more.
    """
    settings = dict.fromkeys(_THREADS, str(threads))
    if threads == 1:
        # What of these counts for JAX on a CPU.
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
        return {**settings, "XLA_FLAGS": flags}
    # The size of JAX's pool on a CPU, which else has a thread for every core.
    return {**settings, "NPROC": str(threads)}


def limit_tensorflow(threads: int = 1) -> None:
    """Sets TensorFlow up for one of several processes; call it before anything is computed.

    Args:
        threads: that an operation may use; operations follow one another.
    """
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()


def keep_tensorflow_off_gpus() -> None:
    """Leaves the GPUs to the backend where TensorFlow only writes event files."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
