"""A Dask cluster as executor: the same jobs, whose models are sent to the workers that grade them."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockexam.batch.job import GradingJob, ModelPayload
from mockexam.errors import UserError
from mockexam.text.units import minutes_text

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15
"""Also how long a run waits for a lost scheduler to come back."""
ANSWER_SECONDS = 5
"""How long what has accepted the connection may take to say what it is."""
WORKER_SECONDS = 30
ABANDONED_SECONDS = 300
"""How long a run waits for a worker when all have left."""
TELL_AFTER_SECONDS = 5
"""A run that waits for a worker says so after this time, and then again every `TELL_EVERY_SECONDS`."""
TELL_EVERY_SECONDS = 60
JOBS_PER_WORKER = 2
"""One to work on, and one to continue with."""
SENDING = 4
"""At most so many models are on their way at a time: only these are in the memory of the command."""
SEND_SECONDS = 600
"""A worker that has not taken a model by then hangs."""
REACH_SECONDS = 3
"""How long a worker may take to answer before a model is sent to it."""
_LOOK_SECONDS = 1.0
"""How old the list of workers may be."""
_ADDRESS = re.compile(r"[a-z]+://.+:[0-9]+")
_START = "Start one with `dask scheduler`; it prints its address, such as tcp://10.0.0.5:8786."
_OTHER_PROGRAM = (
    "Use the address that `dask scheduler` prints, such as tcp://10.0.0.5:8786. "
    "Its dashboard, the web page, has another port, such as 8787."
)
_CERTIFICATES = (
    "Name them in the variables DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and "
    "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY, or in Dask's configuration: "
    "https://distributed.dask.org/en/stable/tls.html."
)
_CONTINUE = (
    "All results so far are saved. Start the scheduler and its workers again, "
    "then run the same command again to continue."
)


class ClusterExecutor(Executor):
    """Workers of a Dask scheduler.

    A model is sent to one worker, which alone may grade it: another one would have to fetch it. If that worker dies,
    the job fails, and the runner submits it again.
    """

    remote = True

    def __init__(self, client: Client, tell: Callable[[str], None]) -> None:
        """`tell` says what is waited for."""
        self._client = client
        self._tell = tell
        self._direct = True
        """Models go straight to the workers, else through the scheduler: this machine may see nothing but that."""
        self._workers: Sequence[str] = ()
        self._looked = 0.0
        self._seen = time.monotonic()
        self._tell_at = float(TELL_AFTER_SECONDS)
        """After so many seconds without a worker, the next word is said."""
        self._connected = True
        self._places: dict[Future[Any], str] = {}
        """The worker of each job."""
        self._sending = threading.BoundedSemaphore(SENDING)

    @property
    def executor(self) -> Executor:
        """Itself."""
        return self

    @property
    def capacity(self) -> int:
        """Changes as workers come and go. Raises UserError if the scheduler or all workers are lost."""
        return JOBS_PER_WORKER * len(self._look())

    @property
    def environment(self) -> Mapping[str, str]:
        """None: how many workers share a machine is known there alone."""
        return {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Call a function with a job on the worker that has the fewest. Waits while enough models are on their way."""
        if self._client.status in {"closing", "closed"}:
            raise RuntimeError("The client is closed.")
        busy = Counter(list(self._places.values()))
        worker = min(self._workers, key=busy.__getitem__)
        self._sending.acquire()
        future = asyncio.run_coroutine_threadsafe(self._run(worker, fn, *args), self._client.loop.asyncio_loop)
        self._places[future] = worker
        future.add_done_callback(self._places.pop)
        return future

    def lost_workers(self) -> bool:
        """Their jobs fail by themselves."""
        return False

    def restart(self) -> None:
        """Impossible for a lost scheduler. Raises UserError."""
        raise _scheduler_lost()

    def close(self, *, at_once: bool) -> None:  # noqa: ARG002  # the cluster's workers are not ours to kill
        """Disconnect; jobs that have not started are dropped."""
        self._client.close()

    async def _run(self, worker: str, function: Callable[[GradingJob], str], job: GradingJob) -> str:
        try:
            # Not as an argument: the scheduler would pass it on, and keep it for as long as the job takes.
            sending = self._client.scatter(
                job.payload, workers=[worker], direct=self._direct, hash=False, timeout=REACH_SECONDS
            )
            payload = await asyncio.wait_for(sending, SEND_SECONDS)
            job = replace(job, payload=None)
        finally:
            self._sending.release()
        reply: str = await self._client.submit(_call, function, job, payload, workers=[worker], pure=False)
        return reply

    def _look(self) -> Sequence[str]:
        """The addresses of the workers that take jobs. Raises UserError."""
        self._wait_for_scheduler()
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return self._workers
        try:
            found = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, RuntimeError, TimeoutError, KeyError):  # a closed client knows no workers
            raise _scheduler_lost() from None
        workers = [address for address, worker in found.items() if worker["status"] == "running"]
        self._direct = self._direct and all(_reachable(one) for one in workers if one not in self._workers)
        self._workers = workers
        self._looked = time.monotonic()
        self._check_workers(self._looked)
        return self._workers

    def _wait_for_scheduler(self) -> None:
        """Dask connects again by itself. Raises UserError once it must have given up."""
        begun = time.monotonic()
        while self._client.status == "connecting":
            if self._connected:
                self._connected = False
                self._tell(f"The connection to the Dask scheduler is lost; waiting up to {CONNECT_SECONDS} s for it.")
            if time.monotonic() - begun > 2 * CONNECT_SECONDS:  # what answers there now may be another program
                raise _scheduler_lost()
            time.sleep(_LOOK_SECONDS / 10)
        self._connected = True

    def _check_workers(self, now: float) -> None:
        """Say that a run waits for workers, and when one is back. Raises UserError once it has waited long enough."""
        if self._workers:
            if self._tell_at > TELL_AFTER_SECONDS:
                self._tell("A Dask worker is back; grading continues.")
            self._seen = now
            self._tell_at = TELL_AFTER_SECONDS
            return
        waited = now - self._seen
        if waited > ABANDONED_SECONDS:
            raise UserError(
                f"There has been no Dask worker for {minutes_text(ABANDONED_SECONDS)}.",
                location="--scheduler",
                hint=_CONTINUE,
            )
        if waited >= self._tell_at:
            self._tell_at = waited + TELL_EVERY_SECONDS
            command = _worker_command(self._client.scheduler.address)
            self._tell(
                f"The Dask scheduler has had no workers for {minutes_text(waited)}; this run waits for one for "
                f"{minutes_text(ABANDONED_SECONDS)} in all. Start some (`{command}`), or stop with Ctrl+C: all results "
                "so far are saved."
            )


