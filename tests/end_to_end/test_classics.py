"""The exam of the classics, prepared and sat from small sets on this computer: a real server, cuts and wrong files."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from mockexam.bank import downloads
from mockexam.bank.loader import load_bank
from mockexam.bank.models import LOOPBACK_VARIABLE
from mockexam.doctor.quick import DOWNLOADS, check_questions
from mockexam.errors import UserError
from mockexam.machine_clock import MachineClock
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE, StatePaths
from mockexam.session.manager import SessionManager
from mockexam.session.ports import RetryChoice
from tests.bank.served import Served, serving
from tests.bank.small_sets import FASHION, FETCHED, LINE, REVIEWS, SUNSPOTS, classics_bank
from tests.end_to_end.sitter import Sitter, mockexam
from tests.shared import train

FILES = {
    LINE: ["line.csv"],
    FASHION: ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"],
    "image_classification/horses_humans": ["pictures"],
    REVIEWS: ["reviews.npz"],
    SUNSPOTS: ["sunspots.csv"],
}


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(LOOPBACK_VARIABLE, "1")
    monkeypatch.setattr(downloads, "PAUSES", (0.0, 0.0, 0.0))
    return tmp_path / "home"


@asynccontextmanager
async def desk(home: Path):  # type: ignore[no-untyped-def]  # for tests
    manager = SessionManager(StatePaths(home), MachineClock())
    try:
        yield manager
    finally:
        await manager.close()


def prepared(home: Path, room: Path, **what: str) -> list[str]:
    """Plan and prepare the classics; what was told on the way."""
    told: list[str] = []

    async def run() -> None:
        async with desk(home) as manager:
            plan = await asyncio.to_thread(manager.plan, what.get("exam", "classics"), None, room)
            told.append(f"plan: {plan.to_download}")
            await manager.prepare(plan, lambda _, text: told.append(text))

    asyncio.run(run())
    return list(dict.fromkeys(told))


def test_prepare_fetches_once_and_makes_the_data(
    served: Served, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the clock, with progress, resumed after cuts; a second preparation asks the server for nothing."""
    monkeypatch.setenv(BANK_VARIABLE, str(classics_bank(tmp_path / "bank", served)))
    served.cut_after = [5_000, 1_000_000, 100]

    told = prepared(home, tmp_path / "room")

    assert told[0] == "plan: 2.3 MB"
    assert told[1].startswith("Downloading train-images-idx3-ubyte.gz (")
    assert any(text.startswith("Generating the data for question 3") for text in told)
    for item, (question, names) in enumerate(FILES.items(), 1):
        data = tmp_path / "room" / f"q{item}_{question.partition('/')[0]}" / "data"
        assert sorted(path.name for path in data.iterdir()) == names
    files = [name for question in FETCHED for name in (d.file for d in load_bank().question(question).downloads)]
    assert {line.split()[1].lstrip("/") for line in served.gets} == set(files)
    assert sum(" bytes=" in line for line in served.gets) == 2
    assert len(served.gets) == len(files) + 2

    served.asked.clear()
    told = prepared(home, tmp_path / "second")
    assert served.asked == []
    assert told[0] == "plan: "
    assert not any(text.startswith("Downloading") for text in told)

    with np.load(tmp_path / "room" / "q4_text_classification" / "data" / "reviews.npz") as data:
        assert (data["x"].shape, data["y"].shape) == ((80, 200), (80,))
        assert (data["x"][:, -1] == 2).all()  # each small review ends with a rare word
    pictures = list((tmp_path / "room" / "q3_image_classification" / "data" / "pictures").rglob("*.jpg"))
    assert len(pictures) == 48  # four fifths of 60: those in the outer folder are the same


def test_nothing_is_fetched_unasked(
    served: Served, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual exam and the doctor never speak to the server, and never draw what must be fetched."""
    monkeypatch.setenv(BANK_VARIABLE, str(classics_bank(tmp_path / "bank", served, whole=True)))

    prepared(home, tmp_path / "room", exam="tf_developer")

    async def retries() -> None:
        async with desk(home) as manager:
            for category in ("image", "series", "simple"):
                plan = await asyncio.to_thread(manager.plan_retry, RetryChoice(category), tmp_path / "retry")
                assert plan.paper.items[0].question not in (*FETCHED, LINE)
            shown = {q.id for c in manager.retry_options("tf_developer") for q in c.questions}
            assert shown & {*FETCHED, LINE} == set()

    asyncio.run(retries())
    (check,) = (check for check in check_questions() if check.name == DOWNLOADS)
    assert check.text.startswith("offline, learning_dataset/fashion_mnist, ")
    assert "such as classics, asks for them" in check.remedy
    assert served.asked == []


def test_offline_it_is_told_why(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the plan that the app shows, by --plain, and by a retry of the named question; the rest of the bank works."""
    with serving() as served:
        bank = classics_bank(tmp_path / "bank", served)
    monkeypatch.setenv(BANK_VARIABLE, str(bank))

    async def refused() -> None:
        async with desk(home) as manager:
            with pytest.raises(UserError) as caught:
                await asyncio.to_thread(manager.plan, "classics")
            assert f"{FASHION} can't be drawn: its data (" in caught.value.message
            assert "Connect to the internet" in caught.value.message
            assert "draw again" in caught.value.hint
            with pytest.raises(UserError, match=r"monthly_sunspots is left out: its data"):
                await asyncio.to_thread(
                    manager.plan_retry, RetryChoice(question="monthly_sunspots", exam="classics"), tmp_path / "retry"
                )
            plan = await asyncio.to_thread(
                manager.plan_retry, RetryChoice(question="first_line", exam="classics"), tmp_path / "retry"
            )
            assert plan.paper.items[0].question == LINE

    asyncio.run(refused())
    done = mockexam(home, "sit", "classics", "--plain", "--yes")
    assert done.returncode == 1
    assert "can't be drawn: its data (" in done.stderr
    assert "are not on this computer yet, and 127.0.0.1:" in done.stderr
    assert "Connect to the internet" in done.stderr


def test_a_wrong_file_stops_the_preparation(
    served: Served, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is used, and the clock has not started."""
    monkeypatch.setenv(BANK_VARIABLE, str(classics_bank(tmp_path / "bank", served)))
    real = served.files["/imdb.npz"]
    served.files["/imdb.npz"] = real[:-1] + b"x"

    with pytest.raises(UserError, match=r"did not send the published imdb\.npz: its SHA-256 differs"):
        prepared(home, tmp_path / "room")

    served.files["/imdb.npz"] = real
    prepared(home, tmp_path / "room")


def test_the_classics_are_sat(served: Served, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In --plain, with two models that are really trained on what was fetched."""
    bank = classics_bank(tmp_path / "bank", served)
    monkeypatch.setenv(BANK_VARIABLE, str(bank))
    room = tmp_path / "room"
    sitter = Sitter(home, "classics", "--workspace", str(room), plain=True)
    sitter.wait_for_line("The classics", 240)
    models = ((1, LINE, "short", "2"), (2, FASHION, "dense", ""))
    folders = [room / f"q{number}_{name.partition('/')[0]}" for number, name, _, _ in models]
    for folder, (_, name, solution, _) in zip(folders, models, strict=True):
        shutil.copyfile(bank / "scoring" / name / "jury" / f"{solution}.py", folder / "solution.py")
    train(*folders)
    for number, _, _, marks in models:
        line = sitter.wait_for_line(f"{marks}/5", 240)
        assert f"Q{number} " in line
    sitter.say("finish")
    sitter.say("FINISH")
    sitter.wait_for_line("receipt", 120)
    assert sitter.end() == 0
