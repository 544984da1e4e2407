"""Whether values that should be alike, such as pixels of two parts, are in different units."""

from .fitted_scaling import pixel_range
from .sources.part import Part

#: Ranges of floats are those of the values seen, so only one this many times as wide is suspect.
_OTHER_UNITS = 2.0


def are_in_other_units(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether one range, lowest and highest value, is at least twice as wide as the other."""
    narrow, wide = sorted(high - low for low, high in (one, other))
    return wide > 0 and wide >= _OTHER_UNITS * narrow


def range_warnings(parts: dict[str, Part], examples: str) -> tuple[str, ...]:
    """Return a sentence for each part whose values seem to be in other units than the training's.

    Bytes have one range, however bright they are.

    Args:
        parts: The parts that a source brings, `training` among them.
        examples: What they are, `images` or `sequences`.
    """
    low, high = pixel_range(parts["training"].inputs)
    warnings = []
    for split, part in parts.items():
        least, most = pixel_range(part.inputs)
        if are_in_other_units((low, high), (least, most)):
            warnings.append(
                f"The values of {split} {examples} go from {least:g} to {most:g}, and those of "
                f"training {examples} from {low:g} to {high:g}. If they are in other units, bring "
                "all of them to one scale."
            )
    return tuple(warnings)
