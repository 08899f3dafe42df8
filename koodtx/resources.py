"""Where the folders that stand beside the package are: sql, migrations, examples."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def project_folder(name: str) -> Path:
    """The folder `name`: inside the package when installed from a wheel, beside it in a source tree."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
