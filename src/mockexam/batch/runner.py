"""What a worker answers is a text from elsewhere: here it becomes a verdict, or a fault."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from mockexam.batch.batch_worker import grade
from mockexam.batch.executor import BatchExecutor, held_back
from mockexam.batch.job import GradingFault, GradingJob, Item, name_of_holdout
from mockexam.batch.model_payload import ModelContent, ModelPayload, look, pack
from mockexam.batch.results import Result, ResultLog, Verdicted, as_text, key_of
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict

MAX_ANSWER = 100_000


def read_answer(text: object, versions: Mapping[str, str]) -> Verdicted | GradingFault:
    """The verdict in an answer; a fault if it is none, or was reached by other libraries than these `versions`."""
    if not isinstance(text, str) or len(text) > MAX_ANSWER:
        return GradingFault("A worker answered what is no answer.")
    try:
        fields = json.loads(text)
        if "fault" in fields:
            return _fault(fields["fault"])
        verdict = Verdicted.model_validate(fields["marked"])
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return GradingFault("A worker answered what is no answer.")
    if verdict.verdict is Verdict.GRADER_ERROR:
        return GradingFault(verdict.message or "The marker failed.", remedy=verdict.remedy)
    for name, here in versions.items():
        there = verdict.versions.get(name, here)
        if there != here:
            return GradingFault(
                f"A worker has {name} {as_text(there)[:40]}, this machine {here}: marks could differ.",
                remedy="Install the same versions on all machines.",
            )
    return verdict


def _fault(fields: Mapping[str, object]) -> GradingFault:
    what, where, remedy = (as_text(str(fields.get(part, "")))[:2000] for part in ("what", "where", "remedy"))
    return GradingFault(what or "The worker failed.", where, remedy)


TRIES = 3
"""How often a model is tried when the fault was ours."""
GIVE_UP_AFTER = 3
"""After so many models that could not be marked, one upon the other, the rest is not tried."""
_LOOK_SECONDS = 0.25
_LOOKS = 20
"""So often in a row workers may be seen to be lost before that is believed, if their executor does not say so."""


@dataclass(slots=True)
class _Work:
    """An item under way."""

    item: Item
    tries: int = 0
    content: ModelContent | None = None
    fault: GradingFault = field(default_factory=lambda: GradingFault(""))


@dataclass(frozen=True, slots=True)
class RunProgress:
    """One model is settled."""

    result: Result
    known: bool
    """It had been marked before: its content is in the record."""


class Batch:
    """Marks items, and tells each as it is settled."""

    def __init__(
        self,
        executor: BatchExecutor,
        record: ResultLog,
        versions: Mapping[str, str],
        told: Callable[[RunProgress], None],
        *,
        fresh: bool = False,
        environment: Mapping[str, str] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`fresh`: mark again what is in the record. `environment`: further variables for the markers' processes.

        `stop`: asked again and again; once it says yes, `run` raises KeyboardInterrupt.
        """
        self._executor = executor
        self._record = record
        self._versions = versions
        self._told = told
        self._fresh = fresh
        self._environment = tuple(sorted((environment or {}).items()))
        self._stop = stop
        self._waiting: deque[_Work] = deque()
        self._under_way: dict[Future[str], _Work] = {}
        self._faults_in_a_row = 0
        self._looks = 0

    def run(self, items: Sequence[Item]) -> int:
        """Settle all items; returns how many were given up untried. The caller closes the workplace.

        Raises UserError if a result can't be kept or no worker can be had, KeyboardInterrupt if asked to stop.
        """
        self._waiting = deque(_Work(item) for item in items)
        while self._waiting or self._under_way:
            self._hand_out()
            if not self._under_way:
                continue
            done, _ = wait(self._under_way, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            broken = [self._take(future) for future in done]
            if any(broken) or self._lost(done):
                self._mend()
            if self._faults_in_a_row >= GIVE_UP_AFTER:
                return len(self._waiting) + len(self._under_way)
        return 0

    def _lost(self, done: Collection[Future[str]]) -> bool:
        """Whether nothing will come any more, though nobody has said so: Python's pool may lose that word."""
        self._looks = self._looks + 1 if not done and self._executor.lost() else 0
        return self._looks > _LOOKS

    def _hand_out(self) -> None:
        self._heed()
        width = self._executor.width
        while self._waiting and len(self._under_way) < width:
            self._heed()
            work = self._waiting[0]
            # Whoever was there each time that workers were lost may be what kills them: it goes alone.
            alone = work.tries == TRIES - 1 or any(w.tries == TRIES - 1 for w in self._under_way.values())
            if alone and self._under_way:
                return
            self._waiting.popleft()
            if not self._begin(work):
                return

    def _heed(self) -> None:
        if self._stop():
            raise KeyboardInterrupt

    def _begin(self, work: _Work) -> bool:
        """Settle an item that needs no marker, or submit it; False if the workers are gone."""
        job = self._job(work)
        if job is None:
            return True
        try:
            with held_back():
                self._under_way[self._executor.executor.submit(grade, job)] = work
        except RuntimeError:  # it is broken, or closed because it is breaking
            self._waiting.appendleft(work)
            self._mend()
            return False
        except OSError as error:
            raise UserError(
                f"No worker can be started: {error.strerror}.",
                hint="What was marked is kept; the same command goes on from there.",
            ) from None
        return True

    def _job(self, work: _Work) -> GradingJob | None:
        """What to submit; None if the item is settled already."""
        item = work.item
        work.content = look(item.path) if not item.hindrance else None
        if work.content is None:
            what = item.hindrance or "The model can't be read, or is being written all the time."
            self._give_up(work, GradingFault(what, remedy="Run the command again when it is mended."))
            return None
        known = self._known(item, work.content.sha256)
        if known is not None:
            self._told(RunProgress(known, known=True))
            return None
        try:
            payload = self._payload(item, work.content)
        except (OSError, ValueError) as error:
            what = f"The model can't be sent: {error}."
            self._give_up(
                work, GradingFault(what, remedy="Mark it without --scheduler, which says what is wrong with it.")
            )
            return None
        return GradingJob(
            question=item.question,
            fingerprint=item.fingerprint,
            world=item.world,
            secret=item.secret,
            format=item.format,
            path=item.path,
            state=work.content.state,
            sha256=work.content.sha256,
            payload=payload,
            environment=self._environment,
        )

    def _known(self, item: Item, sha256: str | None) -> Result | None:
        if self._fresh or sha256 is None:
            return None
        key = key_of(sha256, item.format, item.question, item.edition, item.world, name_of_holdout(item.secret))
        found = self._record.get(key)
        return found.renamed(item) if found else None

    def _payload(self, item: Item, content: ModelContent) -> ModelPayload | None:
        return pack(item.path, content.state) if self._executor.away else None

    def _take(self, future: Future[str]) -> bool:
        """Settle what a worker has answered, or try again; True if its executor broke."""
        work = self._under_way.pop(future)
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or error is not None:
            what = f"The worker was lost: {type(error).__name__ if error else 'the job was cancelled'}."
            self._failed(
                work, GradingFault(what, remedy="Was it killed, or did memory run out? Try with fewer --jobs.")
            )
            return isinstance(error, BrokenExecutor)
        answer = read_answer(future.result(), self._versions)
        if isinstance(answer, GradingFault):
            self._failed(work, answer)
        else:
            self._faults_in_a_row = 0
            self._settle(work, answer)
        return False

    def _mend(self) -> None:
        """Take what was answered, and back what the lost workers had; find others."""
        for future in list(self._under_way):
            if future.done():
                self._take(future)
            else:
                self._failed(self._under_way.pop(future), GradingFault("The worker was lost."))
        self._looks = 0
        self._executor.mend()

    def _failed(self, work: _Work, fault: GradingFault) -> None:
        work.tries += 1
        if work.tries < TRIES:
            self._waiting.append(work)
        else:
            self._faults_in_a_row += 1
            self._give_up(work, fault)

    def _give_up(self, work: _Work, fault: GradingFault) -> None:
        message = " ".join(filter(None, (fault.what, fault.where)))
        self._settle(work, Verdicted(verdict=Verdict.GRADER_ERROR, message=message[:2000], remedy=fault.remedy[:2000]))

    def _settle(self, work: _Work, verdict: Verdicted) -> None:
        """Keep it, then tell it."""
        sha256 = work.content.sha256 if work.content else None
        result = Result.of(work.item, verdict, sha256=sha256, at=datetime.now(UTC).isoformat(timespec="seconds"))
        self._record.add(result)
        self._told(RunProgress(result, known=False))
