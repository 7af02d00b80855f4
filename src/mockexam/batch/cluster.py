"""A Dask cluster as a place to mark: the same jobs through the same interface, with the models' bytes in them."""

from __future__ import annotations

import logging
import re
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from mockexam.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15
WORKER_SECONDS = 30
_ADDRESS = re.compile(r"[a-z]+://.+:[0-9]+")
_START = "Start one with `dask scheduler`; it tells its address, such as tcp://10.0.0.5:8786."
A_WORKER = 2
"""Jobs for each worker: one to do, and one to go on with."""


class ClusterExecutor:
    """Workers that a Dask scheduler knows. What a killed one had is given to another by Dask itself."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor: Executor = client.get_executor(pure=False)

    @property
    def executor(self) -> Executor:
        return self._executor

    @property
    def width(self) -> int:
        """Workers may come and go."""
        return A_WORKER * max(1, self.workers)

    @property
    def away(self) -> bool:
        return True

    @property
    def workers(self) -> int:
        """Worker processes that the scheduler knows of."""
        try:
            return len(self._client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, RuntimeError, TimeoutError, KeyError):  # a closed client knows of no workers
            raise _gone() from None

    def lost(self) -> bool:
        """Dask notices, and mends itself."""
        return False

    def mend(self) -> None:
        """A lost scheduler can't be mended. Raises UserError."""
        raise _gone()

    def close(self, *, at_once: bool) -> None:  # noqa: ARG002  # nobody on a cluster is ours to kill
        """Let go of the cluster; what was submitted and not begun is dropped."""
        self._client.close()


def connect(address: str) -> ClusterExecutor:
    """Reach a scheduler that has a worker. Raises UserError: Dask is missing, nobody is there, or no worker."""
    if not _ADDRESS.fullmatch(address):
        raise UserError("This is no address of a Dask scheduler.", location=address, hint=_START)
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise UserError(
            "Dask is not installed here.",
            location="--scheduler",
            hint="A checkout has it; with a wheel, install its extra: pip install 'FILE.whl[cluster]'.",
        ) from None
    _silence()
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "4GB"})
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        what = f"No Dask scheduler answers there: {str(error)[:200]}."
        raise UserError(what, location=address, hint=_START) from None
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


def _gone() -> UserError:
    return UserError(
        "The Dask scheduler is gone.",
        location="--scheduler",
        hint="What was marked is kept; when the cluster is back, the same command goes on from there.",
    )


def _silence() -> None:
    """Dask's own narration would come between the lines; what matters is told in our words."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
