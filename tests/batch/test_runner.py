"""The run, with workers that fail on purpose. Real ones: `test_grade_many.py` and `test_cluster.py`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockexam.batch import runner
from mockexam.batch.job import BatchItem, GradingJob
from mockexam.batch.results import ResultLog
from mockexam.batch.runner import BatchRunner, RunProgress
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.paths import StatePaths

Make = Callable[[str], BatchItem]
GRADED = json.dumps({"graded": {"verdict": "graded", "marks": 4, "metric": "mae", "value": 0.1}})
FAULT = json.dumps({"fault": {"message": "The disk is full."}})


class Place(Executor):
    """Answers as `act` says, by a model's name and try; an exception that it returns is raised by the worker."""

    remote = False
    environment: Mapping[str, str] = {}

    def __init__(self, act: Callable[[str, int], str | Exception], width: int = 3) -> None:
        self.capacity = width
        self.tries: Counter[str] = Counter()
        self.company: dict[tuple[str, int], set[str]] = {}
        """Who was under way when a model was tried for the first, second, third time."""
        self.restarts = 0
        self._act = act
        self._threads = ThreadPoolExecutor(width)
        self._under_way: set[str] = set()

    @property
    def executor(self) -> Executor:
        return self

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        job: GradingJob = args[0]
        name = job.item.path.name
        self.tries[name] += 1
        self._under_way.add(name)
        self.company[name, self.tries[name]] = set(self._under_way)
        return self._threads.submit(self._answer, name, self.tries[name])

    def _answer(self, name: str, count: int) -> str:
        answer = self._act(name, count)
        self._under_way.discard(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lost_workers(self) -> bool:
        return False

    def restart(self) -> None:
        self.restarts += 1

    def close(self, *, at_once: bool) -> None:
        self._threads.shutdown()


@contextmanager
def record_in(folder: Path) -> Iterator[ResultLog]:
    with ResultLog(folder / "r.ndjson", StatePaths(folder / "home"), {}) as record:
        yield record


def run(
    place: Place, items: list[BatchItem], folder: Path, *, fresh: bool = False
) -> tuple[dict[str, RunProgress], int]:
    """What is told of each, and how many were not tried."""
    told: dict[str, RunProgress] = {}
    with record_in(folder) as record:
        batch = BatchRunner(place, record, {}, lambda one: told.update({one.result.name: one}), fresh=fresh)
        untried = batch.run(items)
    place.close(at_once=False)
    return told, untried


def test_all_are_marked_once_and_known_afterwards(tmp_path: Path, make_item: Make) -> None:
    """A second run asks no worker, unless it is told to; a model with other content is another one."""
    items = [make_item(name) for name in "abcdefgh"]
    first = Place(lambda *_: GRADED)
    told, untried = run(first, items, tmp_path)
    assert set(told) == set("abcdefgh")
    assert set(first.tries.values()) == {1}
    assert untried == 0

    items[2].path.write_bytes(b"saved again")
    second = Place(lambda *_: GRADED)
    told, _ = run(second, items, tmp_path)
    assert dict(second.tries) == {"c": 1}
    assert {name for name, one in told.items() if not one.known} == {"c"}

    third = Place(lambda *_: GRADED)
    run(third, items, tmp_path, fresh=True)
    assert len(third.tries) == 8


def test_a_fault_is_tried_three_times_and_is_no_zero(tmp_path: Path, make_item: Make) -> None:
    """GIVEN a marker that fails always on one and once on another THEN the first has no marks, and is tried again."""
    items = [make_item(name) for name in "abcd"]

    def act(name: str, count: int) -> str:
        return FAULT if name == "b" or (name == "c" and count == 1) else GRADED

    place = Place(act)
    told, untried = run(place, items, tmp_path)

    assert dict(place.tries) == {"a": 1, "b": 3, "c": 2, "d": 1}
    assert told["b"].result.verdict is Verdict.GRADER_ERROR
    assert told["b"].result.marks is None
    assert "disk is full" in told["b"].result.message
    assert told["c"].result.marks == 4
    assert untried == 0
    assert not run(Place(lambda *_: GRADED), items, tmp_path)[0]["b"].known


def test_lost_workers_cost_no_marks(tmp_path: Path, make_item: Make) -> None:
    """GIVEN a model that kills its worker each time THEN the pool is mended and all others have marks.

    In its last try it is alone, so that nobody who was there by chance is given up with it.
    """
    items = [make_item(name) for name in "abcdef"]

    def act(name: str, _count: int) -> str | Exception:
        return BrokenProcessPool("killed") if name == "b" else GRADED

    place = Place(act)
    told, _ = run(place, items, tmp_path)

    assert told["b"].result.verdict is Verdict.GRADER_ERROR
    assert {one.result.marks for name, one in told.items() if name != "b"} == {4}
    assert place.tries["b"] == 3
    assert place.restarts >= 1
    assert place.company["b", 3] == {"b"}


def test_a_marker_that_fails_on_all_is_given_up(tmp_path: Path, make_item: Make) -> None:
    """A class of two hundred is not tried three times each when the disk is full."""
    items = [make_item(f"m{number:02}") for number in range(30)]

    told, untried = run(Place(lambda *_: FAULT), items, tmp_path)

    assert untried > 20
    assert len(told) + untried == 30
    assert all(one.result.verdict is Verdict.GRADER_ERROR for one in told.values())


def test_nonsense_from_a_worker(tmp_path: Path, make_item: Make) -> None:
    told, _ = run(Place(lambda *_: "marks: 5"), [make_item("a")], tmp_path)
    assert told["a"].result.verdict is Verdict.GRADER_ERROR


def test_what_can_not_be_read_is_told_and_delays_nobody(tmp_path: Path, make_item: Make) -> None:
    items = [make_item(name) for name in "abc"]
    items[1].path.unlink()
    place = Place(lambda *_: GRADED)

    told, _ = run(place, items, tmp_path)

    assert told["b"].result.verdict is Verdict.GRADER_ERROR
    assert dict(place.tries) == {"a": 1, "c": 1}


def test_no_workers_at_all(tmp_path: Path, make_item: Make) -> None:
    """Processes that can't be started, and a cluster that is gone for good."""

    class Gone(Place):
        why: Exception = OSError(11, "Resource temporarily unavailable")

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise self.why

        def restart(self) -> None:
            raise UserError("The scheduler is gone.")

    place = Gone(lambda *_: GRADED)
    with pytest.raises(UserError, match="No worker can be started"):
        run(place, [make_item("a")], tmp_path)
    place.why = RuntimeError("closed")
    with pytest.raises(UserError, match="scheduler is gone"):
        run(place, [make_item("a")], tmp_path)


def test_workers_that_died_unnoticed(tmp_path: Path, make_item: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN an executor that never answers, its workers dead WHEN that was seen long enough THEN they are replaced."""
    monkeypatch.setattr(runner, "_POLL_SECONDS", 0.001)
    silent: list[Future[str]] = []

    class Deaf(Place):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            if self.restarts:
                return super().submit(fn, *args, **kwargs)
            silent.append(Future())
            return silent[-1]

        def lost_workers(self) -> bool:
            return not self.restarts

    told, _ = run(Deaf(lambda *_: GRADED), [make_item(name) for name in "abc"], tmp_path)

    assert len(silent) == 3
    assert {one.result.marks for one in told.values()} == {4}


def test_it_stops_between_two_models(tmp_path: Path, make_item: Make) -> None:
    """What was settled is in the record, and nothing else."""
    settled: list[str] = []
    with record_in(tmp_path) as record:
        batch = BatchRunner(
            Place(lambda *_: GRADED, width=1),
            record,
            {},
            lambda one: settled.append(one.result.name),
            stop=lambda: len(settled) >= 2,
        )
        with pytest.raises(KeyboardInterrupt):
            batch.run([make_item(name) for name in "abcd"])

    assert settled == ["a", "b"]
    assert (tmp_path / "r.ndjson").read_bytes().count(b"\n") == 2
