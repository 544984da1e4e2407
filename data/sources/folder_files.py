"""Which picture files a folder holds, by split and class, and what else lies there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..chosen_classes import classes_note, new_numbers
from ..errors import DataError, listed
from .no_such_path import no_such_path

SPLITS = {"train": ("train",), "val": ("val", "valid", "validation", "dev"), "test": ("test",)}
_SPLIT_WORDS = frozenset(name for names in SPLITS.values() for name in names) | {
    *("training", "testing", "evaluation", "eval"),
}
#: Formats that Pillow knows by name but reads only with another program or library, or not at all.
_NOT_READ = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"})
_NAMED_OF_IGNORED = 3
_WITHOUT_LABELS = (
    " If they have no labels, move the folder elsewhere, and use trickbook predict to get their "
    "classes after the training."
)


@dataclass(frozen=True)
class FolderFiles:
    """The pictures of a folder.

    Attributes:
        pictures: Their paths by split (`train`, `val`, `test`) and class, in order of name.
        note: A sentence or two on how many there are, and what else was found and is ignored.
        warnings: Sentences on what may have been meant in another way.
    """

    pictures: dict[str, dict[str, list[Path]]]
    note: str
    warnings: tuple[str, ...] = ()


def find_pictures(root: Path, wanted: tuple[str, ...] | None = None) -> FolderFiles:
    """Returns the pictures below `root`, including those in sub-folders of a class.

    Files and folders whose names begin with a dot are skipped.

    Args:
        root: The folder.
        wanted: The classes to keep; only their folders are looked into. None keeps all.

    Raises:
        DataError: If there are none, a class is not there, is empty or called `train`, the splits'
            classes differ, two classes have names of splits, or it is unclear which of two levels
            of folders holds the classes.
    """
    splits = _split_folders(root)
    beside = _beside(root, splits)
    found = {split: _by_class(folder, wanted) for split, folder in splits.items()}
    pictures = {
        split: {name: [path for path in paths if is_picture(path)] for name, paths in each.items()}
        for split, each in found.items()
    }
    if beside and not pictures["train"]:
        _check_no_class(splits["train"], beside)
    for split, folder in splits.items():
        _check_not_empty(split, folder, found[split])
        _check_not_splits(folder, pictures[split])
    if splits["train"] == root:
        _check_not_named_as_splits(root, [*pictures["train"]])
        _check_not_one_deeper(root, pictures["train"])
    _check_same_classes(root, pictures)
    note = _note(root, splits, found, wanted)
    return FolderFiles(pictures, note, (_beside_text(root, beside),) if beside else ())


def pictures_below(folder: Path) -> list[Path]:
    """Returns the pictures of a folder and its sub-folders, in order of name."""
    return [path for path in _below(folder) if is_picture(path)]


def is_picture(path: Path) -> bool:
    """Whether a file's ending is one that Pillow reads."""
    return path.suffix.lower() in _endings()


@cache
def _endings() -> frozenset[str]:
    from PIL import Image

    # This call also makes Pillow look for all of its formats.
    known = Image.registered_extensions()
    readable = Image.OPEN.keys() - _NOT_READ
    return frozenset(ending for ending, kind in known.items() if kind in readable)


def _split_folders(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        raise no_such_path("folder", root, "folder:PATH")
    if not (root / "train").is_dir():
        return {"train": root}
    folders = {}
    for split, names in SPLITS.items():
        found = [root / name for name in names if (root / name).is_dir()]
        if len(found) > 1:
            raise DataError(
                f"{root} has {listed([folder.name for folder in found])}, which mean the same. "
                "Keep one of them."
            )
        if found:
            folders[split] = found[0]
    return folders


def _beside(root: Path, splits: dict[str, Path]) -> list[str]:
    """Names of the folders with pictures beside the splits, which are not read."""
    if splits["train"] == root:
        return []
    others = [path for path in _visible(root) if path.is_dir() and path not in splits.values()]
    return [path.name for path in others if any(map(is_picture, _below(path)))]


def _beside_text(root: Path, beside: list[str]) -> str:
    return (
        f"{root} has pictures beside train, in folders that name no split and are not read: "
        f"{listed(beside)}. If they are classes, as train is, give train another name; if they are "
        "splits, name them val and test."
    )


def _check_no_class(train: Path, beside: list[str]) -> None:
    if any(map(is_picture, _visible(train))):
        raise DataError(
            f"{train} holds pictures and no folders, beside folders of pictures "
            f"({listed(beside)}). If it is a class like them, give it another name: train holds "
            "the training images, with a folder for each class."
        )


def _by_class(folder: Path, wanted: tuple[str, ...] | None) -> dict[str, list[Path]]:
    names = _class_names(folder)
    if names and wanted is not None:
        places = new_numbers(names, wanted, str(folder))
        names = tuple(name for name, place in zip(names, places, strict=True) if place >= 0)
    return {name: list(_below(folder / name)) for name in names}


def _class_names(folder: Path) -> tuple[str, ...]:
    return tuple(child.name for child in _visible(folder) if child.is_dir())


def _below(folder: Path) -> Iterator[Path]:
    """All files of a folder and its sub-folders.

    Links to folders are not followed, because they could lead around in circles.
    """
    for path in _visible(folder):
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)
        else:
            yield path


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _check_not_empty(split: str, folder: Path, files: dict[str, list[Path]]) -> None:
    if not files:
        is_without_labels = split == "test" and any(map(is_picture, _visible(folder)))
        raise DataError(
            f"{folder} has no sub-folders. Put the images of each class into a folder of its own "
            f"there, named for the class.{_WITHOUT_LABELS if is_without_labels else ''}"
        )
    empty = [name for name, paths in files.items() if not any(map(is_picture, paths))]
    if empty:
        others = [path.name for name in empty for path in files[name]]
        raise DataError(
            f"There are no images in {listed([str(folder / name) for name in empty])}. Add some "
            f"(PNG, JPEG, TIFF or what else Pillow reads) or remove the folder.{_not_read(others)}"
        )


