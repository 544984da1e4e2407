"""Finding out before training, not after it, that a folder cannot be written."""

from pathlib import Path

from ...runs.atomic_files import write_text


def require_writable_folder(folder: Path, callback: str) -> None:
    """Make `folder` if it is not there, and write to it on trial.

    Args:
        folder: That a callback will write to.
        callback: Its name, for the error.

    Raises:
        ValueError: That is not possible.
    """
    trial = folder / ".trickbook-trial"
    try:
        write_text(trial, "")
        # Another fit that begins now may have removed it.
        trial.unlink(missing_ok=True)
    except OSError as error:
        raise ValueError(
            f"{callback} cannot write to its folder ({error}). Give one that can be made and "
            f"written to. Received: folder={str(folder)!r}"
        ) from error
