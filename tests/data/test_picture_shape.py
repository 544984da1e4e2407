"""Pictures of another shape than that asked for: cropped, padded or stretched."""

import numpy as np
import pytest
from PIL import Image

from trickbook.data import Dataset, DataSpec, load
from trickbook.data.sources.image_folder import read_image

FITS = ("crop", "pad", "stretch", None)
wide = np.random.default_rng(0).integers(0, 256, (4, 10, 3)).astype(np.uint8)
tall = wide.transpose(1, 0, 2)


def write_classes(folder, size):
    """Five pictures in each of two classes; `size` is (height, width)."""
    generator = np.random.default_rng(1)
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for place in range(5):
            pixels = generator.integers(0, 256, (*size, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{place}.png")


def read(folder, pixels, size, fit, color="rgb"):
    Image.fromarray(pixels).save(folder / "one.tiff")
    return read_image(folder / "one.tiff", size, color, has_deep_values=True, fit=fit)


def test_the_middle_is_kept(tmp_path):
    np.testing.assert_array_equal(read(tmp_path, wide, (4, 4), "crop"), wide[:, 3:7])
    np.testing.assert_array_equal(read(tmp_path, tall, (4, 4), "crop"), tall[3:7])


def test_what_is_kept_is_made_smaller_without_what_is_cut_off(tmp_path):
    pixels = np.zeros((40, 120), np.uint8)
    pixels[:, 40:80], pixels[:, 100:] = 200, 255
    inner = read(tmp_path, pixels, (10, 10), "crop", "grey")[:, 1:-1]
    np.testing.assert_array_equal(inner, np.full_like(inner, 200))


def test_black_is_added_on_two_sides_alike(tmp_path):
    padded = np.pad(wide, ((3, 3), (0, 0), (0, 0)))
    np.testing.assert_array_equal(read(tmp_path, wide, (10, 10), "pad"), padded)
    across = padded.transpose(1, 0, 2)
    np.testing.assert_array_equal(read(tmp_path, tall, (10, 10), "pad"), across)


def test_what_is_padded_is_made_smaller_as_a_whole(tmp_path):
    smaller = Image.fromarray(wide).resize((6, 2), Image.Resampling.BILINEAR)
    expected = np.zeros((6, 6, 3))
    expected[2:4] = np.asarray(smaller)
    np.testing.assert_array_equal(read(tmp_path, wide, (6, 6), "pad"), expected)


@pytest.mark.parametrize("fit", ["stretch", None])
def test_stretching_is_pillows_resizing(tmp_path, fit):
    expected = Image.fromarray(wide).resize((6, 7), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(read(tmp_path, wide, (7, 6), fit), expected)


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_deep_greys_keep_their_values(tmp_path, fit):
    deep = (1000 * np.arange(12).reshape(2, 6)).astype(np.uint16)
    padded = np.pad(deep, [(2, 2), (0, 0)])
    size, expected = ((2, 2), deep[:, 2:4]) if fit == "crop" else ((6, 6), padded)
    np.testing.assert_array_equal(read(tmp_path, deep, size, fit, "grey")[..., 0], expected)


@pytest.mark.parametrize("fit", FITS)
def test_one_picture_is_read_as_those_of_its_folder_and_that_is_said(tmp_path, fit):
    write_classes(tmp_path, (6, 11))
    data = load(DataSpec(f"folder:{tmp_path}", image_size=(5, 5), fit=fit))
    alone = {
        read_image(path, (5, 5), "rgb", fit=fit).astype(np.uint8).tobytes()
        for path in tmp_path.glob("*/*.png")
    }
    every = np.concatenate([data.x_train, data.x_val, data.x_test])
    assert {image.tobytes() for image in every} == alone
    said = {
        "crop": ("Another shape in 10 of them, which are cropped to their middle.",),
        "pad": ("Another shape in 10 of them, which are padded with black.",),
    }
    assert data.notes[1:] == said.get(fit, ())
    assert data.summary().get("fit") == fit
    data.save(tmp_path / "saved")
    assert Dataset.load(tmp_path / "saved").fit == fit


def test_pictures_of_the_shape_asked_for_are_the_same_whatever_is_said(tmp_path):
    write_classes(tmp_path, (8, 12))
    found = [load(DataSpec(f"folder:{tmp_path}", image_size=(4, 6), fit=fit)) for fit in FITS]
    assert len({data.fingerprint for data in found}) == 1
    assert {len(data.notes) for data in found} == {1}


def test_a_turned_picture_is_measured_as_it_is_looked_at(tmp_path):
    write_classes(tmp_path, (6, 6))
    exif = Image.Exif()
    exif[0x0112] = 6
    for path in tmp_path.glob("cat/*.png"):
        Image.fromarray(wide).resize((6, 3)).save(path, exif=exif)
    data = load(DataSpec(f"folder:{tmp_path}", image_size=(6, 3), fit="crop"))
    assert data.notes[1:] == ("Another shape in 5 of them, which are cropped to their middle.",)
