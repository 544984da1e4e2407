"""Threads of a worker, and TensorFlow's setup in it: deterministic, with GPU memory growth."""

from __future__ import annotations

import os

_THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    "TF_NUM_INTRAOP_THREADS",
)


def thread_settings(threads: int) -> dict[str, str]:
    """Returns a worker's environment variables for threads, for all backends.

    Two processes with one thread each are faster than one process with two, as long as there are
    enough runs for them. The number of threads that share a sum affects its last digits on
    TensorFlow and JAX; the number of processes does not.

    Args:
        threads: threads that an operation may use, 1 or more.
    """
    settings = dict.fromkeys(_THREADS, str(threads))
    if threads == 1:
        # The setting for JAX on a CPU.
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
        return {**settings, "XLA_FLAGS": flags}
    # The size of JAX's thread pool on a CPU, which otherwise has a thread per core.
    return {**settings, "NPROC": str(threads)}


def limit_tensorflow(threads: int = 1) -> None:
    """Sets up TensorFlow for one of several processes; call it before anything is computed.

    Args:
        threads: threads that an operation may use; operations run one after another.
    """
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()


def keep_tensorflow_off_gpus() -> None:
    """Leaves the GPUs to another backend, if TensorFlow only writes event files."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
