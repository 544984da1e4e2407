"""What reading a damaged file of arrays raises, whichever library reads it."""

from __future__ import annotations

import zipfile
import zlib

DAMAGE = (
    *(OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error),
    TypeError,  # an .npy file of another name, which holds a single array
    # Bytes that say it is encrypted, or compressed in a way that nobody knows; what h5py cannot
    # walk through.
    RuntimeError,
    *(MemoryError, OverflowError),  # a header that tells of more than any memory or file holds
)
