"""What a reader hands over: labelled images as they were found, not yet split or scaled."""

from dataclasses import dataclass

from .part import Part


@dataclass(frozen=True, eq=False)
class RawImages:
    """The parts that a source brings.

    Attributes:
        train: The images to train on; parts that are missing are split off it.
        val: The source's own validation set, if it has one.
        test: The source's official test set, if it has one.
        classes: Class names in label order; None names the classes by their labels.
        value_range: Lowest and highest value that a pixel can have, if the type does not say it.
        has_deep_values: Whether some are pictures of more than 8 bits, which keep their values.
        notes: Sentences on what was read and what was left out.
    """

    train: Part
    val: Part | None = None
    test: Part | None = None
    classes: tuple[str, ...] | None = None
    value_range: tuple[float, float] | None = None
    has_deep_values: bool = False
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Part]:
        """The parts that are there, by the words that messages use."""
        named = {"training": self.train, "validation": self.val, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}
