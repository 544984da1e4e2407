"""What a reader of arrays returns: labelled examples as they were found, not yet split."""

from __future__ import annotations

from dataclasses import dataclass

from .part import Part


@dataclass(frozen=True, eq=False)
class RawArrays:
    """The parts that a source brings.

    Attributes:
        train: The examples to train on; parts that are missing are split off them.
        val: The source's own validation set, if it has one.
        test: The source's official test set, if it has one.
        classes: Class names in label order; None names the classes by their labels.
        notes: Sentences on what was read and what was left out.
    """

    train: Part
    val: Part | None = None
    test: Part | None = None
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Part]:
        """The parts that are there, by the names that messages use."""
        named = {"training": self.train, "validation": self.val, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}


@dataclass(frozen=True, eq=False)
class RawImages(RawArrays):
    """Images (n, height, width[, channels]).

    Attributes:
        value_range: Lowest and highest value that a pixel can have, if the type does not say it.
        has_deep_values: Whether some images have more than 8 bits and keep their values.
        warnings: Sentences on what may have been meant in another way.
    """

    value_range: tuple[float, float] | None = None
    has_deep_values: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawSequences(RawArrays):
    """Sequences (n, steps, features), tokens (n, steps) or rows (n, columns).

    Attributes:
        kind: Which of them: `sequences`, `tokens` or `rows`.
        vocabulary: Number of token ids, if the source says it; None: the largest id plus 1.
    """

    kind: str = "sequences"
    vocabulary: int | None = None

    @property
    def are_tokens(self) -> bool:
        """Whether they are tokens, which are names of words and not amounts."""
        return self.kind == "tokens"

    @property
    def examples(self) -> str:
        """What they are called: `rows`, or `sequences`."""
        return "rows" if self.kind == "rows" else "sequences"
