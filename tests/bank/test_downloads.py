"""Fetching published data: from a real HTTP server on this computer, with cut connections and wrong files."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from mockexam import paths
from mockexam.bank import downloads
from mockexam.bank.downloads import Stopped, data_job, fetch, fetch_for, path_of, unreachable
from mockexam.bank.loader import fingerprint, identifier, load_bank, load_question
from mockexam.bank.models import LOOPBACK_VARIABLE, Download, Exam, Question
from mockexam.bank.papers import exam_pool, retry_pool
from mockexam.bank.verify.locate import find_folders
from mockexam.errors import UserError
from mockexam.grading.examiner import sandbox
from mockexam.grading.examiner.data_module import load_data_module
from mockexam.grading.examiner_process import _environment
from mockexam.paths import DOWNLOADS_VARIABLE, HOME_VARIABLE, StatePaths
from tests.bank.served import Served, serving
from tests.bank.test_draw import QUESTION

CONTENT = os.urandom(300_000)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(LOOPBACK_VARIABLE, "1")
    monkeypatch.setattr(downloads, "PAUSES", (0.0, 0.0, 0.0))
    return tmp_path / "home"


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as found:
        yield found


def question_with(folder: Path, *wanted: Download) -> Question:
    """A made-up question that needs these."""
    folder = folder / "exams" / "simple_model" / "ant"
    folder.mkdir(parents=True, exist_ok=True)
    entries = "".join(
        f'[[downloads]]\nfile = "{d.file}"\nurls = {list(d.urls)}\nsha256 = "{d.sha256}"\nbytes = {d.bytes}\n'
        f'title = "{d.title}"\nauthors = "{d.authors}"\nlicence = "{d.licence}"\n'
        for d in wanted
    )
    (folder / "question.toml").write_text(QUESTION.format(title="ant") + entries)
    for file in ("brief.md", "stub.py", "data.py", "hints.md"):
        (folder / file).write_text("")
    return load_question(folder)


def refused(download: Download) -> UserError:
    with pytest.raises(UserError) as caught:
        fetch([download])
    assert not path_of(download).exists()
    return caught.value


def test_a_file_is_fetched_once(served: Served, home: Path) -> None:
    """With progress from 0 to 1; below mockexam's home; a second time no request is made."""
    download = served.download("set.npz", CONTENT)
    seen: list[tuple[float, str]] = []

    fetch([download], lambda *step: seen.append(step))

    assert path_of(download).read_bytes() == CONTENT
    assert path_of(download).is_relative_to(home / "downloads")
    assert [fraction for fraction, _ in seen] == sorted(fraction for fraction, _ in seen)
    assert seen[-1][0] == 1
    assert {text for _, text in seen} == {"Downloading set.npz (0.3 MB)", "Checking set.npz (0.3 MB)"}
    fetch([download])
    assert served.asked == ["GET /set.npz"]


def test_a_cut_connection_resumes(served: Served) -> None:
    """Twice cut, it continues each time where it stood."""
    download = served.download("set.npz", CONTENT)
    served.cut_after = [100_000, 50_000]

    fetch([download])

    assert path_of(download).read_bytes() == CONTENT
    assert served.asked == ["GET /set.npz", "GET /set.npz bytes=100000-", "GET /set.npz bytes=150000-"]


def test_a_server_without_ranges_sends_all_again(served: Served) -> None:
    """What lay here is not doubled."""
    download = served.download("set.npz", CONTENT)
    served.cut_after, served.ranges = [100_000], False

    fetch([download])

    assert path_of(download).read_bytes() == CONTENT


def test_what_has_arrived_is_kept_for_the_next_time(served: Served) -> None:
    """After cuts that bring nothing more, the message says how far it came; the next time it goes on from there."""
    download = served.download("set.npz", CONTENT)
    served.cut_after = [200_000, 0, 0, 0, 0]

    error = refused(download)

    assert "after 0.2 of 0.3 MB: the connection broke off" in error.message
    assert "continues from there" in error.hint
    served.asked.clear()
    served.cut_after.clear()
    fetch([download])
    assert served.asked == ["GET /set.npz bytes=200000-"]
    assert path_of(download).read_bytes() == CONTENT


def test_a_wrong_hash_is_refused(served: Served) -> None:
    """And nothing of the wrong file stays."""
    download = served.download("set.npz", CONTENT, sha256="0" * 64)

    error = refused(download)

    assert "did not send the published set.npz: its SHA-256 differs" in error.message
    assert not path_of(download).with_name("set.npz.part").exists()


