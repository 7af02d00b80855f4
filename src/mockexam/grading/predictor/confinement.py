"""Confines a process that holds an untrusted model, for good: capabilities, Landlock, seccomp and resource limits.

All of it holds with and without bubblewrap. The Landlock rules (landlock(7), Linux 5.13) are made once; each fork only
applies them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mockexam.grading.predictor import seccomp

JOBS_VARIABLE = "MOCKEXAM_JOBS"  # the folder with the jobs' models and features
OFF_VARIABLE = "MOCKEXAM_CONFINEMENT"  # set to `off` by tests of the other lines of defence
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store", "/proc", "/sys",
           "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
           "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone")  # fmt: skip
"""Only stateless devices: terminals and /dev/shm hold other programs' data."""
_PACKAGE = "mockexam"

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # asm-generic/unistd.h: the same on every architecture
_GET_VERSION = 1
_PATH_BENEATH = 1
# linux/landlock.h, LANDLOCK_ACCESS_FS_*: bits 0 to 3 are to execute, write, read a file and list a folder; the rest is
# to create, remove, move and truncate. Each version of Landlock added some.
_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | 1 << 15
_MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""To make devices, sockets, pipes and symbolic links: no loading needs them, and they could trap a later reader."""
_PR_SET_NO_NEW_PRIVS = 38  # prctl(2)

_CAPABILITY_VERSION = 0x20080522  # linux/capability.h, _LINUX_CAPABILITY_VERSION_3
_RETAINED = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: Python may belong to another user, and Landlock guards files anyway."""

_ADDRESS_SPACE_TIMES = 4
_ADDRESS_SPACE_HEADROOM = (2 << 30) + (os.cpu_count() or 1) * (544 << 20)
"""A core's threads reserve stacks and eight arenas of 64 MiB that they may never touch (glibc, M_ARENA_MAX in
mallopt(3))."""


@dataclass(frozen=True)
class Confinement:
    """What a fork is ready to put in force."""

    on: bool
    landlock: int = -1  # descriptor of the Landlock rules, -1 if there are none

    @property
    def filters(self) -> str:
        """The names of the filters that will hold, for the record."""
        if not self.on:
            return "none"
        names = [("seccomp", seccomp.available()), ("Landlock", self.landlock >= 0)]
        return ", ".join(name for name, held in names if held) or "none"

    def apply(self) -> bool:
        """Put all of it in force in this process; False if one of the recorded filters is not."""
        if not self.on:
            return True
        drop_capabilities()
        landlocked = self.landlock < 0 or _restrict_files(self.landlock)
        return (seccomp.confine() or not seccomp.available()) and landlocked


def prepare() -> Confinement:
    """Make the rules, once, where TensorFlow is already imported."""
    if os.environ.get(OFF_VARIABLE) == "off":
        return Confinement(on=False)
    jobs = os.environ.get(JOBS_VARIABLE)
    writable = [tempfile.gettempdir(), "/dev/null"]
    return Confinement(on=True, landlock=landlock_rules([*_readable(), *([jobs] if jobs else [])], writable))


def _readable() -> list[str]:
    """The system, Python, its packages, and of mockexam only what the predictor needs."""
    ours = Path(__file__).parents[2]
    found = [*_SYSTEM, sys.base_prefix, *(str(ours / part) for part in ("__init__.py", "grading"))]
    for path in sys.path:
        if path.endswith("-packages"):
            # In an installation the questions and rubrics lie among the packages.
            with contextlib.suppress(OSError):
                found += [str(entry) for entry in Path(path).iterdir() if entry.name != _PACKAGE]
        elif (
            not path.endswith(".zip")
            and Path(path) != ours.parent
            # Part of Python itself, and not a checkout or a learner's folder.
            and path.startswith((sys.base_prefix + os.sep, sys.prefix + os.sep))
        ):
            found.append(path)
    return found


