"""The same class on a real Dask cluster, and errors when there is none."""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockexam.batch import batch_worker, cluster, runner
from mockexam.batch.job import BatchItem, GradingJob
from mockexam.batch.results import ResultLog
from mockexam.batch.runner import BatchRunner, RunProgress
from mockexam.errors import UserError
from mockexam.paths import StatePaths
from tests.batch.teacher import Teacher, environment, make_submissions, results_in, verdicts, wait_until

VERDICT = {"verdict": "graded", "marks": 4, "metric": "mae", "value": 0.1}
QUICK_WORKER = f"""
import json, time
from mockexam.batch import batch_worker
def grade(job):
    time.sleep(0.2)
    return json.dumps({{"graded": {VERDICT}}})
batch_worker.grade = grade
"""
"""Loaded by a worker of Dask: it answers without grading."""


@pytest.fixture
def dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A scheduler and two worker processes, with nannies that replace them."""
    from distributed import LocalCluster

    for name, value in environment(tmp_path / "workers").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path)
    ) as made:
        yield made


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_class_on_a_cluster_of_which_a_worker_is_killed(
    models: Path,
    tmp_path: Path,
    dask: object,
) -> None:
    """GIVEN two workers WHEN one is killed midway THEN all have the marks that they have on this machine.

    The models travel: the workers receive bytes, and grade them in their own folders.
    """
    folder, home = tmp_path / "class", tmp_path / "home"
    expected = make_submissions(models, folder, each=8)
    there, here = tmp_path / "there.ndjson", tmp_path / "here.ndjson"
    address: str = dask.scheduler_address  # type: ignore[attr-defined]
    pids = [nanny.pid for nanny in dask.workers.values()]  # type: ignore[attr-defined]

    on_cluster = Teacher(home, folder, "--question", "tiny_line", "--scheduler", address, "--out", there)
    wait_until(lambda: results_in(there) >= 4, "result")
    os.kill(pids[0], signal.SIGKILL)
    code, lines, told = on_cluster.end()

    assert code == 0, told
    assert verdicts(lines) == expected
    assert results_in(there) == len(expected)
    assert not (home / "scratch").exists(), "no grader ran here"
    assert list(tmp_path.glob("mockexam-worker-*")), "they ran there"

    _, local, _ = Teacher(home, folder, "--question", "tiny_line", "--out", here).end()
    values = {line["name"]: (line["verdict"], line["marks"], line["value"], line["message"]) for line in local}
    assert values == {line["name"]: (line["verdict"], line["marks"], line["value"], line["message"]) for line in lines}


def grade_there(job: GradingJob) -> str:
    """Runs on a worker of `nearby`: looks at the model, and answers with the worker's address."""
    from distributed import get_worker

    assert job.payload is not None
    assert job.payload.entries[0].data == job.item.path.read_bytes()
    time.sleep(0.02)
    return json.dumps({"graded": {**VERDICT, "isolation": get_worker().address}})


