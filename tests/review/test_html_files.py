"""Pages as files: written whole or not at all, and never over a file unless that was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.cli.review_reports import write_page_file
from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.paths import StatePaths
from mockexam.review.service import Review
from tests.factories import FakeClock
from tests.histories import make_history

FAILED = 0
"""Index of an exam in the made-up record that was not passed: the first one."""


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """A record of 40 ended attempts."""
    home = tmp_path_factory.mktemp("home")
    make_history(home, 40)
    return Review(StatePaths(home), FakeClock())


@pytest.fixture(scope="module")
def outcomes(review: Review) -> tuple[Outcome, ...]:
    """What came of the attempts."""
    return review.outcomes()


def test_a_page_is_written_whole_and_its_place_printed(
    review: Review, outcomes: tuple[Outcome, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The history, one attempt, a certificate; never over a file unless that was said."""
    page = tmp_path / "review.html"
    write_page_file(review, page, None, overwrite=False)
    assert capsys.readouterr().out == f"{page}\n"
    first = page.read_text(encoding="utf-8")
    assert first.endswith("</html>\n")
    assert ">All attempts</h2>" in first

    with pytest.raises(UserError, match="file exists") as caught:
        write_page_file(review, page, "last", overwrite=False)
    assert "--yes" in caught.value.hint
    assert page.read_text(encoding="utf-8") == first

    write_page_file(review, page, "last", overwrite=True)
    assert "All events, oldest first" in page.read_text(encoding="utf-8")

    name = next(o.attempt for o in reversed(outcomes) if o.passed and o.mode is Mode.EXAM)
    write_page_file(review, tmp_path / "certificate.html", name, "Ada", overwrite=False)
    assert "Mock exam" in (tmp_path / "certificate.html").read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["certificate.html", "review.html"]


def test_what_can_not_be_written_leaves_nothing_behind(
    review: Review, outcomes: tuple[Outcome, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing folder, a folder for a file, a refusal, a full disk: reported, and the old file stays."""
    with pytest.raises(UserError, match="folder for the page"):
        write_page_file(review, tmp_path / "none" / "x.html", None, overwrite=True)
    with pytest.raises(UserError, match="This is a folder"):
        write_page_file(review, tmp_path, None, overwrite=True)
    with pytest.raises(UserError, match="not passed"):
        write_page_file(review, tmp_path / "x.html", outcomes[FAILED].attempt, "Ada", overwrite=False)
    (tmp_path / "dangling.html").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="file exists"):
        write_page_file(review, tmp_path / "dangling.html", None, overwrite=False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    old = tmp_path / "old.html"
    old.write_text("<!doctype html>old", encoding="utf-8")
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UserError, match="No space left"):
        write_page_file(review, old, None, overwrite=True)
    assert old.read_text(encoding="utf-8") == "<!doctype html>old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dangling.html", "old.html"]
