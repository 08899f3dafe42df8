"""The packages that only the scorer needs. Nothing of them is imported here."""

from importlib.util import find_spec

from koodtx.scorer.errors import ExtraMissing

_PACKAGES = ("av", "librosa")


def is_installed() -> bool:
    """Whether the extra `scorer` is installed."""
    return all(find_spec(name) is not None for name in _PACKAGES)


def require_extra() -> None:
    """Raises ExtraMissing."""
    if not is_installed():
        raise ExtraMissing