def _call(function: Callable[[GradingJob], str], job: GradingJob, payload: ModelPayload) -> str:
    """On a worker: call a function with a job, together with its model."""
    return function(replace(job, payload=payload))


def connect(address: str, tell: Callable[[str], None] = lambda _: None) -> ClusterExecutor:
    """Connect to a scheduler with at least one worker; `tell` says what is waited for. Raises UserError."""
    address = address if "://" in address else f"tcp://{address}"
    if not _ADDRESS.fullmatch(address):
        raise UserError("Not an address of a Dask scheduler: it is tcp://HOST:PORT.", location=address, hint=_START)
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
    if address.startswith("tls:") and not dask.config.get("distributed.comm.tls.ca-file", None):
        raise UserError(
            "A TLS connection needs certificates, and Dask's configuration names none.",
            location=address,
            hint=_CERTIFICATES,
        )
    _check_answer(address)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _no_scheduler(address, error) from None
    if not client.scheduler_info(n_workers=-1)["workers"]:
        tell(f"The Dask scheduler has no workers yet; waiting up to {WORKER_SECONDS} s for one.")
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        client.close()
        raise UserError(
            "The Dask scheduler has no workers.", location=address, hint=f"Start some: {_worker_command(address)}"
        ) from None
    return ClusterExecutor(client, tell)


def _check_answer(address: str) -> None:
    """Raise UserError unless a Dask scheduler answers. A client would wait without end for the words of another."""
    from distributed import Security, rpc

    try:  # at once, where Dask would try again until its time is up
        socket.getaddrinfo(urlsplit(address).hostname, urlsplit(address).port)
    except (OSError, ValueError) as error:
        raise _no_scheduler(address, error) from None

    async def kind() -> object:
        options = Security().get_connection_args("client")
        async with rpc(address, timeout=CONNECT_SECONDS, connection_args=options) as there:
            return (await there.identity())["type"]

    async def in_time() -> object:
        return await asyncio.wait_for(kind(), CONNECT_SECONDS + ANSWER_SECONDS)

    try:
        found = asyncio.run(in_time())
    except TimeoutError:  # connected, and no answer
        found = None
    except OSError as error:
        raise _no_scheduler(address, error) from None
    except Exception:  # noqa: BLE001  # Dask takes the words of another program for sizes and types of its own
        found = None
    if found != "Scheduler":
        raise UserError("What answers there is not a Dask scheduler.", location=address, hint=_OTHER_PROGRAM)


def _no_scheduler(address: str, error: Exception) -> UserError:
    return UserError(f"No Dask scheduler answers: {str(error)[:200]}.", location=address, hint=_START)


def _worker_command(address: str) -> str:
    return f"dask worker {address} --nworkers 2 --nthreads 1"


def _reachable(address: str) -> bool:
    """Whether this machine can connect to a worker."""
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port), REACH_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def _scheduler_lost() -> UserError:
    return UserError("The connection to the Dask scheduler is lost.", location="--scheduler", hint=_CONTINUE)


def _silence_dask() -> None:
    """Dask's log messages would appear between the results."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