def _not_read(files: list[str]) -> str:
    if not files:
        return ""
    return (
        f" By their names Pillow reads none of the files there ({listed(files, _NAMED_OF_IGNORED)})"
        ": convert such pictures to PNG or JPEG, and give each the ending of what it is."
    )


def _check_not_one_deeper(root: Path, pictures: dict[str, list[Path]]) -> None:
    """Refuse a single class that holds only folders: zips are often unpacked a level too deep."""
    if len(pictures) > 1:
        return
    ((name, paths),) = pictures.items()
    parents = [path.relative_to(root / name).parts[:-1] for path in paths]
    inner = sorted({each[0] for each in parents if each})
    if len(inner) > 1 and all(parents):
        raise DataError(
            f"{root} has a single class, {name}, with its images in sub-folders ({listed(inner)}). "
            f"Did you mean folder:{root / name}?"
        )


def _check_not_splits(folder: Path, pictures: dict[str, list[Path]]) -> None:
    """Refuse classes that could as well be splits with unknown names, with the classes in them."""
    inner = [
        {path.relative_to(folder / name).parts[:-1] for path in paths}
        for name, paths in pictures.items()
    ]
    shared = sorted({parents[0] for parents in set.intersection(*inner) if parents})
    is_direct = any(() in parents for parents in inner)
    if len(pictures) > 1 and len(shared) > 1 and not is_direct:
        raise DataError(
            f"{listed(list(pictures))} in {folder} have the same sub-folders ({listed(shared)}). "
            "If these are the classes, name the folders above them train, val and test; otherwise "
            "put the images of each class straight into its folder."
        )


def _check_not_named_as_splits(root: Path, classes: list[str]) -> None:
    """Refuse Train and Test, or training and testing, as two classes."""
    splits = [name for name in classes if name.casefold() in _SPLIT_WORDS]
    if len(splits) > 1:
        raise DataError(
            f"{listed(splits)} in {root} would be classes, but seem to be splits. If they are, "
            "name them train, val and test, in small letters, each with a folder for each class."
            f"{_WITHOUT_LABELS} If they are classes, give them other names."
        )


def _check_same_classes(root: Path, pictures: dict[str, dict[str, list[Path]]]) -> None:
    for split, by_class in pictures.items():
        missing = sorted(set(pictures["train"]) - set(by_class))
        extra = sorted(set(by_class) - set(pictures["train"]))
        if missing or extra:
            faults = [f"lacks {listed(missing)}"] if missing else []
            faults += [f"also has {listed(extra)}"] if extra else []
            is_other = split == "test" and len(missing) == len(pictures["train"])
            raise DataError(
                f"The classes of the {split} images in {root} are not those of the training "
                f"images: {split} {' and '.join(faults)}. Give both the same class folders."
                f"{_WITHOUT_LABELS if is_other else ''}"
            )


def _note(
    root: Path,
    splits: dict[str, Path],
    found: dict[str, dict[str, list[Path]]],
    wanted: tuple[str, ...] | None,
) -> str:
    files = [path for each in found.values() for paths in each.values() for path in paths]
    count = sum(is_picture(path) for path in files)
    loose = {path for folder in {root, *splits.values()} for path in _visible(folder)}
    classes = {split: _class_names(folder) for split, folder in splits.items()}
    loose -= {folder / name for split, folder in splits.items() for name in classes[split]}
    loose -= set(splits.values())
    ignored = [
        _counted(root, [path for path in files if not is_picture(path)], "that {is} no picture{s}"),
        _counted(root, [path for path in loose if path.is_file()], "outside of the class folders"),
        _counted(root, [path for path in loose if path.is_dir()], "beside the splits", "folder"),
    ]
    said = "; ".join(text for text in ignored if text)
    read = f"{count:,} pictures in {len(found['train'])} classes read."
    if wanted is not None and len(wanted) < len(classes["train"]):
        read += f" {classes_note(classes['train'], wanted)}"
    return f"{read} Ignored: {said}." if said else read


def _counted(root: Path, paths: list[Path], what: str, noun: str = "file") -> str:
    if not paths:
        return ""
    one = len(paths) == 1
    names = [str(path.relative_to(root)) for path in sorted(paths)]
    what = what.format(**{"is": "is" if one else "are", "s": "" if one else "s"})
    return f"{len(paths):,} {noun}{'' if one else 's'} {what} ({listed(names, _NAMED_OF_IGNORED)})"
