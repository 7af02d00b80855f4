"""The libraries that marks may hang on, told without loading any of them."""

from __future__ import annotations

from importlib import metadata

import mockexam

_LIBRARIES = ("tensorflow", "keras", "numpy")


def versions() -> dict[str, str]:
    """Versions by name; what is installed under another name is left out."""
    found = {"mockexam": mockexam.__version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
