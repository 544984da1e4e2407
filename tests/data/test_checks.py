"""Images and labels that cannot be trained on are refused, and doubtful ones told."""

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load

CLASSES = 3


def images(count=30, shape=(4, 4, 1), dtype=np.uint8, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (count, *shape))
    return values.astype(dtype)


def labels(count=30):
    return np.arange(count) % CLASSES


@pytest.mark.parametrize(
    "y",
    [
        labels(),
        labels()[:, np.newaxis],
        labels().astype(np.uint8),
        labels().astype(float),
        labels().tolist(),
        labels() > 0,
    ],
)
def test_labels_are_admitted_in_usual_forms(y):
    data = from_arrays(images(), y)
    assert data.y_train.dtype == np.int32
    assert data.y_train.ndim == 1


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (labels(29), "30 images but 29 labels"),
        (labels() - 1, "out of range: -1"),
        (labels() + 0.5, "whole numbers"),
        (np.where(labels() == 0, np.nan, 1.0), "whole numbers"),
        (np.eye(CLASSES)[labels()], "argmax"),
        (np.array(["cat", "dog", "bird"])[labels()], "whole numbers"),
        (labels() + 1, "no image of class 0"),
        (labels() * 2, "no image of classes 1, 3"),
        (np.where(labels() == 2, 10**9, labels()), "the highest is 1000000000"),
        (np.where(labels() == 2, 2**40, labels()), r"out of range: 1\.09951e\+12"),
        (np.zeros(30, int), "only the class 0"),
    ],
)
def test_wrong_labels_are_refused(y, message):
    with pytest.raises(DataError, match=message):
        from_arrays(images(), y)


def test_label_without_a_name_is_refused():
    with pytest.raises(DataError, match="a label 2, but the 2 classes are numbered 0 to 1"):
        from_arrays(images(), labels(), classes=["cat", "dog"])


def test_class_without_an_image_is_named():
    with pytest.raises(DataError, match="training part of arrays has no image of class fish"):
        from_arrays(images(), labels(), classes=["cat", "dog", "bird", "fish"])


def test_repeated_class_name_is_refused():
    with pytest.raises(DataError, match="repeat"):
        from_arrays(images(), labels(), classes=["cat", "dog", "cat"])


@pytest.mark.parametrize(("split", "part"), [("val", "validation"), ("test", "test")])
def test_class_missing_from_a_given_part_is_named(split, part):
    given = {f"x_{split}": images(10), f"y_{split}": labels(10) % 2}
    with pytest.raises(DataError, match=f"{part} part of arrays has no image of class bird"):
        from_arrays(images(), labels(), **given, classes=["cat", "dog", "bird"])


def test_test_images_without_labels_are_refused():
    with pytest.raises(DataError, match="x_test and y_test go together"):
        from_arrays(images(), labels(), images(10))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (images(shape=(16,)), r"shape=\(30, 16\)"),
        (images(shape=(2, 4, 4, 3)), "shape"),
        (images(shape=(4, 4, 2)), "1 channel .grey. or 3"),
        (images(shape=(4, 4, 4)), "--color rgb"),
        (images(shape=(0, 4, 1)), "are empty"),
        (images(0), "0 images but 30 labels"),
        (images().astype(object), "dtype=object"),
    ],
)
def test_wrong_images_are_refused(x, message):
    with pytest.raises(DataError, match=message):
        from_arrays(x, labels())


