"""What the data's tricks put into a blueprint, and what they refuse."""

import pytest

from trickbook import layers
from trickbook.recipes import (
    Augmentation,
    BatchSize,
    Blueprint,
    ClassWeight,
    Config,
    Cutmix,
    GradientClipping,
    LabelSmoothing,
    Mixup,
    Noise,
    Optimizer,
    PatchWhitening,
    RandAugment,
    RecipeError,
    Scaling,
    Slot,
    Task,
    WeightDecay,
    Whitening,
    compose,
)

PLAIN = Blueprint()
OFF = {"flip_probability": 0.0, "crop_area_min": 1.0}
NEW = {
    "vertical_flip_probability": 0.5,
    "height_shift": [1, 2],
    "width_shift": 0.2,
    "height_zoom": 0.1,
    "width_zoom": 0.2,
    "shear_degrees": 25,
    "brightness_range": [0.5, 1.5],
    "channel_shift_raw": 10,
    "fill_value": -1.0,
}


def layer_of(blueprint):
    (slot,) = blueprint.transforms
    return slot.config


def test_new_options_of_augmentation_stand_in_the_blueprint_only_where_they_are_on():
    old = layer_of(Augmentation().apply(PLAIN)).keywords()
    assert old.keys() == {
        *("flip_probability", "shift_pixels", "crop_padding_pixels", "crop_area_min"),
        *("rotation_degrees", "zoom", "shear", "brightness", "contrast", "channel_shift"),
        "fill_mode",
    }
    new = layer_of(Augmentation(**NEW).apply(PLAIN)).keywords()
    assert new.keys() == old.keys() | NEW.keys()
    assert (new["height_shift"], new["brightness_range"]) == ((1.0, 2.0), (0.5, 1.5))
    read = Blueprint.from_dict(Augmentation(**NEW).apply(PLAIN).to_dict())
    assert read == Augmentation(**NEW).apply(PLAIN)


@pytest.mark.parametrize("name", [*NEW, "brightness_raw"])
def test_each_new_option_alone_switches_augmentation_on(name):
    value = NEW.get(name, 20)
    is_off = Augmentation(**OFF, **{name: value}).apply(PLAIN) == PLAIN
    assert is_off == (name == "fill_value")


def test_the_layer_takes_what_augmentation_says():
    settings = {**NEW, "channel_shift_raw": 0}
    made = layer_of(Augmentation(**OFF, **settings).apply(PLAIN)).build()
    del settings["channel_shift_raw"]
    expected = layers.RandomAugmentation(**settings)
    ours, theirs = ({**each.get_config(), "name": ""} for each in (made, expected))
    assert ours == theirs


@pytest.mark.parametrize(
    "both",
    [
        {"shift_pixels": 1, "height_shift": 0.1},
        {"shift_pixels": 1, "width_shift": [1, 2]},
        {"zoom": 0.1, "height_zoom": 0.1},
        {"zoom": 0.1, "width_zoom": 0.1},
        {"shear": 0.1, "shear_degrees": 5},
        {"brightness": 0.1, "brightness_raw": 5},
        {"brightness": 0.1, "brightness_range": [0.5, 1.5]},
        {"brightness_raw": 5, "brightness_range": [0.5, 1.5]},
        {"channel_shift": 0.1, "channel_shift_raw": 5},
    ],
    ids=str,
)
def test_two_names_of_one_thing_are_refused_together(both):
    with pytest.raises(RecipeError, match=f"^augmentation: {' and '.join(both)} exclude each"):
        Augmentation(**both)


def test_a_list_of_shifts_that_is_none_is_told_of_with_what_may_stand_there():
    with pytest.raises(RecipeError, match=r"width_shift must be 0 or above, or a list"):
        Augmentation(width_shift=[1, "a"])


def test_flips_that_alternate_have_no_other_probability():
    with pytest.raises(RecipeError, match="flip_order must be random where flip_probability"):
        Augmentation(flip_probability=0.3, flip_order="alternating")


