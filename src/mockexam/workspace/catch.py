"""Catching a file that is rewritten without a pause: its whole states last a few milliseconds between two saves."""

from __future__ import annotations

import io
import os
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.workspace.complete import FILE_JUDGES
from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.signature import entry_of

MAX_BYTES = 64_000_000
"""Larger files take longer to read than a state lasts; they are copied in the usual way."""


def catch_file(path: Path, form: ModelFormat) -> bytes | None:
    """The content of a model file in one whole state; None if just now there is none.

    It is read twice, and the file must look the same before and after: file times move in steps of some milliseconds,
    so they alone would not tell a save that begins while reading. A `.keras` file's own checksums are compared too.
    """
    try:
        with open_regular(path) as file:
            before = entry_of("", os.fstat(file.fileno()))
            if not 0 < before.size <= MAX_BYTES:
                return None
            content = file.read(before.size + 1)
            if not FILE_JUDGES[form](io.BytesIO(content), len(content), before.inode, True).complete:
                return None
            file.seek(0)
            again = file.read(before.size + 1)
            after = entry_of("", os.fstat(file.fileno()))
    except OSError:
        return None
    return content if content == again and before == after and len(content) == before.size else None
