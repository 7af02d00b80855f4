"""One app at a time on an attempt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.store.attempt_lock import AttemptLock

HOLDER = """
import sys, time
from pathlib import Path
from mockexam.store.attempt_lock import AttemptLock
lock = AttemptLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_app_is_told_who_has_it(tmp_path: Path) -> None:
    """The message names the process and offers `status`; kill -9 of the holder frees the lock."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    mine = AttemptLock(tmp_path)
    assert mine.holder() == other.pid
    with pytest.raises(UserError, match=str(other.pid)) as raised:
        mine.take()
    assert "mockexam status" in raised.value.hint
    other.kill()
    other.wait()
    other.stdout.close()
    assert mine.holder() is None
    mine.take()
    assert mine.holder() == os.getpid()
    mine.free()
    assert AttemptLock(tmp_path).holder() is None