def test_a_fill_value_without_a_constant_fill_is_refused():
    with pytest.raises(RecipeError, match=r"augmentation: fill_value .*fill_mode='wrap', .*=1\.0"):
        Augmentation(fill_mode="wrap", fill_value=1)


def test_what_the_first_deck_names_can_be_said():
    for settings in (
        {"shift_pixels": 32},
        {"height_shift": 32, "width_shift": 32},
        {"rotation_degrees": 45},
        {"rotation_degrees": 90},
        {"shear_degrees": 25},
        {"shear_degrees": 45},
    ):
        assert Augmentation(**OFF, **settings).apply(PLAIN) != PLAIN


def test_rand_augment_has_a_slot_of_its_own_after_augmentation_and_before_noise():
    blueprint = compose(PLAIN, [RandAugment(3, 4), Augmentation()])
    assert [slot.recipe for slot in blueprint.transforms] == ["augmentation", "rand_augment"]
    layer = blueprint.transforms[1].config.build()
    assert (layer.operations, layer.operation_magnitude) == (3, 4.0)
    noisy = compose(PLAIN, [Noise(), RandAugment()])
    assert [slot.recipe for slot in noisy.transforms] == ["rand_augment", "noise"]
    for off in (RandAugment(operations=0), RandAugment(magnitude=0)):
        assert off.apply(blueprint) == Augmentation().apply(PLAIN)


def test_images_are_scaled_then_whitened_as_a_whole_and_then_by_patches():
    tricks = [PatchWhitening(), Whitening(), Scaling("image_center")]
    names = [slot.recipe for slot in compose(PLAIN, tricks).preprocessing]
    assert names == ["scaling", "whitening", "patch_whitening"]


@pytest.mark.parametrize(
    ("recipe", "layer"), [(Mixup(0.5), layers.MixUp), (Cutmix(0.5), layers.CutMix)]
)
def test_mixing_has_a_place_of_its_own(recipe, layer):
    blueprint = recipe.apply(PLAIN)
    made = blueprint.mixing.config.build()
    assert (type(made), made.alpha) == (layer, 0.5)
    assert Blueprint.from_dict(blueprint.to_dict()) == blueprint
    assert type(recipe)(alpha=0).apply(blueprint) == PLAIN
    assert "mixing" not in PLAIN.to_dict()


def test_one_mixing_at_a_time():
    for one, other in ((Mixup(), Cutmix()), (Cutmix(), Mixup())):
        with pytest.raises(RecipeError, match=f"^{other.name} clashes with {one.name}: both set"):
            compose(PLAIN, [one, other])


@pytest.mark.parametrize("recipe", [Mixup(), Cutmix()], ids=lambda recipe: recipe.name)
def test_what_cannot_be_mixed_is_refused_by_name(recipe):
    for recipes in ([recipe, BatchSize(1)], [BatchSize(1), recipe]):
        with pytest.raises(RecipeError, match=f"^{recipe.name} mixes .* batch_size must be 2"):
            compose(PLAIN, recipes)
    recipe.apply(BatchSize(2).apply(PLAIN))
    recipe.apply(BatchSize(0).apply(PLAIN))
    with pytest.raises(RecipeError, match=f"^{recipe.name} is for the classes of a class"):
        recipe.apply(Blueprint(task=Task("regression")))
    loss = Slot("focal", Config.of("keras.losses:CategoricalFocalCrossentropy"))
    with pytest.raises(RecipeError, match=f"^{recipe.name} clashes with focal"):
        recipe.apply(PLAIN.fill("loss", loss))


def test_mixing_goes_with_what_else_shapes_the_loss_and_the_steps():
    together = [
        *(Optimizer(), GradientClipping(), WeightDecay(), LabelSmoothing(), ClassWeight()),
        *(Augmentation(), RandAugment(), Mixup()),
    ]
    assert compose(PLAIN, together) == compose(PLAIN, together[::-1])
