"""The tables that come with scikit-learn: diabetes, breast_cancer and wine; no download."""

from typing import Any

from .raw_table import RawTable


def read_diabetes() -> RawTable:
    """Return age, sex, body mass index, blood pressure and six blood values of 442 patients.

    The target is a measure of how far the disease has gone after one year, 25 to 346 (Efron et al.
    2004).
    """
    from sklearn.datasets import load_diabetes

    return RawTable(load_diabetes(scaled=False, as_frame=True).frame, "target")


def read_breast_cancer() -> RawTable:
    """Return 30 measures of cell nuclei of 569 patients, benign or malignant (Wolberg 1995)."""
    from sklearn.datasets import load_breast_cancer

    return _with_class_names(load_breast_cancer(as_frame=True))


def read_wine() -> RawTable:
    """Return 13 chemical measures of 178 wines of three growers (Forina et al. 1991)."""
    from sklearn.datasets import load_wine

    return _with_class_names(load_wine(as_frame=True))


def _with_class_names(found: dict[str, Any]) -> RawTable:
    frame = found["frame"]
    names = [str(name) for name in found["target_names"]]
    return RawTable(frame.assign(target=[names[number] for number in frame["target"]]), "target")
