"""Damaged .npz files of a run folder are told by name, wherever the damage is."""

import zipfile

import numpy as np
import pytest

from trickbook.runs.errors import ReportError
from trickbook.runs.wrong_images_file import NAME, read_wrong_images, write_wrong_images

CENTRAL = b"PK\x01\x02"


def with_byte(content, place, value):
    return content[:place] + bytes([value]) + content[place + 1 :]


def first_compressed(content):
    """Where the first member's bytes begin, after its header, its name and what is extra."""
    return 30 + sum(int.from_bytes(content[at : at + 2], "little") for at in (26, 28))


# By the text of the reason: the place and the value of one byte.
DAMAGE = {
    "invalid block type": lambda content: (first_compressed(content), 0b111),
    "compression method": lambda content: (content.index(CENTRAL) + 10, 99),
    "encrypted": lambda content: (content.index(CENTRAL) + 8, 1),
}


def test_a_header_that_tells_of_more_than_any_memory_holds_is_damage_too(tmp_path):
    about = {"descr": "|u1", "fortran_order": False, "shape": (10**15,)}
    with zipfile.ZipFile(tmp_path / NAME, "w") as file, file.open("places.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, about)
    with pytest.raises(ReportError, match=r"wrong.npz cannot be read .*allocate.*Delete it"):
        read_wrong_images(tmp_path)


@pytest.mark.parametrize("reason", DAMAGE)
def test_a_damaged_byte_is_told_with_the_file_and_what_to_do(tmp_path, reason):
    images = np.arange(100, dtype=np.uint8).reshape(4, 5, 5, 1)
    write_wrong_images(tmp_path, np.arange(4), images)
    assert len(read_wrong_images(tmp_path)) == 4
    content = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(with_byte(content, *DAMAGE[reason](content)))
    with pytest.raises(ReportError, match=f"wrong.npz cannot be read .*{reason}.*Delete it"):
        read_wrong_images(tmp_path)
