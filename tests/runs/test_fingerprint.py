"""The fingerprint changes with all that decides a run's figures, and with nothing else."""

import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from blueprint_values import OTHER_VALUES
from recipe_examples import EXAMPLES

from trickbook.recipes import (
    L2,
    Augmentation,
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    LRDecay,
    NetworkSettings,
    Noise,
    SkipConnections,
    Slot,
    TrainingSettings,
    Wider,
    compose,
)
from trickbook.runs.code_hash import ROOMS, code_hash
from trickbook.runs.fingerprint import fingerprint
from trickbook.runs.own_sources import own_sources
from trickbook.runs.saved_weights import OF_WEIGHTS

DATA = {
    "name": "digits",
    "classes": ["0", "1"],
    "image_shape": [8, 8, 1],
    "train": 200,
    "scaling": "standardize",
    "split_seed": 0,
    "limit_train": 200,
    "fingerprint": "ab" * 32,
    "warnings": [],
}
FULL = compose(
    Blueprint(),
    [Noise(), BatchNorm(), Dropout(), L2(), Augmentation(), LRDecay(), SkipConnections()],
)


def made(blueprint=FULL, seed=0, backend="tensorflow", precision="float32", **data):
    return fingerprint(blueprint.to_dict(), {**DATA, **data}, seed, backend, precision)


def test_it_is_a_sha256_and_the_same_again():
    assert len(made()) == 64
    assert int(made(), 16) > 0
    assert made() == made(Blueprint.from_dict(json.loads(json.dumps(FULL.to_dict()))))


def test_what_becomes_of_other_shapes_counts_where_it_is_another_than_ever():
    assert len({made(), made(fit="crop"), made(fit="pad")}) == 3
    assert made(fit="stretch") == made()


def test_how_many_images_are_measured_in_every_epoch_counts_where_it_is_told():
    assert made(val_in_epochs=100) != made(val_in_epochs=50) != made()


def test_weights_that_keras_downloaded_count_by_their_hash():
    told = [FULL.to_dict(), DATA, 0, "tensorflow", "float32"]
    assert fingerprint(*told, downloaded=None) == made()
    assert len({made(), *(fingerprint(*told, downloaded=one) for one in ("ab", "cd"))}) == 3


def test_it_stays_as_it_was():
    # Where this fails, everybody's runs are trained again. What is new must stay out of a
    # blueprint's dictionary, and of the arguments of a recipe's layers, at its default.
    assert made(Blueprint()) == "87e0e9a10e449bf8b34b2aac369e0354a645e7e73db383afbca6ffb41dd96ec4"
    assert made() == "7f256766c57c03aa9eac3366fe7b2d31dbd17ddd776b25aa789cec4809863e16"


def test_a_network_may_have_its_former_name():
    dense = "2f1ab89fc95f42265455979c2d893a87383c1a92fb1c973d1b0695d1b26156ff"
    assert made(Blueprint(base="mlp")) == made(Blueprint(base="fully_connected")) == dense
    assert {made(Blueprint(base=name)) for name in ("conv", "convnet", None)} == {made(Blueprint())}


def test_it_is_the_same_in_another_process():
    code = (
        "import json, sys; from trickbook.runs.fingerprint import fingerprint;"
        "from trickbook.recipes import Blueprint;"
        "blueprint, data = json.load(sys.stdin);"
        "print(fingerprint(blueprint, data, 0, 'tensorflow', 'float32'))"
    )
    text = json.dumps([FULL.to_dict(), DATA])
    ran = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == made()


OTHERS = {
    "seed": made(seed=1),
    "backend": made(backend="jax"),
    "precision": made(precision="mixed_float16"),
    "content": made(fingerprint="cd" * 32),
    "split seed": made(split_seed=1),
    "limit": made(limit_train=None),
    "scaling": made(scaling="unit"),
    **{
        str(recipe): made(compose(FULL, [recipe]))
        for recipe in (
            Noise(probability=0.5),
            Noise(area_max=0.2),
            BatchNorm(momentum=0.99),
            Dropout(rate=0.4),
            Dropout(stage_rate=0.2),
            L2(2e-4),
            Augmentation(rotation_degrees=1.0),
            Augmentation(fill_mode="wrap"),
            LRDecay(0.97),
            Wider(1.1),
        )
    },
    **{
        name: made(replace(FULL, **{name: value}))
        for name, value in OTHER_VALUES.items()
        if name not in OF_WEIGHTS  # whose hash test_saved_weights.py is about
    },
}


