"""A process that has everything imported and forks for each round: `python -m tests.faults.zygote FOLDER [MODELS]`.

Orders come in and outcomes go out as JSON, a line each.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.files import remove
from tests.faults import os_faults, sqlite_faults, story
from tests.faults.checks import left_behind, wrongs
from tests.faults.messages import MessageFault, message_grader, struck, survivors
from tests.faults.points import POINTS, Fault
from tests.faults.real import Sabotage, real_grader
from tests.faults.real import corpus as real_corpus
from tests.faults.story import HARD_FAULTS, LONGEST, SCRIPTED, Corpus, Room, ScriptedGrader


@dataclass
class Outcome:
    """What came of one round."""

    how: str
    """How the process that the fault met came to its end: `killed`, `ended`, `reported`, `hung` or `crashed`."""
    said: str = ""
    names: list[str] = field(default_factory=list)
    """Every call that could have failed, in order."""
    struck: list[str] = field(default_factory=list)
    """The calls that were made to fail."""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """A round: which story meets which fault."""

    story: str = "attempt"
    """`attempt`; `messages`, the same with the real client and the examiner's own loop; `real`, with the whole grader;
    or `regrade`, for a grader that fails during the attempt and works when all is graded again."""
    fault: Fault | None = None
    message: MessageFault | None = None
    """What goes wrong between the app and the examiner's loop, for the story `messages`."""
    sabotage: Sabotage | None = None
    """Which process of the whole grader is killed, for the story `real`."""
    reboot: bool = False
    """The machine starts anew between the fault and the next opening."""


class Rounds:
    """Plays rounds in one folder."""

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self._room = Room(folder / "round", corpus)
        self._begun = folder / "begun"
        self._failed: list[Path] = []
        story.begin(self._room)
        self._room.folder.rename(self._begun)

    def play(self, order: Order) -> Outcome:
        """Play a round from the start; the folder of one that went wrong is kept."""
        room = self._room
        remove(room.folder)
        shutil.copytree(self._begun, room.folder)
        outcome = self._play(order)
        if outcome.wrong:
            shutil.move(room.folder, f"{room.folder}-wrong-{time.time_ns()}")
        return outcome

    def _play(self, order: Order) -> Outcome:
        room, fault, again = self._room, order.fault, "boot-2" if order.reboot else "boot-1"
        real = order.story == "real"
        make_grader: Callable[[], Any] = partial(real_grader, room, None) if real else ScriptedGrader
        if order.story == "attempt":
            outcome, shown = _run(
                room,
                lambda report: story.run_attempt(room, report, make_grader=partial(ScriptedGrader, HARD_FAULTS)),
                fault,
            )
        elif order.story == "messages":
            talker = partial(message_grader, room, order.message)
            outcome, shown = _run(
                room, lambda report: story.run_attempt(room, report, make_grader=talker), fault, files=False
            )
            outcome.struck += ["message"] * struck(room)
            outcome.wrong += survivors(room)
        elif real:
            whole = partial(real_grader, room, order.sabotage)
            outcome, shown = _run(
                room, lambda report: story.run_attempt(room, report, make_grader=whole), fault, files=False
            )
            outcome.struck += ["process"] * struck(room)
            outcome.wrong += survivors(room)
        else:
            bad = partial(ScriptedGrader, 99)
            first, shown = _run(
                room, lambda report: story.run_attempt(room, report, make_grader=bad), None, faulty=False
            )
            outcome, _ = _run(room, lambda _: story.grade_again(room, make_grader=ScriptedGrader), fault)
            if first.how != "ended":
                outcome.wrong.append(f"before the fault: {first.how}: {first.said}")
        calm, more = _run(
            room,
            lambda report: story.run_attempt(room, report, make_grader=make_grader, boot_id=again),
            None,
            faulty=False,
        )
        if calm.how != "ended":
            outcome.wrong.append(f"the next opening {calm.how}: {calm.said}")
            return outcome
        shown += more
        outcome.wrong += wrongs(room, shown, owed=True)
        if fault is None or fault.what == "kill":  # an error may keep the app from removing what it made
            outcome.wrong += left_behind(room)
        if real and not any(wrongs(room, shown)):
            return outcome
        mended, _ = _run(room, lambda _: story.grade_again(room, make_grader=make_grader), None, faulty=False)
        if mended.how != "ended":
            outcome.wrong.append(f"grading again {mended.how}: {mended.said}")
        outcome.wrong += [wrong for wrong in wrongs(room, shown) if wrong not in outcome.wrong]
        if outcome.how not in ("killed", "ended", "reported"):
            outcome.wrong.append(f"{outcome.how}: {outcome.said}")
        return outcome


def _run(
    room: Room,
    play: Callable[[story.Shown], Coroutine[Any, Any, None]],
    fault: Fault | None,
    *,
    faulty: bool = True,
    files: bool = True,
) -> tuple[Outcome, list[dict[str, Any]]]:
    """Fork, play in the child; how that ended and what was shown until then."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(room, play, fault, writing, faulty=faulty, files=files)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    _, status = os.waitpid(child, 0)
    shown = [line for line in said if "kind" in line]
    ends = [line for line in said if "how" in line]
    if ends:
        return Outcome(**ends[-1]), shown
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Outcome("killed" if killed else "crashed", f"status {status}"), shown


def _be_child(
    room: Room,
    play: Callable[[story.Shown], Coroutine[Any, Any, None]],
    fault: Fault | None,
    out: int,
    *,
    faulty: bool,
    files: bool,
) -> None:
    write = os.write

    def report(line: dict[str, Any]) -> None:
        write(out, json.dumps(line).encode() + b"\n")

    def shown(event: ev.Event) -> None:
        if isinstance(event, ev.Received):
            report({"kind": "received", "submission": event.submission, "sha256": event.sha256})
        elif isinstance(event, ev.Graded):
            report({"kind": "graded", "submission": event.submission, "marks": event.marks})

    story.hurry()
    if faulty:
        POINTS.fault = fault
    if faulty and files:
        assert sqlite_faults.install()
        os_faults.install(room.state.root)
    end = asyncio.run(_ending(play(shown)))
    report({**asdict(end), "names": POINTS.names, "struck": POINTS.struck})
    os._exit(0)


async def _ending(playing: Coroutine[Any, Any, None]) -> Outcome:
    try:
        async with asyncio.timeout(LONGEST):
            await playing
    except UserError as error:
        return Outcome("reported", str(error))
    except TimeoutError:
        return Outcome("hung", "".join(traceback.format_stack()))
    except BaseException:  # noqa: BLE001  # a learner would see it, whatever it is
        return Outcome("crashed", traceback.format_exc())
    return Outcome("ended")


def main() -> None:
    """Play the rounds ordered on standard input."""
    models = sys.argv[2:]
    rounds = Rounds(Path(sys.argv[1]), real_corpus(Path(models[0])) if models else SCRIPTED)
    for line in sys.stdin:
        order = json.loads(line)
        for name, kind in (("fault", Fault), ("message", MessageFault), ("sabotage", Sabotage)):
            if order.get(name):
                order[name] = kind(**order[name])
        sys.stdout.write(json.dumps(asdict(rounds.play(Order(**order)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
