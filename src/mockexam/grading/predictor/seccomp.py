"""Refuses system calls that loading and predicting never need: those for processes, programs and connections.

Likewise signals and limits for other processes, a file's rights and times, and memory that is not counted as this
process's own. The filter (seccomp(2), BPF as in linux/filter.h) holds for good, with and without bubblewrap.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38  # prctl(2)
_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000  # seccomp(2), SECCOMP_RET_*
_REFUSE = 0x00050000  # with an errno in the low bits
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000  # bit of x86_64's second set of numbers for the same system calls
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24
"""Offsets in `struct seccomp_data`: the call's number, the architecture, and the low halves of two arguments."""
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


@dataclass(frozen=True)
class _Calls:
    """An architecture's numbers of system calls."""

    audit: int
    clone: int
    signals: tuple[int, ...]  # kill, tgkill: only to this process
    own: tuple[int, ...]  # prlimit64, sched_setaffinity: only on this process, which 0 stands for too
    prctl: int
    fcntl: int
    ioctl: int
    refused: tuple[int, ...]


_CLONE3 = 435
# pidfd_send_signal, io_uring_setup, pidfd_open, pidfd_getfd, the newer calls to mount, process_madvise,
# process_mrelease, memfd_secret, fchmodat2, setxattrat, removexattrat, file_setattr
_REFUSED_EVERYWHERE = (424, 425, 434, 438, 428, 429, 430, 431, 432, 433, 442, 440, 448, 447, 452, 463, 466, 469)
_PRCTL = (1,)  # PR_SET_PDEATHSIG: a model must not outlive its parent
_FCNTL = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: would have the kernel send any signal to any process
_IOCTL = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI, TIOCLINUX: would type into a terminal; FIOSETOWN, SIOCSPGRP: like F_SETOWN (asm-generic/ioctls.h,
sockios.h)."""
_CALLS = {
    # asm/unistd_64.h: fork vfork execve execveat, socket connect, ptrace process_vm_*, tkill and queued signals, mounts
    # and namespaces, keys, modules and kexec, bpf, userfaultfd, perf, personality, open_by_handle_at; what Landlock
    # does not cover (rights, owners, times and attributes of any file); what outlives a process or is not counted as
    # its memory (System V and POSIX queues, shared memory, memfd_create); priorities of other processes
    "x86_64": _Calls(
        0xC000003E, 56, (62, 234), (302, 203), 157, 72, 16,
        (57, 58, 59, 322, 41, 42, 101, 310, 311, 200, 129, 297, 165, 166, 155, 161, 272, 308, 248, 249, 250, 175, 313,
         246, 321, 323, 298, 135, 304,
         90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199,
         29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241, 319, 141, 142, 144, 314, 251),
    ),
    # asm-generic/unistd.h: the same; there is no fork, vfork, chmod, chown, lchown, utime, utimes or futimesat
    "aarch64": _Calls(
        0xC00000B7, 220, (129, 131), (261, 122), 167, 25, 29,
        (221, 281, 198, 203, 117, 270, 271, 130, 138, 240, 40, 39, 41, 51, 97, 268, 217, 218, 219, 105, 273, 104, 280,
         282, 241, 92, 265,
         52, 53, 55, 54, 88, 5, 6, 7, 14, 15, 16,
         194, 196, 195, 190, 193, 191, 192, 186, 189, 188, 187, 180, 181, 279, 140, 118, 119, 274, 30),
    ),
}  # fmt: skip


def available() -> bool:
    """Whether this system's call numbers are known and its kernel has filters."""
    if not (platform.machine() in _CALLS and sys.platform.startswith("linux") and sys.maxsize > 2**32):
        return False
    # Ask for a filter at address 0: EFAULT says that the kernel knows filters (prctl(2)).
    with contextlib.suppress(OSError, AttributeError):
        zero = ctypes.c_ulong(0)
        mode = ctypes.c_ulong(_MODE_FILTER)
        refused = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, mode, zero, zero, zero) == -1
        return refused and ctypes.get_errno() == errno.EFAULT
    return False


def confine() -> bool:
    """Filter this process for good: no new process, no signal to another. False where the kernel can't."""
    calls = _CALLS.get(platform.machine())
    if calls is None or not available():
        return False
    program = _program(calls, os.getpid())
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and their address.
    filter_program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        arguments = (ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
        if prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), *arguments) != 0:
            return False
        address = ctypes.c_void_p(ctypes.addressof(filter_program))
        return bool(prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), address, *arguments[:2]) == 0)
    except (OSError, AttributeError):
        return False


def _program(calls: _Calls, pid: int) -> bytes:
    """The filter's instructions: (code, jump if true, jump if false, operand); a jump counts instructions to skip."""
    refuse, unknown = _REFUSE | _EPERM, _REFUSE | _ENOSYS
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, calls.audit),
        (_RETURN, 0, 0, refuse),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, refuse),
        # Its flags lie in memory, which a filter can't read: ENOSYS makes the C library use `clone` instead.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, unknown),
        (_EQUAL, 0, 4, calls.clone),
        (_LOAD, 0, 0, _FIRST),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, refuse),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for signal in calls.signals:
        steps += _switch(signal, _FIRST, (pid,), _ALLOW, refuse)
    for number in calls.own:
        steps += _switch(number, _FIRST, (pid, 0), _ALLOW, refuse)
    steps += _switch(calls.prctl, _FIRST, _PRCTL, refuse, _ALLOW)
    steps += _switch(calls.fcntl, _SECOND, _FCNTL, refuse, _ALLOW)
    steps += _switch(calls.ioctl, _SECOND, _IOCTL, refuse, _ALLOW)
    for number in (*calls.refused, *_REFUSED_EVERYWHERE):
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, refuse)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _switch(
    number: int, argument: int, values: tuple[int, ...], listed: int, other: int
) -> list[tuple[int, int, int, int]]:
    """Decide on a system call by whether its argument is one of `values`."""
    count = len(values)
    return [
        (_EQUAL, 0, count + 3, number),
        (_LOAD, 0, 0, argument),
        *((_EQUAL, count - index, 0, value) for index, value in enumerate(values)),
        (_RETURN, 0, 0, other),
        (_RETURN, 0, 0, listed),
    ]
