"""Running pip, and saying in plain words why it failed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devtools.told import Counter, TellError

_NO_NETWORK = (
    r"NewConnectionError|Failed to establish|name resolution|NameResolutionError|ConnectionResetError"
    r"|Connection aborted|ReadTimeoutError|ConnectTimeout|Max retries exceeded|Network is unreachable"
    r"|SSLError|ProxyError|IncompleteRead"
)

_LEAD_ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PYTHONPATH", "PYTHONHOME")
"""A user's settings by which pip would install elsewhere, or find there what is missing here."""

REASONS: Sequence[tuple[str, str, str]] = (
    (
        r"DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that requirements.lock names. It was not installed.",
        "Try again on another network; if it comes back, do not install, and tell the project.",
    ),
    (
        r"No space left on device|Errno 28\b|Disk quota exceeded|Errno 122\b",
        "The disk is full, or your quota of it.",
        "Free about 4 GB (here and in the folder for temporary files) and run the command again.",
    ),
    (
        _NO_NETWORK,
        "The packages could not be downloaded: no connection to the package index.",
        "See that this machine is online (behind a proxy, set HTTPS_PROXY) and run the command again.",
    ),
    (
        r"No matching distribution found",
        "For this machine or this Python there is no build of a package that mockexam needs (mostly TensorFlow).",
        "Use 64-bit Python 3.11 to 3.13 on 64-bit Linux, macOS on Apple silicon, or Windows; a mirror must have it.",
    ),
    (
        r"Permission denied|Errno 13\b",
        "A file could not be written.",
        "Use a checkout and a home folder that you may write to, without sudo.",
    ),
)


def install(python: Path, arguments: Sequence[str], lock: Path | None) -> None:
    """Run `pip install`; with a lock file, count its packages as they come. Raises TellError with the reason."""
    counter = Counter(_packages(lock))
    surroundings = {name: value for name, value in os.environ.items() if name not in _LEAD_ELSEWHERE}
    surroundings |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUTF8": "1"}
    # With no retry at all pip is silent about a dead connection, and the reason could not be told.
    fixed = ["--no-user", "--progress-bar", "off", "--retries", "3"]
    command = [str(python), "-m", "pip", "install", *fixed, *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=surroundings,
        # It shares the lock: should this process be killed, the next one waits until pip has ended too.
        close_fds=os.name != "posix",
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            _follow(line, counter)
    counter.end()
    if process.returncode:
        raise _reason(lines)


def _follow(line: str, counter: Counter) -> None:
    if line.startswith("Collecting "):
        counter.step(line.split()[1].replace("==", " "))
    elif line.startswith("Installing collected packages"):
        counter.step("unpacking, which takes a minute or two")


def _packages(lock: Path | None) -> int:
    """About how many packages a lock file names; some are for other systems."""
    if lock is None:
        return 1
    return len(re.findall(r"(?m)^[a-z0-9].*==", lock.read_text(encoding="utf-8")))


def _reason(lines: Sequence[str]) -> TellError:
    text = "".join(lines)
    for pattern, what, remedy in REASONS:
        if re.search(pattern, text):
            return TellError(f"{what}\n{_errors(lines)}", remedy=remedy)
    return TellError(f"pip failed. Its last lines:\n{''.join(lines[-12:]).rstrip()}", remedy="Run the command again.")


def _errors(lines: Sequence[str]) -> str:
    """What pip itself called an error, shortly."""
    told = [line.strip()[:300] for line in lines if re.match(r"ERROR: (?!Exception:)", line)]
    return "\n".join(f"  pip: {line}" for line in told[:2])
