"""Questions of an installed pack on their whole way: paper, workspace, marks, review; and what the predictor sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from mockexam import paths
from mockexam.entry import run
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.grading.examiner import sandbox
from mockexam.machine_clock import MachineClock
from mockexam.paths import StatePaths
from mockexam.review.service import Review
from mockexam.session.manager import SessionManager
from mockexam.session.ports import AttemptPlan
from mockexam.store.journal import Journal
from mockexam.workspace.layout import Workspace
from mockexam.workspace.question_files import missing, repair
from tests.factories import FakeClock, graded, received
from tests.packs import EXAMPLE, KETTLE, PACKAGE, PEARS, install
from tests.shared import train


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example pack, installed for this process and those that it starts."""
    site = tmp_path / "site-packages"
    package = install(site)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    yield package
    sys.modules.pop(PACKAGE, None)


@pytest_asyncio.fixture
async def manager(package: Path) -> AsyncIterator[SessionManager]:
    """Where attempts are planned, with a grader of its own."""
    made = SessionManager(paths.state_paths(), MachineClock())
    yield made
    await made.close()


async def make(manager: SessionManager, room: Path) -> AttemptPlan:
    """Plan the pack's exam and make its workspace."""
    plan = manager.plan("tea_break", workspace=room)
    await manager.prepare(plan, lambda fraction, text: None)
    return plan


async def test_a_model_is_graded_on_the_way_of_an_exam(manager: SessionManager, tmp_path: Path) -> None:
    """GIVEN a workspace with a pack's questions WHEN its reference was run there THEN the model has five marks."""
    plan = await make(manager, tmp_path / "room")
    kettle = tmp_path / "room" / plan.paper.items[0].folder
    assert (kettle / "brief.md").read_text().startswith("# When the kettle boils")
    assert (kettle / "data" / "boils.csv").is_file()
    await manager.grader().warm_up()
    shutil.copy(EXAMPLE / "src" / PACKAGE / "scoring" / KETTLE / "reference.py", kettle / "solution.py")
    train(kettle)

    model = kettle / "mymodel.keras"
    verdict = await manager.grader().grade(
        KETTLE, data_seed=plan.paper.code, holdout_seed="s", model=model, format="keras"
    )
    other = await manager.grader().inspect(model=model, format="keras", question=PEARS)
    found = await manager.grader().diagnose(
        KETTLE, data_seed=plan.paper.code, holdout_seed="s", model=model, format="keras"
    )

    assert (verdict.verdict, verdict.marks, verdict.metric) == ("graded", 5, "mae")
    assert [f.severity for f in other.findings] == ["refused"]
    assert found.train_value is not None


