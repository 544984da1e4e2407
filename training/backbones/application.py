"""A backbone from keras.applications, with the preprocessing that belongs to it."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import urllib.parse
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ...recipes import Blueprint, RecipeError, nearest
from ...runs.keras_home import keras_home
from .pretrained import Backbone, PixelMap

IMAGENET = "imagenet"
# Arguments that we set ourselves, or that a backbone does not use.
_OURS = ("include_top", "weights", "input_shape", "input_tensor", "classes", "pooling", "name")
_URL = re.compile(r"URL fetch failure on (\S+): (.*)", re.DOTALL)


def load_application(
    name: str,
    weights: str,
    arguments: Mapping[str, float],
    input_shape: tuple[int, ...],
    value_range: tuple[float, float],
) -> Backbone:
    """Returns a network of keras.applications without its head.

    Args:
        name: name in `keras.applications`.
        weights: "imagenet", which Keras downloads once, or the path of a file of weights for the
            network without its head.
        arguments: the application's own arguments, such as alpha.
        input_shape: shape of the images, (height, width, channels); grey images are shown to the
            network as RGB.
        value_range: lowest and highest value of a raw pixel; the application's own pixels go from
            0 to 255.

    Raises:
        RecipeError: in one line, if the network or its weights are not available or do not fit.
    """
    application = find_application(name)
    _check_arguments(name, application, arguments)
    if len(input_shape) != 3 or input_shape[-1] not in (1, 3):
        raise RecipeError(
            f"transfer: {name} takes pictures of 1 or 3 channels (height, width, channels), but "
            f"these inputs are {input_shape}. Take a backbone that was trained on such inputs."
        )
    model = made(name, weights, arguments, (*input_shape[:2], 3))
    return Backbone.of(name, model, preprocessing_of(application).of_range(*value_range))


def application_hash(blueprint: Blueprint) -> str:
    """Returns the sha256, in hex, of the weights that a blueprint's application is loaded with.

    Raises:
        RecipeError: as `load_application` says.
    """
    network = blueprint.network
    arguments = dict(network.backbone_arguments or ())
    model = made(str(network.backbone), network.backbone_weights, arguments, None)
    digest = hashlib.sha256()
    for variable in model.variables:
        value = np.asarray(keras.ops.convert_to_numpy(variable))
        digest.update(f"{variable.name} {value.dtype.str} {value.shape}".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def find_application(name: str) -> Callable[..., keras.Model]:
    """Returns the application of that name.

    Raises:
        RecipeError: if there is none; the text suggests the nearest name.
    """
    known = {
        one: made for one, made in vars(keras.applications).items() if inspect.isfunction(made)
    }
    if name not in known:
        raise RecipeError(
            f"transfer: there is no {name!r} in keras.applications.{nearest(name, known)} "
            f"There are: {', '.join(sorted(known))}; or give a .keras file, or a run's folder."
        )
    return known[name]


def made(
    name: str,
    weights: str | None,
    arguments: Mapping[str, float],
    input_shape: tuple[int, int, int] | None,
) -> keras.Model:
    """Returns the application without its head.

    Args:
        name: name in `keras.applications`.
        weights: as `load_application` takes them; None: random weights.
        arguments: the application's own arguments.
        input_shape: (height, width, 3); None: any size.

    Raises:
        RecipeError: as `load_application` says.
    """
    if weights not in (None, IMAGENET) and not Path(weights).is_file():
        raise RecipeError(
            f"transfer: there is no file of weights {weights!r}. Give weights of {name} without "
            "its head (include_top=False), or leave weights out: Keras then downloads "
            f'"{IMAGENET}".'
        )
    application = find_application(name)
    try:
        with warnings.catch_warnings():
            # Keras warns if images have another size than the weights were trained on; most do.
            warnings.simplefilter("ignore")
            model: keras.Model = application(
                include_top=False, weights=weights, input_shape=input_shape, **arguments
            )
    # Keras raises errors of many kinds, and a plain Exception if a download fails.
    except Exception as error:
        raise RecipeError(_told(name, weights, error)) from error
    return model


def _told(name: str, weights: str | None, error: Exception) -> str:
    said = " ".join(str(error).split()).partition("Arguments received by")[0].strip()
    if found := _URL.search(said):
        url, why = found.groups()
        file = Path(urllib.parse.urlsplit(url).path).name
        return (
            f"transfer: the weights of {name} are not here, and Keras cannot download them "
            f"({why.removeprefix('None -- ')}). Download {url} elsewhere and put it at "
            f"{keras_home() / 'models' / file}; or give weights, a file."
        )
    if "at least" in said:
        return (
            f"transfer: these images are too small for {name}: {said}. Take larger ones "
            "(--image-size), or another backbone."
        )
    whose = f" with the weights {weights}" if weights else ""
    return f"transfer: {name}{whose} cannot be made: {said}"


def _check_arguments(
    name: str, application: Callable[..., keras.Model], arguments: Mapping[str, float]
) -> None:
    known = [one for one in inspect.signature(application).parameters if one not in _OURS]
    for one in arguments:
        if one not in known:
            raise RecipeError(
                f"transfer: {name} has no argument {one!r}.{nearest(one, known)} "
                f"It has: {', '.join(known)}."
            )


def preprocessing_of(application: Callable[..., keras.Model]) -> PixelMap:
    """Returns what the application's own `preprocess_input` does to pixels in 0..255.

    It maps every channel affinely; for some applications it also reorders the channels.
    """
    preprocess = sys.modules[application.__module__].preprocess_input

    def of(pixels: Any) -> np.ndarray:
        values = np.array(pixels, "float32").reshape(1, 1, 1, 3)
        return np.asarray(preprocess(values), "float64").ravel()

    offset = of([0, 0, 0])
    answers = np.stack([of(255 * np.eye(3)[channel]) - offset for channel in range(3)]) / 255
    order = tuple(int(place) for place in np.argmax(abs(answers), axis=0))
    scale = tuple(float(answers[source, place]) for place, source in enumerate(order))
    return PixelMap(order, scale, tuple(map(float, offset)))