def test_nothing_at_all_is_refused():
    with pytest.raises(DataError, match="has no images"):
        from_arrays(images(0), labels(0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_are_counted(value):
    x = images().astype(np.float64)
    x[3, 0, 0, 0] = x[8, 1, 1, 0] = value
    with pytest.raises(DataError, match="2 of 30 images of arrays, training part"):
        from_arrays(x, labels())


def test_parts_that_differ_are_refused():
    with pytest.raises(DataError, match="differ in image shape"):
        from_arrays(images(), labels(), images(shape=(5, 4, 1)), labels())
    with pytest.raises(DataError, match="number type"):
        from_arrays(images(), labels(), images() / 255, labels())


@pytest.mark.parametrize(("factor", "told"), [(255, True), (1 / 255, True), (1.9, False)])
def test_parts_of_another_range_of_floats_are_told(factor, told):
    x, parts = images(90).astype(float), {"x_val": images(30, seed=1) / 1, "y_val": labels()}
    data = from_arrays(x, labels(90), factor * images(seed=2).astype(float), labels(), **parts)
    found = [text for text in data.warnings if "If they are in other units" in text]
    assert len(found) == told
    assert all(text.startswith("The values of test images go from 0 to ") for text in found)


@pytest.mark.parametrize(("largest", "is_of_bytes"), [(1, False), (16, False), (17, True)])
def test_whole_numbers_that_are_small_throughout_have_a_range_of_their_own(largest, is_of_bytes):
    x = images() % (largest + 1)
    data = from_arrays(x, labels(), scaling="unit")
    high = 255 if is_of_bytes else largest
    assert data.x_train.dtype == np.uint8 and data.value_range == (0, high)
    assert data.scaling.scale == (1 / high,)
    told = f"Training pixels are whole numbers from 0 to {largest}, which is taken for"
    assert any(text.startswith(told) for text in data.notes) != is_of_bytes


@pytest.mark.parametrize(("factor", "told"), [(0.1, False), (1 / 255, True)])
def test_bytes_beside_whole_numbers_of_0_and_1_are_told(factor, told):
    x = images(90)
    for train, test in ((x, factor * x[:30]), (factor * x, x[:30])):
        data = from_arrays(
            np.round(train).astype(int), labels(90), np.round(test).astype(int), labels()
        )
        found = [text for text in data.warnings if "If they are in other units" in text]
        assert len(found) == told


def test_black_images_are_bytes():
    data = from_arrays(np.zeros((30, 4, 4), np.uint8), labels())
    assert data.value_range == (0, 255)


def test_arrays_of_three_axes_say_how_else_they_could_be_read():
    note = 'inputs="sequences" in Python'
    assert note in from_arrays(images(shape=(4, 4)), labels()).notes[0]
    for data in (
        from_arrays(images(), labels()),
        from_arrays(images(shape=(4, 4)), labels(), inputs="images"),
        load(DataSpec("digits")),
    ):
        assert not any(note in text for text in data.notes)


def test_images_become_bytes_where_they_fit():
    as_integers = from_arrays(images(dtype=np.int64), labels())
    as_bytes = from_arrays(images(), labels())
    assert as_integers.x_train.dtype == np.uint8
    assert as_integers.fingerprint == as_bytes.fingerprint
    assert from_arrays(images().astype(np.uint16) + 1, labels()).x_train.dtype == np.float32
    assert from_arrays(images() / 255, labels()).x_train.dtype == np.float32


def test_whole_numbers_below_0_stay_as_they_are():
    signed = images(dtype=np.int16) - 100
    data = from_arrays(signed, labels())
    every = np.concatenate([data.x_train, data.x_val, data.x_test])
    assert sorted(every.ravel()) == sorted(signed.ravel())


def test_three_dimensions_get_a_channel():
    flat = from_arrays(images(shape=(4, 4)), labels())
    assert flat.image_shape == (4, 4, 1)
    assert flat.fingerprint == from_arrays(images(), labels()).fingerprint


def test_color_converts_arrays_as_pillow_does():
    from PIL import Image

    x = images(shape=(6, 5, 4))
    without_alpha = from_arrays(x, labels(), color="rgb")
    assert without_alpha.fingerprint == from_arrays(x[..., :3], labels()).fingerprint
    grey = np.stack([np.asarray(Image.fromarray(i[..., :3]).convert("L")) for i in x])
    assert (
        from_arrays(x, labels(), color="grey").fingerprint
        == from_arrays(grey, labels()).fingerprint
    )
    wide = from_arrays(x.astype(np.int64), labels(), color="grey", scaling="unit")
    assert wide.scaling.scale == (1 / 255,) and wide.x_train.dtype == np.uint8
    assert wide.fingerprint == from_arrays(grey, labels(), scaling="unit").fingerprint
    colour = from_arrays(grey, labels(), color="rgb")
    assert colour.image_shape == (6, 5, 3)
    np.testing.assert_array_equal(colour.x_train[..., 0], colour.x_train[..., 2])


def test_grey_of_floats():
    x = images(shape=(4, 4, 3)) / 255
    grey = from_arrays(x, labels(), x, labels(), color="grey").x_test[..., 0]
    np.testing.assert_allclose(grey, x @ [0.299, 0.587, 0.114], atol=1e-4)


def test_identical_images_across_parts_are_counted():
    train, val, test = images(30, seed=1), images(12, seed=2), images(9, seed=3)
    val[:4], test[:2], test[2] = train[5], train[:2], val[7]
    data = from_arrays(train, labels(), test, labels(9), x_val=val, y_val=labels(12))
    assert [warning.split(" also")[0] for warning in data.warnings] == [
        "4 of 12 validation images",
        "2 of 9 test images",
        "1 of 9 test images",
    ]
    assert "among the training images" in data.warnings[0]
    assert "among the validation images" in data.warnings[2]


@pytest.mark.parametrize(("rare", "warns"), [(10, False), (9, True), (4, True)])
def test_classes_of_over_3_to_1_are_told_of_with_what_to_do(rare, warns):
    def part(counts, seed):
        return images(sum(counts), seed=seed), np.repeat([0, 1, 2], counts)

    train, test, val = part([20, 30, rare], 1), part([3, 3, 3], 2), part([3, 3, 3], 3)
    names = ["cat", "dog", "owl"]
    data = from_arrays(*train, *test, x_val=val[0], y_val=val[1], classes=names)
    assert bool(data.warnings) == warns
    if warns:
        (text,) = data.warnings
        assert text.startswith(f"Class dog has 30 training images and class owl {rare}, more than")
        assert "class_weight" in text
        assert "balanced_accuracy" in text


def test_distinct_images_warn_of_nothing():
    assert from_arrays(images(), labels()).warnings == ()
