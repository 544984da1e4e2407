"""What reading a damaged file of arrays raises, whichever library reads it."""

from __future__ import annotations

import zipfile
import zlib

DAMAGE = (
    *(OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error),
    TypeError,  # an .npy file under another name, which holds a single array
    # A file that claims to be encrypted, or compressed in an unknown way, or that h5py cannot walk
    # through.
    RuntimeError,
    *(MemoryError, OverflowError),  # a header that claims more than any memory or file holds
)
