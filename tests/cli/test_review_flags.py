"""The flags that `mockexam review` had before its verbs: each does what its verb does, and says the new form once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from mockexam.cli import progress_bar
from mockexam.cli.main import cli
from mockexam.cli.review_group import review
from mockexam.store.journal import Journal
from mockexam.store.summaries import SummaryReader
from tests.histories import make_history


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with forty attempts."""
    home = tmp_path_factory.mktemp("home")
    make_history(home, 40)
    return home


def ids(home: Path) -> list[str]:
    return SummaryReader(Journal(home / "records.sqlite3")).attempts()


def data(home: Path, *words: str) -> Any:
    """What a verb of the review prints as JSON."""
    return json.loads(CliRunner(env={"MOCKEXAM_HOME": str(home)}).invoke(cli, ["review", *words, "--json"]).stdout)


@pytest.fixture(scope="module")
def submissions(made: Path) -> list[str]:
    """Of the last attempt's first question."""
    return [one["id"] for one in data(made, "show", "last")["questions"][0]["submissions"]]


@pytest.fixture(scope="module")
def names(made: Path, submissions: list[str]) -> dict[str, str]:
    """What the cases fill in."""
    passed = data(made, "list", "--passed")["attempts"][0]["attempt"]
    return {"first": ids(made)[0], "passed": passed, "submission": submissions[0], "other": submissions[1]}


CASES = {
    "filters": ("--mode exam --sort total", "list --mode exam --sort total"),
    "failed": ("--failed --category image", "list --failed --category image"),
    "compare": ("last --compare {first}", "compare last {first}"),
    "diff": ("--diff {submission} --json", "diff last {submission} --json"),
    "against": ("last --diff {submission} --against {other}", "diff last {submission} --against {other}"),
    "readiness": ("--readiness", "readiness"),
    "html": ("--html page.html --json", "html --out page.html"),
    "html of one": ("last --html page.html --yes", "html last --out page.html --yes"),
    "certificate": ("{passed} --certificate c.html --name Ada", "certificate {passed} --out c.html --name Ada"),
    "regrade": ("nonsense --regrade", "regrade nonsense"),
    "restore": ("last --restore {submission} --into there", "restore last {submission} --into there"),
    "export": ("--export all.zip --no-models", "export --out all.zip --no-models"),
    "export of some": ("--mode exam --export some.zip", "export --out some.zip --mode exam"),
    "import": ("--import no.zip", "import no.zip"),
    "delete": ("last --delete --yes", "delete last --yes"),
    "delete some": ("--mode retry --delete --yes --json", "delete --mode retry --yes --json"),
    "delete unasked": ("last --delete", "delete last"),
    "prune": ("--prune --yes --json", "prune --yes --json"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_flag_does_what_its_verb_does(
    name: str, made: Path, names: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same exit code, same output, same files, same record; and one line more on stderr."""
    monkeypatch.setattr(progress_bar, "DELAY_SECONDS", 600)
    found = []
    for form in CASES[name]:
        room = tmp_path / str(len(found))
        home = shutil.copytree(made, room / "home")
        monkeypatch.chdir(room)
        runner = CliRunner(env={"MOCKEXAM_HOME": str(home)})
        result = runner.invoke(cli, ["review", *form.format(**names).split()])
        written = {str(path.relative_to(room)) for path in room.rglob("*") if path.name != "housekeeping.lock"}
        said = (result.exit_code, str(result.exception).replace(str(room), ""), result.stdout.replace(str(room), ""))
        found.append((said, written, ids(home), result.stderr.replace(str(room), "")))

    (*old, old_errors), (*new, new_errors) = found
    assert old == new
    hint, _, rest = old_errors.partition("\n")
    assert hint == f"The new form is: mockexam review {CASES[name][1].format(**names)}"
    assert rest == new_errors


@pytest.mark.parametrize("words", ["", "--json", "--plain", "last", "last --json", "last --plain"])
def test_short_forms_need_no_hint(words: str, made: Path) -> None:
    """They are part of the new form: `list`, and `show`."""
    runner = CliRunner(env={"MOCKEXAM_HOME": str(made)})
    short = runner.invoke(cli, ["review", *words.split()])
    verb = "show" if "last" in words else "list"
    whole = runner.invoke(cli, ["review", verb, *words.replace("--plain", "").split()])
    assert (short.exit_code, short.stderr) == (whole.exit_code, whole.stderr) == (0, "")
    if "--json" in words:
        assert json.loads(short.stdout).keys() == json.loads(whole.stdout).keys()
    else:
        assert short.stdout == whole.stdout


@pytest.mark.parametrize(
    "words",
    [
        "--delete", "--prune --delete --yes", "last --prune", "last --mode exam", "--name x", "--against x", "--into x",
        "--no-models", "--yes", "--readiness --sort total", "last --import x", "--compare x --diff y", "last last",
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_wrong_usage(words: str, made: Path) -> None:
    """Told in a sentence; nothing is done."""
    result = CliRunner(env={"MOCKEXAM_HOME": str(made)}).invoke(cli, ["review", *words.split()])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def complete(made: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """What the shell offers for the last word."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(made))
    shell = ShellComplete(cli, {}, "mockexam", "_MOCKEXAM_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_the_shell_knows_verbs_attempts_and_submissions(
    made: Path, submissions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old flags and hidden commands are not offered."""
    newest = ids(made)[::-1]
    offered = complete(made, monkeypatch, "review", "")
    assert set(offered) == {*review.commands, "last", *newest} - {"app"}
    assert complete(made, monkeypatch, "review", "exp") == ["export"]
    assert complete(made, monkeypatch, "review", "show", "") == ["last", *newest]
    assert complete(made, monkeypatch, "review", "diff", "last", "q1") == submissions
    assert complete(made, monkeypatch, "review", "diff", "nonsense", "q1") == []
    assert not {"--diff", "--prune"} & set(complete(made, monkeypatch, "review", "--"))
    assert complete(made, monkeypatch, "rev") == ["review"]


def test_no_attempt_is_called_like_a_verb(made: Path) -> None:
    """An id holds a date, and a code is longer or shorter than any verb or holds a dash."""
    assert not {name.lower() for name in ids(made)} & set(review.commands)
    assert all("-" in name for name in ids(made))


@pytest.mark.parametrize("verb", sorted(review.commands))
def test_every_verb_explains_itself(verb: str) -> None:
    """With one example, which is a command line of that verb."""
    result = CliRunner().invoke(cli, ["review", verb, "--help"])
    assert result.exit_code == 0
    if not review.commands[verb].hidden:
        assert result.stdout.count(f"Example: mockexam review {verb}") == 1