def test_a_foreign_beginning_is_thrown_away(served: Served) -> None:
    """What an earlier time left is no part of this file: it is fetched once more, whole."""
    download = served.download("set.npz", CONTENT)
    path_of(download).parent.mkdir(parents=True)
    path_of(download).with_name("set.npz.part").write_bytes(b"x" * 1000)

    fetch([download])

    assert path_of(download).read_bytes() == CONTENT
    assert served.asked == ["GET /set.npz bytes=1000-", "GET /set.npz"]


def test_a_damaged_file_is_fetched_again(served: Served) -> None:
    """Each preparation checks what lies here."""
    download = served.download("set.npz", CONTENT)
    fetch([download])
    path_of(download).write_bytes(b"x" * len(CONTENT))

    fetch([download])

    assert path_of(download).read_bytes() == CONTENT


@pytest.mark.parametrize("length", [10, 10_000_000])
def test_another_length_is_refused_at_once(served: Served, length: int) -> None:
    """Before it is loaded."""
    download = served.download("set.npz", CONTENT, bytes=length)

    error = refused(download)

    assert f"it has 300000 bytes instead of {length}" in error.message


def test_a_second_address_helps(served: Served) -> None:
    """If the first has nothing."""
    served.files["/other.npz"] = CONTENT
    download = served.download("set.npz", CONTENT)
    urls = (f"{served.root}/gone.npz", f"{served.root}/other.npz")

    fetch([download.model_copy(update={"urls": urls})])

    assert served.asked == ["GET /gone.npz", "GET /other.npz"]


def test_http_errors_are_told_as_they_are(served: Served) -> None:
    """A lasting one at once, a passing one after some tries."""
    download = served.download("set.npz", CONTENT)
    served.status["/set.npz"] = 403
    assert "HTTP error 403 Forbidden" in refused(download).message
    assert len(served.asked) == 1

    served.status["/set.npz"] = 503
    error = refused(download)
    assert "HTTP error 503 Service Unavailable" in error.message
    assert "later" in error.hint
    assert len(served.asked) == 1 + downloads.TRIES


def test_a_login_page_is_told_as_one(served: Served) -> None:
    """Whether the network redirects to a page, or puts it in place of the file."""
    download = served.download("set.npz", CONTENT)
    served.redirect["/set.npz"] = "http://login.example/portal"
    error = refused(download)
    assert "sends us to a page of login.example" in error.message
    assert "log in" in error.hint

    served.redirect["/set.npz"] = f"{served.root}/portal"
    served.pages.add("/portal")
    error = refused(download)
    assert "A web page of 127.0.0.1" in error.message
    assert "log in" in error.hint


