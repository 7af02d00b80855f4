"""Roundabout ways out of a confined process: rights, limits, memory and signals by other calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.grading.predictor import confinement

TRY = """
import array, ctypes, fcntl, json, os, resource, signal, socket, struct, sys
from mockexam.grading.predictor import confinement
other, outside, own = int(sys.argv[1]), sys.argv[2], sys.argv[3]
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")
def went(do):
    try:
        do()
        return True
    except OSError:
        return False
def remotely(command, value):
    ours, theirs = socket.socketpair()
    fcntl.fcntl(ours, command, value)
def owner_by_ioctl(command):
    ours, theirs = socket.socketpair()
    fcntl.ioctl(ours, command, struct.pack("i", other))
confinement.prepare().apply()
refused = {
    "rights": lambda: os.chmod(outside, 0),
    "owner": lambda: os.chown(outside, os.getuid(), os.getgid()),
    "times": lambda: os.utime(outside, (1, 1)),
    "attributes": lambda: os.setxattr(outside, "user.x", b"x"),
    "own rights": lambda: os.chmod(own, 0),
    "another's limits": lambda: resource.prlimit(other, resource.RLIMIT_NOFILE, (1, 1)),
    "another's priority": lambda: os.setpriority(os.PRIO_PROCESS, other, 19),
    "another's processors": lambda: os.sched_setaffinity(other, os.sched_getaffinity(0)),
    "another's scheduling": lambda: os.sched_setscheduler(other, os.SCHED_IDLE, os.sched_param(0)),
    "signals by F_SETOWN": lambda: remotely(8, other),
    "a signal by F_SETSIG": lambda: remotely(10, signal.SIGKILL),
    "signals by FIOSETOWN": lambda: owner_by_ioctl(0x8901),
    "signals by SIOCSPGRP": lambda: owner_by_ioctl(0x8902),
    "to type into a terminal": lambda: fcntl.ioctl(0, 0x5412, b"x"),
    "to outlive the parent": lambda: call(libc.prctl, 1, 0, 0, 0, 0),
    "shared memory": lambda: call(libc.shmget, 0, 4096, 0o1600),
    "a queue": lambda: call(libc.msgget, 0, 0o1600),
    "memory as a file": lambda: os.memfd_create("x"),
    "terminals": lambda: os.listdir("/dev/pts"),
    "others' shared memory": lambda: os.listdir("/dev/shm"),
    "a device": lambda: os.mknod(own + "/device", 0o20600, os.makedev(1, 3)),
    "a pipe": lambda: os.mkfifo(own + "/pipe"),
    "a link": lambda: os.symlink("/etc/passwd", own + "/link"),
    "another's environment": lambda: open(f"/proc/{other}/environ").read(),
}
allowed = {
    "own limits": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    "own processors": lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
    "flags": lambda: fcntl.fcntl(0, fcntl.F_GETFL),
    "to ask a file": lambda: fcntl.ioctl(os.pipe()[0], 0x541B, array.array("i", [0])),
    "a name": lambda: call(libc.prctl, 15, b"name", 0, 0, 0),
    "a folder": lambda: os.mkdir(own + "/folder"),
    "random numbers": lambda: open("/dev/urandom", "rb").read(1),
}
powers = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))]
print(json.dumps({
    "went": [name for name, do in refused.items() if went(do)],
    "stopped": [name for name, do in allowed.items() if not went(do)],
    "powers": powers,
}))
"""


def test_no_other_process_or_file_is_reached_in_a_roundabout_way(tmp_path: Path) -> None:
    """GIVEN a process of the same user and a file that is not the job's WHEN confined THEN neither can be changed."""
    if confinement.landlock_rules([], []) < 0:
        pytest.skip("this kernel has no Landlock")
    outside, own = tmp_path / "outside", tmp_path / "own"
    outside.write_text("x")
    outside.chmod(0o640)
    own.mkdir()
    before = outside.stat()
    environment = {**os.environ, "TMPDIR": str(own), "MOCKEXAM_JOBS": str(tmp_path / "jobs")}
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            argv = [sys.executable, "-c", TRY, str(other.pid), str(outside), str(own)]
            done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
            assert other.poll() is None
        finally:
            other.kill()
    output = json.loads(done.stdout)

    assert output["went"] == []
    assert output["stopped"] == []
    assert all(int(power, 16) & ~0b110 == 0 for power in output["powers"])  # files are Landlock's business
    after = outside.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
