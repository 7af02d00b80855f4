"""The machine's clocks: wall time, time since boot with suspend, and the id of this boot."""

from __future__ import annotations

import sys
import time
from functools import cache
from pathlib import Path

from mockexam.exam.clock import Reading

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class MachineClock:
    """Reads the clocks of the machine it runs on."""

    def read(self) -> Reading:
        return Reading(wall=time.time(), boot=_since_boot(), boot_id=_boot_id())


def _since_boot() -> float:
    """Seconds since boot, with the time the machine was suspended.

    Linux's CLOCK_MONOTONIC stops in suspend, CLOCK_BOOTTIME does not (clock_gettime(2)). On macOS CLOCK_MONOTONIC_RAW
    continues while asleep; on Windows `time.monotonic` does.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    elif sys.platform == "darwin":  # noqa: RET505  # mypy knows an `elif` of another platform to be meant
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    else:
        return time.monotonic()


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        import psutil

        # Derived from the wall clock on these systems, so rounded: a corrected clock is not a reboot.
        return f"boot-{round(psutil.boot_time() / 60)}"