def test_a_full_disk_is_told_before_and_during(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before: how much is needed. During: what the system says."""
    download = served.download("set.npz", CONTENT)
    usage = shutil.disk_usage(Path.cwd())._replace(free=1000)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage)
        error = refused(download)
    assert "Not enough disk space for set.npz" in error.message
    assert served.asked == []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads, "replace", full)
    error = refused(download)
    assert "the disk is full" in error.message
    assert "Free some space" in error.hint


def test_nobody_listens(served: Served) -> None:
    """A port where no server is: the reason is told, and that it can be tried again."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{port.getsockname()[1]}/set.npz"
    download = served.download("set.npz", CONTENT, urls=(nobody,))

    error = refused(download)

    assert "connection refused" in error.message.lower()


def test_offline_a_question_is_told_with_its_reason(served: Served, tmp_path: Path) -> None:
    """One sentence with the remedy; nothing is said of a question whose data are here, or whose host answers."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{port.getsockname()[1]}/set.npz"
    download = served.download("set.npz", CONTENT)
    away = question_with(tmp_path, download.model_copy(update={"urls": (nobody,)}))

    reason = unreachable([away])[away.id]

    assert reason.startswith("its data (0.3 MB) are not on this computer yet, and 127.0.0.1:")
    assert reason.endswith("Connect to the internet, then choose the exam or the question again.")
    assert unreachable([question_with(tmp_path, download)]) == {}
    assert served.gets == []
    fetch([download])
    assert unreachable([away]) == {}


def test_leaving_stops_it_and_keeps_what_arrived(served: Served, tmp_path: Path) -> None:
    """The next time it continues."""
    download = served.download("set.npz", CONTENT)
    question = question_with(tmp_path, download)
    stop = threading.Event()

    def leave(fraction: float, _: str) -> None:
        if fraction > 0.3:
            stop.set()

    with pytest.raises(Stopped):
        fetch([download], leave, stop)
    arrived = path_of(download).with_name("set.npz.part").stat().st_size
    assert 0 < arrived < len(CONTENT)

    asyncio.run(fetch_for([question], lambda *_: None))
    assert served.asked[-1] == f"GET /set.npz bytes={arrived}-"
    assert path_of(download).read_bytes() == CONTENT


def test_two_at_once_fetch_once(served: Served) -> None:
    """The second waits for the first."""
    download = served.download("set.npz", CONTENT)
    threads = [threading.Thread(target=fetch, args=([download],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert served.asked == ["GET /set.npz"]


@pytest.mark.parametrize("url", ["http://example.org/a", "ftp://example.org/a", "file:///etc/passwd"])
def test_only_https(served: Served, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http only from this computer, and only in tests."""
    with pytest.raises(ValidationError, match="https"):
        served.download("a", b"a", urls=(url,))
    monkeypatch.delenv(LOOPBACK_VARIABLE)
    with pytest.raises(ValidationError, match="https"):
        served.download("a", b"a")


def test_downloads_are_part_of_the_fingerprint(served: Served, tmp_path: Path) -> None:
    """By their hash, not by their address."""
    download = served.download("set.npz", CONTENT)
    question = question_with(tmp_path, download)
    moved = question_with(tmp_path, download.model_copy(update={"urls": ("https://example.org/a",)}))
    other = question_with(tmp_path, download.model_copy(update={"sha256": "0" * 64}))

    assert question.fingerprint == moved.fingerprint != other.fingerprint
    assert fingerprint(question.folder, question.contract) != question.fingerprint


def test_the_sandbox_hides_what_was_fetched(home: Path) -> None:
    """The labels of the hold-out lie there."""
    (home / "downloads").mkdir(parents=True)

    assert str(home / "downloads") in sandbox._hidden()


def test_the_grader_has_the_cache_of_the_user(home: Path, tmp_path: Path) -> None:
    """Whatever home it is given, as `bank verify` does."""
    environment = _environment(StatePaths(tmp_path / "another"))

    assert environment[DOWNLOADS_VARIABLE] == str(home / "downloads")


def test_data_py_finds_its_files_by_name(served: Served, tmp_path: Path) -> None:
    """Before they are here it is told which command fetches them."""
    download = served.download("set.npz", CONTENT)
    question = question_with(tmp_path, download)
    empty = "def {0}(*_): ..."
    code = [empty.format(name) for name in ("make_world", "write_train", "make_holdout")]
    (question.folder / "data.py").write_text("\n".join(["DOWNLOADS = {}", *code]))

    with pytest.raises(UserError, match=r"are not on this computer \(0\.3 MB\); `mockexam bank show simple_model/ant"):
        data_job(question)

    fetch([download])
    assert vars(load_data_module(data_job(question)))["DOWNLOADS"] == {"set.npz": path_of(download)}


def test_only_a_slot_that_names_it_draws_it(served: Served, tmp_path: Path) -> None:
    """A question with downloads, and one that says `only_named`; in an exam and in a retry."""
    question = question_with(tmp_path, served.download("set.npz", CONTENT))
    shutil.copytree(question.folder, question.folder.with_name("bee"))
    toml = QUESTION.format(title="bee").replace("minutes = 10", "minutes = 10\nonly_named = true")
    (question.folder.with_name("bee") / "question.toml").write_text(toml)
    bank = load_bank(tmp_path / "exams")
    assert [q.only_named for q in bank.questions.values()] == [True, True]
    slot = {"category": "simple_model", "weight": 1}
    free, named = (
        Exam.model_validate({"title": "x", "duration_minutes": 9, "questions": [slot | more]})
        for more in ({}, {"only": [question.id]})
    )

    assert exam_pool(bank, free) == retry_pool(bank, free, "simple_model") == ()
    assert exam_pool(bank, named) == retry_pool(bank, named, "simple_model") == (question,)


def test_bank_verify_takes_the_name_of_an_exam() -> None:
    """All that it can draw: of the classics the five that it names, of the full exam nothing that must be fetched."""
    roots = [paths.exams_dir()]

    classics = [identifier(folder) for folder in find_folders(roots, ["classics"])]
    usual = [load_question(folder) for folder in find_folders(roots, ["tf_developer"])]

    assert len(classics) == len({name.partition("/")[0] for name in classics}) == 5
    assert len(usual) >= 20
    assert not any(question.only_named or question.id in classics for question in usual)


def test_a_cancelled_preparation_leaves_at_once(served: Served, tmp_path: Path) -> None:
    """As by Escape; nothing is reported any more, and the next preparation goes on from there."""
    download = served.download("set.npz", CONTENT)
    question = question_with(tmp_path, download)
    told: list[float] = []

    async def run() -> None:
        work = asyncio.create_task(fetch_for([question], lambda fraction, _: told.append(fraction)))
        while not told:
            await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        count = len(told)
        await asyncio.sleep(0.05)
        assert len(told) <= count + 1

    asyncio.run(run())
    fetch([download])
    assert path_of(download).read_bytes() == CONTENT
