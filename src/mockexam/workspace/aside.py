"""Making room for a file without losing what stands there."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from mockexam.workspace.furnish import is_vacant


def make_room(path: Path) -> Path | None:
    """Move what stands in the way aside, to `<name>.bak-1`, -2, ...; returns where it is now, None if nothing was.

    An empty folder is removed instead. Raises OSError.
    """
    if path.is_dir() and is_vacant(path):
        path.rmdir()
    if not os.path.lexists(path):
        return None
    names = (path.with_name(f"{path.name}.bak-{n}") for n in itertools.count(1))
    aside = next(name for name in names if not os.path.lexists(name))
    path.rename(aside)
    return aside
