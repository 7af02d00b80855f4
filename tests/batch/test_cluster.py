"""The same class on a real Dask cluster, and errors when there is none."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.batch import batch_worker, cluster
from mockexam.errors import UserError
from tests.batch.teacher import Teacher, environment, make_submissions, results_in, verdicts, wait_until


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


@pytest.mark.parametrize("address", ["nonsense", "10.0.0.5", "tcp://10.0.0.5"])
def test_not_an_address(address: str) -> None:
    """Reported before anything is tried."""
    with pytest.raises(UserError, match="address"):
        cluster.connect(address)


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a free port: reported after a moment, with a hint."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(UserError, match="No Dask scheduler answers") as caught:
        cluster.connect("tcp://127.0.0.1:9")
    assert "dask scheduler" in caught.value.hint


def test_folders_of_killed_workers_are_removed(tmp_path: Path) -> None:
    """Not those of workers that run, nor what is not ours by its name."""
    gone, alive = tmp_path / "mockexam-worker-999999999-x", tmp_path / f"mockexam-worker-{os.getpid()}-x"
    other = tmp_path / "mockexam-worker-mine-x"
    for folder in (gone, alive, other):
        (folder / "logs").mkdir(parents=True)

    batch_worker.remove_stale_worker_dirs(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, other.name])