async def test_what_is_lost_is_restored(manager: SessionManager, tmp_path: Path) -> None:
    """Brief and data come back as they were."""
    plan = await make(manager, tmp_path / "room")
    workspace, item = Workspace(plan.workspace), plan.paper.items[1]
    folder = workspace.question(item.folder)
    before = {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    shutil.rmtree(folder)
    assert missing(workspace, item)

    async def make_data(question: str, into: Path, progress: object) -> None:
        await manager.grader().make_data(question, data_seed=plan.paper.code, folder=into)

    assert await repair(workspace, item, plan.paper.code, make_data) == ("folder", "solution.py", "brief.md", "data")
    assert {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_the_reference_is_shown_after_the_end_alone(package: Path, tmp_path: Path) -> None:
    """While the question stands on a running paper it stays closed; bands and reference come from the pack."""
    state, clock = StatePaths(tmp_path / "home"), FakeClock()
    manager = SessionManager(state, clock)
    attempt = manager.start(manager.plan("tea_break", workspace=tmp_path / "room"))
    with closing(Journal(state.database)) as journal:
        journal.append(attempt, received(clock.advance(9), 1, "aa"))
        journal.append(attempt, replace(graded(clock.advance(1), 1, "aa", 5), metric="mae", value=0.05))
        with pytest.raises(UserError):
            Review(state, clock).reference(attempt, 1)
        journal.append(attempt, ev.Finished(at=clock.now, reason="candidate"))
        journal.append(attempt, ev.Settled(at=clock.now, earned=5, possible=15, passed=False))

    review = Review(state, clock)
    question = review.detail(attempt).questions[0]
    assert (question.bands, question.closed) == ((2.0, 0.7, 0.3, 0.15, 0.08), "")
    assert question.reference == package / "scoring" / KETTLE / "reference.py"
    assert review.reference(attempt, 1).text.startswith('"""A straight line')
    shutil.rmtree(package)
    gone = Review(state, clock).detail(attempt).questions[0]
    assert "no longer in the question bank" in gone.closed
    assert gone.reference is None


def test_the_commands_show_it(package: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Listed with the pack's name, shown and unpacked; a pack that is left out is reported on stderr only."""
    assert run(["bank", "list", "--json"]) == 0
    listed = capfd.readouterr()
    bank = json.loads(listed.out)
    assert listed.err == ""
    assert bank["packs"] == [{"name": "kitchen", "distribution": "mockexam-pack-kitchen"}]
    assert {q["id"] for q in bank["questions"] if q["pack"] == "kitchen"} == {KETTLE, PEARS}
    assert "kitchen:tea_break" in [e["name"] for e in bank["exams"]]
    assert run(["bank", "show", "kettle", "--unpack", str(tmp_path / "kettle")]) == 0
    assert "from kitchen" in capfd.readouterr().out
    assert (tmp_path / "kettle" / "data" / "boils.csv").is_file()

    (package / "exams" / PEARS / "question.toml").write_text("title = ")
    assert run(["bank", "list"]) == 0
    listed = capfd.readouterr()
    assert "kettle" not in listed.out
    assert "The question pack kitchen is left out: The file is not valid TOML" in listed.err
    assert f"exams/{PEARS}/question.toml" in listed.err


def test_the_doctor_tells_of_packs(package: Path, tmp_path: Path) -> None:
    """What is used, and what is left out and why."""
    from mockexam.doctor.quick import check_packs

    assert [(c.status, c.text) for c in check_packs()] == [("ok", "kitchen (2 questions)")]
    (package / "exams" / KETTLE / "stub.py").unlink()
    (check,) = check_packs()
    assert check.status == "warn"
    assert check.text.startswith("kitchen is left out: The question has no stub.py.")
    shutil.rmtree(tmp_path / "site-packages")
    assert check_packs() == []


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The jobs' folder of a grader, where bubblewrap works."""
    monkeypatch.delenv(sandbox.ISOLATION_VARIABLE, raising=False)
    folder = tmp_path / "jobs"
    folder.mkdir()
    held = sandbox.choose(folder)
    if held.isolation != sandbox.BUBBLEWRAP:
        pytest.skip(held.detail)
    return folder


LOOK = """
import json, os, sys, numpy
print(json.dumps({path: os.listdir(path) for path in sys.argv[1:] if os.path.isdir(path)}))
"""


def look_inside(jobs: Path, *folders: Path) -> dict[str, list[str]]:
    """What the predictor sees in these folders, by folder; not those that are not there."""
    held = sandbox.choose(jobs)
    assert held.isolation == sandbox.BUBBLEWRAP, held.detail
    argv = [*held.argv[: held.argv.index("-m")], "-c", LOOK, *map(str, folders)]
    output = subprocess.run(argv, env=held.environment, check=True, capture_output=True, text=True).stdout
    inside = json.loads(output)
    assert isinstance(inside, dict)
    return inside


@pytest.mark.parametrize("broken", [False, True], ids=["whole", "broken"])
def test_the_predictor_sees_nothing_of_a_pack(jobs: Path, package: Path, broken: bool) -> None:
    """Installed among the packages that the sandbox shows, its two folders are empty; one that is left out, too."""
    if broken:
        (package / "exams" / PEARS / "question.toml").write_text("title = ")

    inside = look_inside(jobs, package, package / "exams", package / "scoring", package / "scoring" / KETTLE)

    assert "__init__.py" in inside[str(package)]
    assert inside[str(package / "exams")] == inside[str(package / "scoring")] == []
    assert str(package / "scoring" / KETTLE) not in inside


def test_nor_behind_links(jobs: Path, package: Path) -> None:
    """An installer may link a folder, or the whole package, to another place; bubblewrap starts all the same."""
    kept = package.parent / "kept"
    kept.mkdir()
    (package / "scoring").rename(kept / "scoring")
    (package / "scoring").symlink_to(kept / "scoring")
    package.rename(kept / "whole")
    package.symlink_to(kept / "whole")

    inside = look_inside(jobs, kept, kept / "scoring", kept / "whole" / "exams", package / "scoring")

    assert sorted(inside[str(kept)]) == ["scoring", "whole"]
    assert [inside.get(str(p), []) for p in (kept / "scoring", kept / "whole" / "exams", package / "scoring")] == [
        []
    ] * 3