def landlock_rules(readable: Iterable[str], writable: Iterable[str]) -> int:
    """A descriptor of rules that allow these files and folders only; -1 where the kernel has no Landlock."""
    if not sys.platform.startswith("linux"):
        return -1
    version = _system_call(_CREATE_RULESET, None, 0, _GET_VERSION)
    if version < 1:
        return -1
    every = (1 << _BITS[min(version, max(_BITS))]) - 1
    attributes = struct.pack("Q", every)
    rules = _system_call(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return -1
    for path in readable:
        _allow(rules, path, (_READ | _LIST) & every)
    for path in writable:
        _allow(rules, path, every & ~_EXECUTE & ~_MAKE_SPECIAL)
    return rules


def _allow(rules: int, path: str, access: int) -> None:
    """Add a rule for a path; one that does not exist needs none."""
    if sys.platform != "linux":
        raise NotImplementedError
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= _ON_FILES
            _system_call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", access, descriptor), 0)
        finally:
            os.close(descriptor)


def _restrict_files(rules: int) -> bool:
    """Put this process under the rules; False where that is not possible."""
    with contextlib.suppress(OSError, AttributeError):
        zero = ctypes.c_ulong(0)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
        return _system_call(_RESTRICT_SELF, rules, 0) == 0
    return False


def _system_call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that the C library has no function for; -1 if it fails."""
    given = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    try:
        return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *given))
    except (OSError, AttributeError):
        return -1


def drop_capabilities() -> None:
    """Drop root's capabilities: in a container the grader often runs as root. No effect for other users."""
    if not sys.platform.startswith("linux"):
        return
    # capget(2): effective, permitted and inheritable ones, the lower 32 of each and then the higher.
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    data = ctypes.create_string_buffer(24)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        if library.capget(header, data) == 0:
            retained = struct.unpack_from("=I", data, 4)[0] & _RETAINED
            library.capset(header, struct.pack("=6I", retained, retained, 0, 0, 0, 0))


def limit_resources(*, seconds: float, memory: int, file_bytes: int) -> None:
    """Limit this process: processor time for `seconds` on all cores, address space, file size, no core dumps.

    `memory` and `file_bytes` are in bytes. The address space is a second line far behind `resident_memory`, against
    absurd sizes only: TensorFlow reserves much that it never uses, and aborts where it gets none. No effect
    where there is no `resource` module.
    """
    if sys.platform == "win32":
        return
    import resource

    def limit(which: int, value: int) -> None:
        _, hard = resource.getrlimit(which)
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (wanted, wanted))

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)) + 10)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, file_bytes)
    limit(resource.RLIMIT_NOFILE, 256)
    if sys.platform.startswith("linux"):
        limit(resource.RLIMIT_AS, _statm(os.getpid())[0] + _ADDRESS_SPACE_TIMES * memory + _ADDRESS_SPACE_HEADROOM)


def offer_to_oom_killer() -> None:
    """Have the kernel end this process first when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def resident_memory(pid: int) -> int:
    """A process's resident memory in bytes; 0 if it is unknown."""
    return _statm(pid)[1]


def waited_for_processor(pid: int) -> float:
    """Seconds that a thread of this process was ready but had no processor, the largest of all; 0 if unknown.

    From the run delay in `schedstat`, see https://docs.kernel.org/scheduler/sched-stats.html.
    """
    waits = [0.0]
    if sys.platform == "linux":
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError, ValueError, IndexError):  # a thread may end at any moment
                waits.append(int(path.read_text(encoding="ascii").split()[1]) / 1e9)
    return max(waits)


def _statm(pid: int) -> tuple[int, int]:
    """Address space and resident memory in bytes; zeros if unknown, as everywhere but on Linux."""
    if sys.platform != "linux":
        return 0, 0
    try:
        size, resident = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[:2]
    except (OSError, ValueError):
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return int(size) * page, int(resident) * page
