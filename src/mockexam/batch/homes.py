"""Private homes for workers on a cluster, swept when their process has gone."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "mockexam-worker-"


def make() -> Path:
    """A new private folder, for the caller to remove; what killed processes have left is removed now."""
    parent = Path(tempfile.gettempdir())
    sweep(parent)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def sweep(parent: Path) -> None:
    """Remove this user's homes of processes that no longer run."""
    import psutil

    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        if not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)
