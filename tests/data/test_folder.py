"""Folders of images, a sub-folder per class."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from trickbook.data import DataError, Dataset, DataSpec, load
from trickbook.data.sources.image_folder import read_image

CLASSES = ("bird", "cat", "dog")


def picture(seed, size=(6, 5), mode="RGB"):
    """A random image; `size` is (height, width)."""
    shape = size if mode == "L" else (*size, len(mode))
    values = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    return Image.fromarray(values)


def write(folder, count=5, classes=CLASSES, make=picture, ending="png", seed=0):
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            make(seed + 100 * number + i).save(folder / name / f"{i:03d}.{ending}")


def load_folder(folder, **settings):
    return load(DataSpec(f"folder:{folder}", **settings))


def rows(images):
    return {image.tobytes() for image in images}


def test_classes_are_sub_folders_in_order_of_name(tmp_path):
    write(tmp_path)
    data = load_folder(tmp_path)
    assert data.classes == CLASSES
    assert data.image_shape == (6, 5, 3)
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (9, 3, 3)
    every = np.concatenate([data.x_train, data.x_val, data.x_test])
    labels = np.concatenate([data.y_train, data.y_val, data.y_test])
    for number in range(3):
        expected = {picture(100 * number + i).tobytes() for i in range(5)}
        assert rows(every[labels == number]) == expected


@pytest.mark.parametrize("val", ["val", "valid", "validation", "dev"])
def test_split_folders_are_kept(tmp_path, val):
    write(tmp_path / "train", seed=0)
    write(tmp_path / val, count=2, seed=1000)
    write(tmp_path / "test", count=1, seed=2000)
    data = load_folder(tmp_path)
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (15, 6, 3)
    assert rows(data.x_val) == {
        picture(1000 + 100 * n + i).tobytes() for n in range(3) for i in range(2)
    }
    assert data.y_test.tolist() == [0, 1, 2]


def test_train_and_test_alone(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "test", count=2, seed=2000)
    data = load_folder(tmp_path)
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (12, 3, 6)


def test_folders_of_classes_that_are_not_kept_are_not_looked_into(tmp_path):
    write(tmp_path)
    expected = load_folder(tmp_path, classes=["dog", "cat"])
    (tmp_path / "bird" / "000.png").write_text("not an image")
    (tmp_path / "empty").mkdir()
    write(tmp_path, classes=["huge"], make=lambda seed: picture(seed, (60, 50)))
    data = load_folder(tmp_path, classes=["dog", "cat"])
    assert data.fingerprint == expected.fingerprint and data.classes == ("dog", "cat")
    assert data.notes == (
        "10 pictures in 2 classes read. Of 5 classes only these are kept: dog, cat.",
    )
    with pytest.raises(DataError, match=r"no class 'cta' to keep .* Did you mean cat\? It has"):
        load_folder(tmp_path, classes=["dog", "cta"])


def test_only_the_kept_classes_have_to_be_in_every_split(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "test", count=2, classes=["cat", "dog", "horse"], seed=2000)
    data = load_folder(tmp_path, classes=["dog", "cat"])
    assert data.class_counts()["test"] == [2, 2]
    with pytest.raises(DataError, match=r"test has no class 'bird' to keep .*It has: cat, dog, "):
        load_folder(tmp_path, classes=["dog", "bird"])


def test_other_files_are_ignored(tmp_path):
    write(tmp_path)
    expected = load_folder(tmp_path).fingerprint
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "cat" / ".000.png").write_bytes(b"no image")
    (tmp_path / "cat" / "notes.txt").write_text("words")
    assert load_folder(tmp_path).fingerprint == expected


def test_pictures_in_sub_folders_of_a_class_are_of_that_class(tmp_path):
    write(tmp_path)
    expected = load_folder(tmp_path)
    (tmp_path / "cat" / "003" / "2024").mkdir(parents=True)
    (tmp_path / "cat" / "004").mkdir()
    (tmp_path / "cat" / "003.png").rename(tmp_path / "cat" / "003" / "2024" / "x.png")
    (tmp_path / "cat" / "004.png").rename(tmp_path / "cat" / "004" / "x.png")
    data = load_folder(tmp_path)
    assert data.fingerprint == expected.fingerprint
    assert data.notes == ("15 pictures in 3 classes read.",)


def test_what_is_ignored_is_said(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "test", count=1, seed=2000)
    write(tmp_path / "trial", count=1, seed=3000)
    (tmp_path / "README.md").touch()
    picture(0).save(tmp_path / "test" / "loose.png")
    for name in ("a.txt", "b.txt", "c.csv", "d.h5"):
        (tmp_path / "train" / "cat" / name).touch()
    data = load_folder(tmp_path)
    assert data.notes == (
        "18 pictures in 3 classes read. Ignored: 4 files that are no pictures (train/cat/a.txt, "
        "train/cat/b.txt, train/cat/c.csv and 1 more); 2 files outside of the class folders "
        "(README.md, test/loose.png); 1 folder beside the splits (trial).",
    )
    data.save(tmp_path / "saved")
    assert Dataset.load(tmp_path / "saved").notes == data.notes
    assert data.summary()["notes"] == list(data.notes)


@pytest.mark.parametrize("ending", ["gif", "tiff", "png"])
def test_the_first_of_several_frames_is_read_and_that_is_said(tmp_path, ending):
    write(tmp_path, make=lambda seed: picture(seed, mode="L"), ending=ending)
    expected = load_folder(tmp_path)
    first, second = picture(101, mode="L"), picture(999, mode="L")
    path = tmp_path / "cat" / f"001.{ending}"
    first.save(path, save_all=True, append_images=[second])
    data = load_folder(tmp_path)
    assert expected.notes == ("15 pictures in 3 classes read.",)
    assert data.notes == (
        *expected.notes,
        "Several frames in 1 of them, of which the first is read.",
    )
    assert data.fingerprint == expected.fingerprint


def write_rgb16(path, values):
    """A PNG of 16 bits a channel, which Pillow can read and not write; `values` (h, w, 3)."""

    def chunk(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    height, width, _ = values.shape
    lines = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks))


def test_colours_that_pillow_cuts_to_8_bits_are_said(tmp_path):
    write(tmp_path)
    for i in range(2):
        write_rgb16(tmp_path / "cat" / f"00{i}.png", np.full((6, 5, 3), 4000 + i))
    data = load_folder(tmp_path)
    assert data.notes[1:] == ("Colours of more than 8 bits in 2 of them, of which Pillow keeps 8.",)
    assert np.full((6, 5, 3), 4000 >> 8, np.uint8).tobytes() in rows(every_image(data))


def test_what_transparent_pictures_are_laid_on_is_said(tmp_path):
    write(tmp_path)
    picture(0, mode="RGBA").save(tmp_path / "cat" / "000.png")
    assert load_folder(tmp_path).notes[1:] == (
        "Transparent pixels in 1 of them, which are laid on white.",
    )


def test_a_class_cannot_be_called_train(tmp_path):
    write(tmp_path, classes=("bus", "car", "train"))
    with pytest.raises(DataError, match=r"train holds pictures and no folders.* \(bus, car\)"):
        load_folder(tmp_path)


def test_pictures_beside_the_splits_are_warned_of(tmp_path):
    write(tmp_path / "train", classes=("electric", "steam"))
    write(tmp_path, classes=("bus",), seed=2000)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "README.md").touch()
    (warning,) = load_folder(tmp_path).warnings
    assert warning.startswith(f"{tmp_path} has pictures beside train, in folders that name no")
    assert "not read: bus. If they are classes, as train is, give train another name" in warning


@pytest.mark.parametrize(("name", "count"), [("eval", 1), ("val", 0)])
def test_a_split_of_an_unknown_name_is_warned_of(tmp_path, name, count):
    write(tmp_path / "train")
    write(tmp_path / name, count=2, seed=1000)
    data = load_folder(tmp_path)
    assert len(data.warnings) == count
    assert all("not read: eval." in text for text in data.warnings)


def test_splits_of_unknown_names_are_not_taken_for_classes(tmp_path):
    write(tmp_path / "training")
    write(tmp_path / "testing", count=2, seed=1000)
    with pytest.raises(DataError, match=r"testing, training .*same sub-folders \(bird, cat, dog\)"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("Train", "Test"), "Test, Train"),
        (("training", "testing", "val"), "testing, training, val"),
    ],
)
def test_splits_in_capitals_or_of_other_names_are_no_classes(tmp_path, names, told):
    write(tmp_path / names[0], classes=["cat", "dog"])
    for name in names[1:]:
        write(tmp_path, classes=[name])
    with pytest.raises(DataError, match=rf"{told} in \S+ would be classes.*name them train, val"):
        load_folder(tmp_path)
    # Beside other classes a single one may be called so.
    for name in names[1:]:
        (tmp_path / name).rename(tmp_path / f"{name}s")
    assert len(load_folder(tmp_path).classes) == len(names)


def test_classes_that_differ_in_capitals_alone_are_told(tmp_path):
    write(tmp_path, classes=["Cat", "cat", "dog"])
    (text,) = load_folder(tmp_path).warnings
    assert text.startswith(
        "Classes differ only in capitals, blanks or the Unicode form of letters ('Cat', 'cat')"
    )


@pytest.mark.parametrize(
    "ending",
    [
        *["png", "PNG", "bmp", "gif", "jpg", "jpeg", "jfif", "webp", "tif", "tiff"],
        *["tga", "pcx", "im", "dds", "ppm", "sgi"],
    ],
)
def test_formats(tmp_path, ending):
    write(tmp_path, ending=ending)
    assert len(load_folder(tmp_path).x_train) == 9


def test_file_that_is_no_image_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "dog" / "002.png").write_text("not an image")
    with pytest.raises(DataError, match=r"dog.002\.png is no image"):
        load_folder(tmp_path)


@pytest.mark.parametrize("settings", [{}, {"image_size": (4, 4)}])
def test_all_files_that_are_no_images_are_named(tmp_path, settings):
    write(tmp_path)
    for name in ("bird/001.png", "dog/002.png", "dog/004.png"):
        (tmp_path / name).write_text("not an image")
    with pytest.raises(
        DataError, match=r"bird.001\.png is no .*Of 15 .* 2 more .*dog.002\.png, \S*dog.004\.png"
    ):
        load_folder(tmp_path, **settings)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
@pytest.mark.parametrize("settings", [{}, {"image_size": (4, 4)}])
def test_cut_off_image_is_named(tmp_path, ending, settings):
    write(tmp_path, make=lambda seed: picture(seed, (40, 40)), ending=ending)
    path = tmp_path / "cat" / f"001.{ending}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=rf"cat.001\.{ending} is no image, or a cut-off one"):
        load_folder(tmp_path, **settings)


FREE = "trickbook.data.sources.image_folder.available_bytes"


@pytest.mark.parametrize(
    ("mode", "settings", "needed"),
    [
        ("RGB", {}, 2 * 15 * 30 * 3),
        ("L", {}, 2 * 15 * 30),
        ("L", {"color": "rgb"}, 2 * 15 * 30 * 3),
        ("RGB", {"color": "grey"}, 2 * 15 * 30),
        ("I;16", {}, 2 * 15 * 30 * 4),
    ],
)
def test_pictures_that_memory_cannot_hold_are_refused_by_their_headers(
    tmp_path, monkeypatch, mode, settings, needed
):
    def make(seed):
        if mode == "I;16":
            return Image.fromarray(np.full((6, 5), 1000 + seed, np.uint16))
        return picture(seed, mode=mode)

    write(tmp_path, make=make)
    monkeypatch.setattr(FREE, lambda: needed)
    load_folder(tmp_path, **settings)
    monkeypatch.setattr(FREE, lambda: needed - 1)
    with pytest.raises(DataError, match=r"The 15 images in .* of 6x5 pixels .* --image-size H,W"):
        load_folder(tmp_path, **settings)
    load_folder(tmp_path, image_size=(3, 3), **settings)


def test_sizes_to_resize_to_that_memory_cannot_hold_are_refused(tmp_path, monkeypatch):
    write(tmp_path)
    needed = 2 * 15 * 40 * 30 * 3
    monkeypatch.setattr(FREE, lambda: needed)
    load_folder(tmp_path, image_size=(40, 30))
    monkeypatch.setattr(FREE, lambda: needed - 1)
    with pytest.raises(DataError, match=r"of 40x30 pixels would take .* or a smaller one, with"):
        load_folder(tmp_path, image_size=(40, 30))
    load_folder(tmp_path, image_size=(40, 30), color="grey")


def test_no_single_picture_is_blamed_where_memory_ends(tmp_path, monkeypatch):
    write(tmp_path)

    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr("trickbook.data.sources.image_folder._pixels", no_memory)
    with pytest.raises(
        DataError, match=r"The 15 images in .* do not fit into memory.*--image-size"
    ):
        load_folder(tmp_path)


def test_a_picture_of_too_many_pixels_is_told_from_a_damaged_one(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(DataError, match=r"00\d.png has more pixels than are read of one picture"):
        load_folder(tmp_path)


def test_several_sizes_are_listed_with_counts(tmp_path):
    write(tmp_path, count=4)
    for number in range(2):
        picture(number, (9, 7)).save(tmp_path / "cat" / f"large{number}.png")
    with pytest.raises(DataError, match=r"6x5 \(12\), 9x7 \(2\).*--image-size"):
        load_folder(tmp_path)


def test_image_size_resizes_with_antialiasing(tmp_path):
    sizes = {0: (40, 30), 1: (9, 7), 2: (6, 5), 3: (64, 64), 4: (8, 100)}
    write(tmp_path, make=lambda seed: picture(seed, sizes[seed % 100]))
    data = load_folder(tmp_path, image_size=(10, 12))
    assert data.image_shape == (10, 12, 3)


def test_resizing_averages_instead_of_dropping_pixels(tmp_path):
    stripes = Image.fromarray(np.tile(np.array([[0], [255]], np.uint8), (50, 100)))
    write(tmp_path, make=lambda seed: stripes)
    small = load_folder(tmp_path, image_size=(5, 5)).x_train
    assert 120 <= small.min() <= small.max() <= 135


def test_all_grey_stays_grey(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, mode="L"))
    assert load_folder(tmp_path).image_shape == (6, 5, 1)
    assert load_folder(tmp_path, color="rgb").image_shape == (6, 5, 3)


def test_one_colour_image_makes_all_rgb(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, mode="L"))
    picture(7).save(tmp_path / "cat" / "000.png")
    data = load_folder(tmp_path)
    assert data.image_shape == (6, 5, 3)
    assert data.fingerprint == load_folder(tmp_path, color="rgb").fingerprint


def test_color_converts_as_pillow_does(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, mode="RGBA"))
    data = load_folder(tmp_path, color="grey")
    every = rows(np.concatenate([data.x_train, data.x_val, data.x_test]))
    on_white = Image.new("RGBA", (5, 6), "white")
    on_white.alpha_composite(picture(0, mode="RGBA"))
    assert on_white.convert("L").tobytes() in every
    assert load_folder(tmp_path).image_shape == (6, 5, 3)


def write_deep(folder, shade, ending="png"):
    """Five pictures a class, of the 16-bit values that `shade(number of the picture)` gives."""
    for number, name in enumerate(CLASSES):
        (folder / name).mkdir(exist_ok=True)
        for i in range(5):
            values = shade(5 * number + i).astype(np.uint16)
            Image.fromarray(values).save(folder / name / f"{i}.{ending}")


def every_image(data):
    return np.concatenate([data.x_train, data.x_val, data.x_test])


@pytest.mark.parametrize("ending", ["png", "tiff"])
@pytest.mark.parametrize(
    ("step", "high"), [(8, 255), (136, 4095), (2000, 65535)], ids=["8 bits", "12 bits", "16 bits"]
)
def test_deep_greys_keep_all_their_levels(tmp_path, ending, step, high):
    ramp = np.arange(30).reshape(6, 5) * step
    write_deep(tmp_path, lambda i: ramp + i % 5 + i // 5, ending)
    data = load_folder(tmp_path, scaling="unit")
    assert data.image_shape == (6, 5, 1)
    assert data.value_range == (0, high)
    assert rows(every_image(data)) == {(ramp + i).astype("float32").tobytes() for i in range(7)}
    assert data.scaling.scale[0] == pytest.approx(1 / high)
    assert data.notes[1] == (
        f"More than 8 bits in 15 of them, which keep their values, in a range of 0 to {high:,}."
    )


def test_pictures_of_8_bits_are_stretched_to_the_range_of_deep_ones(tmp_path):
    write_deep(tmp_path, lambda i: np.full((6, 5), 256 + i))
    Image.fromarray(np.full((6, 5), 51, np.uint8)).save(tmp_path / "cat" / "0.png")
    data = load_folder(tmp_path)
    assert data.value_range == (0, 511)
    values = set(np.unique(every_image(data)))
    assert values == {np.float32(511 / 5), *range(256, 261), *range(262, 271)}
    assert "in 14 of them" in data.notes[1] and "others are stretched" in data.notes[1]


def test_values_below_zero_and_fractions_are_kept(tmp_path):
    write_deep(tmp_path, lambda i: np.zeros((6, 5)))
    for i, (name, values) in enumerate([("bird", -1000.0), ("cat", 0.25), ("dog", 1.0)]):
        Image.fromarray(np.full((6, 5), values, np.float32)).save(tmp_path / name / f"f{i}.tiff")
    data = load_folder(tmp_path)
    assert data.value_range == (-1000, 1)
    assert set(np.unique(every_image(data))) == {-1000, 0, 0.25, 1}


@pytest.mark.parametrize("color", ["rgb", "grey"])
def test_a_deep_picture_alone_is_read_as_those_of_its_folder(tmp_path, color):
    write_deep(tmp_path, lambda i: 100 * np.arange(30).reshape(6, 5) + i)
    picture(1).save(tmp_path / "cat" / "0.png")
    data = load_folder(tmp_path, image_size=(8, 7), color=color)
    alone = [
        read_image(path, (8, 7), color, data.value_range, has_deep_values=data.has_deep_values)
        for path in sorted(tmp_path.glob("*/*.png"))
    ]
    assert rows(alone) == rows(every_image(data))


def test_a_deep_picture_for_a_network_of_shallow_ones_fills_their_range(tmp_path):
    Image.fromarray(np.array([[0, 4095]], np.uint16)).save(tmp_path / "deep.png")
    assert read_image(tmp_path / "deep.png", (1, 2), "grey").ravel().tolist() == [0, 255]
    small = read_image(tmp_path / "deep.png", (1, 2), "grey", (0, 16)).ravel()
    assert small.tolist() == [0, 16]


def test_dark_pictures_are_bytes_still(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, mode="L").point(lambda value: value // 20))
    data = load_folder(tmp_path, scaling="unit")
    assert data.x_train.max() == 12 and data.value_range == (0, 255)
    assert data.scaling.scale == (1 / 255,) and not data.has_deep_values
    (text,) = data.warnings
    assert text.startswith("No pixel of the training images is above 12, and pictures go up to 255")


def test_black_and_white_is_grey(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, mode="L").point(lambda v: v > 127, "1"))
    data = load_folder(tmp_path)
    assert data.image_shape == (6, 5, 1)
    assert set(np.unique(data.x_train)) == {0, 255}


def test_exif_orientation_is_respected(tmp_path):
    write(tmp_path, make=lambda seed: picture(seed, (6, 5)))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    for number, name in enumerate(CLASSES):
        turned = picture(900 + number, (5, 6))
        turned.save(tmp_path / name / "000.png", exif=exif)
    data = load_folder(tmp_path)
    assert data.image_shape == (6, 5, 3)
    every = np.concatenate([data.x_train, data.x_val, data.x_test])
    assert np.rot90(np.asarray(picture(900, (5, 6))), -1).tobytes() in rows(every)


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_tiff_orientation_is_respected(tmp_path, orientation, compression):
    write(tmp_path, ending="tiff")
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {3: 2, 6: -1, 8: 1}[orientation]
    size = (6, 5) if orientation == 3 else (5, 6)
    for number, name in enumerate(CLASSES):
        turned = picture(900 + number, size)
        turned.save(tmp_path / name / "000.tiff", exif=exif, compression=compression)
    every = every_image(load_folder(tmp_path))
    assert every.shape == (15, 6, 5, 3)
    assert np.rot90(np.asarray(picture(900, size)), turns).tobytes() in rows(every)
    # None is of another shape than that asked for.
    notes = load_folder(tmp_path, image_size=(12, 10), fit="crop").notes
    assert not any("Another shape" in note for note in notes)


def test_a_header_that_tells_another_size_than_its_pixels_have_is_told(tmp_path, monkeypatch):
    write(tmp_path)
    picture(1, (9, 5)).save(tmp_path / "cat" / "000.png")
    monkeypatch.setattr("trickbook.data.sources.image_folder._upright", lambda image: (6, 5))
    with pytest.raises(DataError, match=r"2 sizes, .*6x5 \(14\), 9x5 \(1\)"):
        load_folder(tmp_path)


def test_classes_must_match(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "test", classes=("bird", "cat", "horse"), seed=2000)
    with pytest.raises(DataError, match="test lacks dog and also has horse"):
        load_folder(tmp_path)


def test_empty_class_folder_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "fish").mkdir()
    with pytest.raises(DataError, match=r"no images in .*fish"):
        load_folder(tmp_path)


@pytest.mark.parametrize("inner", ["", "train"])
def test_no_classes(tmp_path, inner):
    (tmp_path / inner).mkdir(exist_ok=True)
    picture(0).save(tmp_path / inner / "loose.png")
    with pytest.raises(DataError, match="has no sub-folders"):
        load_folder(tmp_path)


def test_a_zip_that_is_unpacked_one_level_too_deep_is_told(tmp_path):
    write(tmp_path / "photos")
    with pytest.raises(
        DataError, match=rf"bird, cat, dog\). Did you mean folder:{tmp_path}/photos\?"
    ):
        load_folder(tmp_path)
    (tmp_path / "photos" / "train").mkdir()
    for name in CLASSES:
        (tmp_path / "photos" / name).rename(tmp_path / "photos" / "train" / name)
    write(tmp_path / "photos" / "test", count=2, seed=2000)
    with pytest.raises(DataError, match=rf"\(test, train\). Did you mean folder:{tmp_path}/photos"):
        load_folder(tmp_path)
    load_folder(tmp_path / "photos")


@pytest.mark.parametrize("inner", ["", "test", "unknown"])
def test_test_images_without_labels_are_for_predict(tmp_path, inner):
    write(tmp_path / "train")
    (tmp_path / "test" / inner).mkdir(parents=True)
    picture(7).save(tmp_path / "test" / inner / "1.png")
    with pytest.raises(DataError, match=r"If they have no labels, move .* trickbook predict"):
        load_folder(tmp_path)
    write(tmp_path / "test", count=2, classes=["cat"], seed=2000)
    with pytest.raises(DataError) as refused:
        load_folder(tmp_path)
    assert "no labels" not in str(refused.value)


def test_what_lies_in_a_class_without_images_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "eel").mkdir()
    with pytest.raises(DataError, match=r"no images in \S*eel.*or remove the folder\.$"):
        load_folder(tmp_path)
    for name in ("1.heic", "2.heic", "3", "4"):
        (tmp_path / "eel" / name).write_bytes(b"no image")
    with pytest.raises(DataError, match=r"\(1.heic, 2.heic, 3 and 1 more\): convert such pictures"):
        load_folder(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        load_folder(tmp_path / "nowhere")


def test_two_validation_folders_are_refused(tmp_path):
    for name in ("train", "val", "valid"):
        write(tmp_path / name)
    with pytest.raises(DataError, match="val, valid, which mean the same"):
        load_folder(tmp_path)


def test_identical_files_in_train_and_test_are_counted(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "val", count=2, seed=1000)
    write(tmp_path / "test", count=2)
    (warning,) = load_folder(tmp_path).warnings
    assert warning.startswith("6 of 6 test images")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_black_drawing_on_transparent_ground_stays_to_be_seen(tmp_path, mode):
    drawing = Image.new("RGBA", (5, 6), (0, 0, 0, 0))
    drawing.putpixel((2, 3), (0, 0, 0, 255))
    if mode == "P":
        drawing = drawing.quantize()
    drawing.convert(mode).save(tmp_path / "drawing.png")
    pixels = read_image(tmp_path / "drawing.png", (6, 5), "grey")
    expected = np.full((6, 5, 1), 255, "uint8")
    expected[3, 2] = 0
    np.testing.assert_array_equal(pixels, expected)


def test_one_image_is_read_as_those_of_a_folder(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    write(tmp_path, make=lambda seed: picture(seed, (5, 6)))
    for path in tmp_path.glob("*/*.png"):
        Image.open(path).copy().save(path, exif=exif)
    data = load_folder(tmp_path, image_size=(8, 7))
    alone = [read_image(path, (8, 7), "rgb") for path in sorted(tmp_path.glob("*/*.png"))]
    assert rows(np.array(alone, "uint8")) == rows(every_image(data))