@pytest.fixture
def nearby(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scheduler and a worker that are threads of the test and talk over TCP, as processes do."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(runner, "grade", grade_there)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as made:
        yield made


def run_on(
    nearby: Any,
    items: Sequence[BatchItem],
    folder: Path,
    report: Callable[[RunProgress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Grade all; the worker of each result."""
    places: list[str] = []

    def note(progress: RunProgress) -> None:
        places.append(progress.result.isolation)
        report(progress)

    executor = cluster.connect(nearby.scheduler_address, tell)
    try:
        with ResultLog(folder / "r.ndjson", StatePaths(folder / "home"), {}) as record:
            assert BatchRunner(executor, record, {}, note).run(items) == 0
    finally:
        executor.close(at_once=False)
    return places


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("direct", [True, False], ids=["straight", "through the scheduler"])
def test_a_model_travels_once(
    nearby: Any, make_item: Callable[[str], BatchItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, direct: bool
) -> None:
    """Whatever is sent over TCP counts. Only a machine that sees nothing but the scheduler sends a model twice."""
    from distributed.comm.tcp import TCP

    sent, write = [0], TCP.write

    async def counted(self: Any, message: Any, *more: Any, **options: Any) -> int:
        length: int = await write(self, message, *more, **options)
        sent[0] += length
        return length

    if not direct:
        monkeypatch.setattr(cluster, "_reachable", lambda _: False)
    items = [make_item(f"{number}.keras") for number in range(12)]
    for item in items:
        item.path.write_bytes(os.urandom(1_000_000))
    monkeypatch.setattr(TCP, "write", counted)

    run_on(nearby, items, tmp_path)

    assert round(sent[0] / 12e6, 1) == (1 if direct else 2)


@pytest.fixture
def quick_to_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that come and go are seen at once."""
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(cluster, "REACH_SECONDS", 0.2)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("quick_to_notice")
def test_workers_join_and_leave(nearby: Any, make_item: Callable[[str], BatchItem], tmp_path: Path) -> None:
    """GIVEN one worker WHEN another one joins midway, and the first leaves later THEN the second grades the rest."""
    items = [make_item(f"{number}.keras") for number in range(60)]
    names: list[str] = []
    (first,) = nearby.workers

    def change(progress: RunProgress) -> None:
        names.append(progress.result.name)
        if len(names) == 5:
            nearby.scale(2)
            nearby.wait_for_workers(2)
        if len(names) == 40:
            nearby.sync(nearby.workers[first].close, nanny=False, reason="test")

    places = run_on(nearby, items, tmp_path, change)

    assert sorted(names) == sorted(item.name for item in items)
    begun_with, later = places[0], places[-1]
    assert begun_with != later
    assert {*places} == {begun_with, later}
    assert 5 < places.count(begun_with) < 50


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("quick_to_notice")
def test_all_workers_leave(
    nearby: Any, make_item: Callable[[str], BatchItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run waits for a new one and says so, but not for ever; what is saved stays."""
    monkeypatch.setattr(cluster, "ABANDONED_SECONDS", 0.5)
    monkeypatch.setattr(cluster, "TELL_AFTER_SECONDS", 0.1)
    told: list[str] = []
    items = [make_item(f"{number}.keras") for number in range(20)]
    names: list[str] = []

    def leave(progress: RunProgress) -> None:
        names.append(progress.result.name)
        if len(names) == 3:
            (worker,) = nearby.workers.values()
            nearby.sync(worker.close, nanny=False, reason="test")

    with pytest.raises(UserError, match="no Dask worker"):
        run_on(nearby, items, tmp_path, leave, told.append)
    (waiting,) = told
    assert "Ctrl+C" in waiting
    assert f"dask worker {nearby.scheduler_address}" in waiting
    assert 3 <= len(names) < 20
    assert results_in(tmp_path / "r.ndjson") == len(names)


def test_what_is_waited_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No workers, again after a while, and that one is back; a lost scheduler, for which nobody waits without end."""
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(cluster, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    monkeypatch.setattr(cluster, "_reachable", lambda _: True)
    workers: dict[str, dict[str, str]] = {"tcp://127.0.0.1:9": {"status": "running"}}
    client: Any = SimpleNamespace(
        status="running",
        scheduler=SimpleNamespace(address="tcp://127.0.0.1:8"),
        scheduler_info=lambda n_workers: {"workers": dict(workers)},
    )
    told: list[str] = []
    executor = cluster.ClusterExecutor(client, told.append)

    def after(seconds: float) -> list[str]:
        sleep(seconds)
        told.clear()
        assert executor.capacity == 2 * len(workers)
        return list(told)

    assert after(2) == []
    one = workers.popitem()
    assert after(2) == []
    assert "no workers" in after(10)[0]
    assert after(10) == []
    assert "1 min" in after(60)[0]
    workers.update([one])
    assert "back" in after(2)[0]
    assert after(2) == []
    client.status = "connecting"
    with pytest.raises(UserError, match="lost"):
        after(2)
    assert "waiting" in told[0]


class Cluster:
    """A scheduler and workers, each a process of its own, that answer without grading."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "quick.py").write_text(QUICK_WORKER, encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str | Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"]
        silent = subprocess.DEVNULL
        environ = environment(self._folder / "workers")
        self._processes.append(subprocess.Popen(command, env=environ, stdout=silent, stderr=silent))
        return self._processes[-1]

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        return self.start("scheduler", "--host", "127.0.0.1", "--port", self._port)

    def start_workers(self, count: int) -> subprocess.Popen[bytes]:
        preload = self._folder / "quick.py"
        scratch = ("--local-directory", self._folder / "dask")
        return self.start(
            "worker", self.address, "--nworkers", str(count), "--nthreads", "1", "--preload", preload, *scratch
        )

    def end(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait()


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(tmp_path)
    yield made
    made.end()


@pytest.mark.slow
def test_the_scheduler_is_lost_midway(there: Cluster, tmp_path: Path) -> None:
    """GIVEN a run whose scheduler is killed THEN it says what to do, and that goes on with what is not known."""
    folder, record = tmp_path / "class", tmp_path / "class" / "mockexam-results.ndjson"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.keras").write_bytes(os.urandom(1000))
    command = (tmp_path / "home", folder, "--question", "tiny_line", "--scheduler", there.address)
    scheduler = there.start_scheduler()
    there.start_workers(2)

    run = Teacher(*command)
    wait_until(lambda: results_in(record) >= 5, "result")
    scheduler.kill()
    code, _, told = run.end()
    saved = results_in(record)

    assert code == 1
    assert 5 <= saved < 40
    assert "run the same command again" in told
    assert "Traceback" not in told

    there.start_scheduler()
    there.start_workers(2)
    code, lines, told = Teacher(*command).end()

    assert code == 0, told
    assert sum(line["known"] for line in lines) == saved
    assert results_in(record) == len(lines) == 40


@pytest.mark.slow
def test_the_scheduler_is_back_at_once(there: Cluster, tmp_path: Path) -> None:
    """The run goes on by itself."""
    folder, record = tmp_path / "class", tmp_path / "class" / "mockexam-results.ndjson"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.keras").write_bytes(os.urandom(1000))
    scheduler = there.start_scheduler()
    there.start_workers(2)

    run = Teacher(tmp_path / "home", folder, "--question", "tiny_line", "--scheduler", there.address)
    wait_until(lambda: results_in(record) >= 5, "result")
    scheduler.kill()
    scheduler.wait()
    there.start_scheduler()
    there.start_workers(2)
    code, lines, told = run.end()

    assert code == 0, told
    assert {line["verdict"] for line in lines} == {"graded"}
    assert results_in(record) == len(lines) == 40


@pytest.mark.parametrize("address", ["nonsense", "10.0.0.5", "tcp://10.0.0.5"])
def test_not_an_address(address: str) -> None:
    """Reported before anything is tried."""
    with pytest.raises(UserError, match="address"):
        cluster.connect(address)


@pytest.mark.parametrize("address", ["tcp://nowhere.invalid:8786", "tcp://127.0.0.1:87860"])
def test_an_address_that_can_not_be(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told at once: Dask would try again until its time is up."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("distributed.rpc", lambda *_, **__: pytest.fail("tried"))
    with pytest.raises(UserError, match="No Dask scheduler answers"):
        cluster.connect(address)


def test_tls_without_certificates() -> None:
    """Told before Dask fails of it."""
    pytest.importorskip("distributed")
    with pytest.raises(UserError, match="certificates") as caught:
        cluster.connect("tls://127.0.0.1:9")
    assert "CLIENT__CERT" in caught.value.hint


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a free port: reported after a moment, with a hint."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(UserError, match="No Dask scheduler answers") as caught:
        cluster.connect("127.0.0.1:9")
    assert caught.value.location == "tcp://127.0.0.1:9"
    assert "dask scheduler" in caught.value.hint


class _SpeaksFirst(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize("handler", [BaseHTTPRequestHandler, _SpeaksFirst], ids=["dashboard", "ssh"])
def test_another_program_answers(
    handler: type[socketserver.BaseRequestHandler], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as Dask's own dashboard, which waits for an HTTP request: reported after a moment."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.1)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UserError, match="not a Dask scheduler") as caught:
            cluster.connect(f"tcp://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert "dashboard" in caught.value.hint


def test_folders_of_killed_workers_are_removed(tmp_path: Path) -> None:
    """Not those of workers that run, nor what is not ours by its name."""
    gone, alive = tmp_path / "mockexam-worker-999999999-x", tmp_path / f"mockexam-worker-{os.getpid()}-x"
    other = tmp_path / "mockexam-worker-mine-x"
    for folder in (gone, alive, other):
        (folder / "logs").mkdir(parents=True)

    batch_worker.remove_stale_worker_dirs(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, other.name])
