"""What a process with a foreign model can no longer do, and what it still can."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mockexam.grading.predictor import seccomp

TRY = """
import json, os, signal, socket, subprocess, sys, threading
from mockexam.grading.predictor import seccomp
def refused(do):
    try:
        do()
    except PermissionError:
        return True
    return False
parent = os.getppid()
held = seccomp.confine()
threads = []
thread = threading.Thread(target=lambda: threads.append(1))
thread.start()
thread.join()
print(json.dumps({
    "held": held,
    "refused": {
        "fork": refused(os.fork),
        "program": refused(lambda: subprocess.run([sys.executable, "-c", ""])),
        "exec": refused(lambda: os.execv(sys.executable, [sys.executable, "-c", ""])),
        "network": refused(lambda: socket.create_connection(("127.0.0.1", 9))),
        "unix socket": refused(lambda: socket.socket(socket.AF_UNIX)),
        "kill parent": refused(lambda: os.kill(parent, 0)),
        "kill group": refused(lambda: os.kill(0, 0)),
        "kill all": refused(lambda: os.kill(-1, 0)),
        "handle on another": refused(lambda: os.pidfd_open(parent)),
    },
    "threads": threads,
    "self": os.kill(os.getpid(), 0) is None,
}), flush=True)
os.abort()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the filter is Linux's")
def test_no_process_program_connection_or_signal_to_others() -> None:
    """Each is refused with an error; threads, and an abort of its own, work."""
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, check=False)
    output = json.loads(done.stdout)

    assert output["held"] is True
    assert [what for what, refused in output["refused"].items() if not refused] == []
    assert output["threads"] == [1]
    assert output["self"] is True
    assert done.returncode == -6


def test_elsewhere_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An architecture whose numbers are not known gets no filter with wrong ones."""
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")
    assert seccomp.confine() is False