def test_it_changes_with_each_ingredient():
    parts = (NetworkSettings, TrainingSettings)
    names = {"task", *(field.name for part in parts for field in fields(part))}
    assert names - set(OF_WEIGHTS) < set(OTHERS)
    assert len({made(), *OTHERS.values()}) == len(OTHERS) + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "renamed"),
        ("warnings", ["a doubt"]),
        ("classes", ["a", "b"]),
        ("train", 1),
        ("new", 3),
    ],
)
def test_it_changes_with_nothing_else(name, value):
    assert made(**{name: value}) == made()


def test_an_edited_module_of_the_users_and_what_it_imports_of_theirs_count(tmp_path, monkeypatch):
    package = tmp_path / "edited_tricks"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "squeeze.py").write_text("import numpy\nfrom . import sizes\nimport edited_helper\n")
    (package / "sizes.py").write_text("RATIO = 4\n")
    (package / "unused.py").write_text("")
    (tmp_path / "edited_helper.py").write_text("import json\nfrom edited_deep import value\n")
    (tmp_path / "edited_deep.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    slot = Slot("squeeze", Config.of("edited_tricks.squeeze:Squeeze"))
    blueprint = Blueprint().fill("after_stage", slot)
    assert set(own_sources(blueprint.to_dict())) == {
        *(
            "edited_tricks",
            "edited_tricks.squeeze",
            "edited_tricks.sizes",
            "edited_helper",
            "edited_deep",
        )
    }
    seen = {made(blueprint)}
    for file in ("edited_tricks/squeeze.py", "edited_tricks/sizes.py", "edited_deep.py"):
        path = tmp_path / file
        path.write_text(path.read_text() + "# edited\n")
        seen.add(made(blueprint))
    assert len(seen) == 4
    (package / "unused.py").write_text("# edited")
    assert made(blueprint) in seen
    network = Blueprint(base="edited_helper:build")
    assert set(own_sources(network.to_dict())) == {"edited_helper", "edited_deep"}
    assert own_sources(Blueprint(base="mlp").to_dict()) == {}


def test_the_hash_of_our_code_is_of_what_decides_digits():
    assert len(code_hash()) == 12
    assert int(code_hash(), 16) >= 0
    named = {
        room
        for recipe in EXAMPLES.values()
        for room in rooms_named(compose(Blueprint(), [recipe]).to_dict())
    }
    assert {"callbacks", "layers"} < named
    assert named | {"recipes", "training"} == set(ROOMS)


def test_an_edit_of_our_code_changes_its_hash_where_it_decides_digits(tmp_path):
    for room in (*ROOMS, "runs", "reports"):
        (tmp_path / room / "part").mkdir(parents=True)
        (tmp_path / room / "part" / "module.py").write_text("VALUE = 1\n")
    source = Path(code_hash.__wrapped__.__code__.co_filename)
    shutil.copy(source, tmp_path / "runs")

    def hashed():
        return runpy.run_path(str(tmp_path / "runs" / source.name))["code_hash"]()

    seen = {hashed()}
    (tmp_path / "reports" / "part" / "module.py").write_text("VALUE = 2\n")
    assert hashed() in seen
    for room in ROOMS:
        (tmp_path / room / "part" / "module.py").write_text("VALUE = 2\n")
        seen.add(hashed())
    (tmp_path / "data" / "part" / "module.py").rename(tmp_path / "data" / "part" / "other.py")
    assert len(seen | {hashed()}) == 2 + len(ROOMS)


def rooms_named(value):
    """The rooms of ours that a blueprint's dictionary takes parts from, by their paths."""
    if isinstance(value, str):
        return {value.split(".")[1].split(":")[0]} if value.startswith("trickbook.") else set()
    inner = value.values() if isinstance(value, dict) else value
    return set().union(*map(rooms_named, inner)) if isinstance(value, (dict, list)) else set()
