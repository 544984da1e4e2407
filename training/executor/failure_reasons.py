"""Why something failed, in one line, and whether the machine is to blame."""

from __future__ import annotations

import errno
import re

from ...recipes import RecipeError

LONGEST_REASON = 500
# No room on the disk or in memory, too many open files, a disk or a file server that is gone.
_OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE),
    *(errno.EIO, errno.EROFS, errno.ESTALE),
)
# Messages of PyTorch, TensorFlow and JAX, whose error types are not specific: for a GPU that is
# full, and for one that is in use, broken or too full to initialise a library.
_FULL_GPU = (
    *("CUDA error: out of memory", "CUDA_ERROR_OUT_OF_MEMORY"),
    *("CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"),
)
_UNFIT_GPU = (
    *("CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_NOT_INITIALIZED"),
    *("DNN library initialization failed", "busy or unavailable", "uncorrectable ECC error"),
)
_OF_CUDA = re.compile("CUDA error|CUDA_ERROR_|cuDNN error|(CUDNN|CUBLAS)_STATUS_|DNN library init")
_PLACE = re.compile(r'\s*File "|Detected at node .*most recent call last')


def reason_of(error: Exception) -> str:
    """Returns what went wrong, in one line."""
    if isinstance(error, RecipeError):
        return str(error)
    if _is_out_of_memory(error):
        return (
            "out of memory on the device: lower --batch-size, --width, --jobs or, for pictures in "
            "a folder, --image-size"
        )
    return in_one_line(f"{type(error).__name__}: {error}")


def is_of_the_machine(error: Exception) -> bool:
    """Whether the machine is to blame, so that the same run could succeed here later."""
    is_error_of_it = isinstance(error, OSError) and error.errno in _OF_THE_MACHINE
    is_gpu_unfit = any(sign in str(error) for sign in _UNFIT_GPU)
    return is_error_of_it or _is_out_of_memory(error) or is_gpu_unfit


def is_of_cuda(error: BaseException | None) -> bool:
    """Whether the error may have left the process with a GPU that cannot compute any more."""
    return _OF_CUDA.search(str(error)) is not None


def _is_out_of_memory(error: Exception) -> bool:
    """Whether TensorFlow, JAX, PyTorch or NumPy ran out of memory."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"OutOfMemoryError", "ResourceExhaustedError", "MemoryError"}) or any(
        # JAX's error, and PyTorch's on a CPU, have types that are not specific.
        sign in str(error)
        for sign in ("RESOURCE_EXHAUSTED", "DefaultCPUAllocator", *_FULL_GPU)
    )


def in_one_line(text: str) -> str:
    """Shortens Keras's messages, which may fill a page in bold; log.txt has the whole text."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).partition("Arguments received by")[0]
    # TensorFlow puts places in the code before the message itself.
    lines = [line for line in plain.splitlines() if not _PLACE.match(line)]
    line = " ".join(" ".join(lines).split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} ..."
