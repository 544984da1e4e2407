"""Finding out before training, not after it, that a folder cannot be written."""

from pathlib import Path

from ...runs.atomic_files import write_text


def require_writable_folder(folder: Path, callback: str) -> None:
    """Create `folder` if it does not exist, and try to write to it.

    Args:
        folder: The folder that a callback will write to.
        callback: The name of the callback, for the error.

    Raises:
        ValueError: The folder cannot be created or written to.
    """
    trial = folder / ".trickbook-trial"
    try:
        write_text(trial, "")
        # Another fit that begins now may have removed it.
        trial.unlink(missing_ok=True)
    except OSError as error:
        raise ValueError(
            f"{callback} cannot write to its folder ({error}). Give one that can be created and "
            f"written to. Received: folder={str(folder)!r}"
        ) from error
