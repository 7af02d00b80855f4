"""A Dask cluster as executor: the same jobs, which carry the models' bytes."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from mockexam.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15
WORKER_SECONDS = 30
JOBS_PER_WORKER = 2
"""One to work on, and one to continue with."""
_ADDRESS = re.compile(r"[a-z]+://.+:[0-9]+")
_START = "Start one with `dask scheduler`; it prints its address, such as tcp://10.0.0.5:8786."


class ClusterExecutor:
    """Workers of a Dask scheduler. Dask itself reassigns the jobs of a killed worker."""

    remote = True

    def __init__(self, client: Client) -> None:
        self._client = client
        self.executor: Executor = client.get_executor(pure=False)

    @property
    def capacity(self) -> int:
        """Changes as workers come and go."""
        return JOBS_PER_WORKER * max(1, self.workers)

    @property
    def workers(self) -> int:
        """Number of workers that the scheduler knows. Raises UserError."""
        try:
            return len(self._client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, RuntimeError, TimeoutError, KeyError):  # a closed client knows no workers
            raise _scheduler_lost() from None

    @property
    def environment(self) -> Mapping[str, str]:
        """None: how many workers share a machine is known there alone."""
        return {}

    def lost_workers(self) -> bool:
        """Dask notices, and recovers by itself."""
        return False

    def restart(self) -> None:
        """Impossible for a lost scheduler. Raises UserError."""
        raise _scheduler_lost()

    def close(self, *, at_once: bool) -> None:  # noqa: ARG002  # the cluster's workers are not ours to kill
        """Disconnect; jobs that have not started are dropped."""
        self._client.close()


def connect(address: str) -> ClusterExecutor:
    """Connect to a scheduler with at least one worker. Raises UserError."""
    if not _ADDRESS.fullmatch(address):
        raise UserError("Not an address of a Dask scheduler.", location=address, hint=_START)
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise UserError(
            "Dask is not installed.",
            location="--scheduler",
            hint="A checkout includes it. For a wheel, install the extra: pip install 'FILE.whl[cluster]'.",
        ) from None
    _silence_dask()
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "4GB"})
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        message = f"No Dask scheduler answers: {str(error)[:200]}."
        raise UserError(message, location=address, hint=_START) from None
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        client.close()
        raise UserError(
            "The Dask scheduler has no workers.",
            location=address,
            hint=f"Start some: dask worker {address} --nworkers 2 --nthreads 1",
        ) from None
    return ClusterExecutor(client)


def _scheduler_lost() -> UserError:
    return UserError(
        "The connection to the Dask scheduler is lost.",
        location="--scheduler",
        hint="All results so far are saved. When the cluster is back, run the same command again to continue.",
    )


def _silence_dask() -> None:
    """Dask's log messages would appear between the results."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
