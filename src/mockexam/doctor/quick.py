"""The checks that take less than a second."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from mockexam import paths
from mockexam.doctor.check import Check
from mockexam.doctor.machine import check_memory, check_versions
from mockexam.doctor.packs import check_packs
from mockexam.doctor.storage import check_storage
from mockexam.doctor.terminal import check_terminal
from mockexam.doctor.watching import check_watching


def quick_checks(workspace: Path, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Look at the machine, the terminal, the bank and its packs, and whether a save beside `workspace` is noticed.

    The workspace need not exist. Call it in a thread: it takes up to a second, several where a save goes unnoticed.
    """
    home = paths.home()
    checks = [
        *check_versions(),
        check_memory(),
        check_storage("workspace", workspace),
        check_storage("records", home),
        check_terminal(environ),
        *check_packs(),
    ]
    return [*checks, asyncio.run(check_watching(workspace))]
