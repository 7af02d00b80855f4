"""What users and scripts see of a record and an archive that version 0.1.0 has made."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from mockexam.cli.main import cli
from mockexam.cli.options import LazyCommand
from tests.golden.conftest import FIXTURES, ROOT, Command
from tests.golden.golden import EXPECTED, check_html, check_json, normal

PASSED, FAILED, HINTED, UNTIMED, SHORT, GONE, ALTERED, RUNNING = (
    "20961002", "20961005", "20961008", "20961010", "20961012", "20961014", "20961016", "20961018",
)  # fmt: skip
ENDED = (PASSED, FAILED, HINTED, UNTIMED, SHORT, GONE)


def without_the_records_size(document: Any) -> None:
    """The database may get another layout."""
    document["disk"]["database"] = 0


def without_sizes(text: str) -> str:
    """How small an archive gets depends on the machine's zlib."""
    return re.sub(r"[\d.]+ kB", "<size>", text)


def members(archive: Path) -> dict[str, bytes]:
    """What an archive holds, by name; not which version wrote it."""
    with zipfile.ZipFile(archive) as file:
        held = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(held.pop("manifest.json"))
    manifest["app_version"] = ""
    return {**held, "manifest.json": json.dumps(manifest).encode()}


def test_while_an_attempt_runs(command: Command, old: Path) -> None:
    """Where it stands; of the questions on its paper nothing is told, in earlier attempts neither."""
    command("status", home=old).is_text("running/status.txt")
    command("status", "--json", home=old).is_json("running/status.json")
    for name, attempt in {"running": RUNNING, "ended": HINTED, "altered": ALTERED}.items():
        command("review", attempt, "--plain", home=old).is_text(f"running/review-{name}.txt")
        command("review", attempt, "--json", home=old).is_json(f"running/review-{name}.json")
    command("review", "--json", home=old).is_json("running/review.json", without_the_records_size)
    said = command("review", "--mode", "exam", "--failed", "--sort", "total", "--plain", home=old)
    said.is_text("running/review-failed-exams.txt")


def test_all_attempts(command: Command, taken_in: Path) -> None:
    """The list, filtered and whole, and how ready one is."""
    command("review", "--plain", home=taken_in).is_text("review/all.txt")
    command("review", "--json", home=taken_in).is_json("review/all.json", without_the_records_size)
    command("review", "--category", "series", "--json", home=taken_in).is_json(
        "review/series.json", without_the_records_size
    )
    command("review", "--readiness", home=taken_in).is_text("review/readiness.txt")
    command("review", "--readiness", "--json", home=taken_in).is_json("review/readiness.json")
    command("status", "--json", home=taken_in).is_json("review/status.json")


@pytest.mark.parametrize("attempt", ENDED)
def test_an_attempt(command: Command, taken_in: Path, attempt: str) -> None:
    """All that is on record of it."""
    command("review", attempt, "--plain", home=taken_in).is_text(f"review/{attempt}.txt")
    command("review", attempt, "--json", home=taken_in).is_json(f"review/{attempt}.json")


def test_side_by_side(command: Command, taken_in: Path) -> None:
    """Two attempts, and two scripts."""
    compared = ("review", PASSED, "--compare", FAILED)
    command(*compared, home=taken_in).is_text("review/compare.txt")
    command(*compared, "--json", home=taken_in).is_json("review/compare.json")
    document = json.loads(command("review", FAILED, "--json", home=taken_in).out)
    old, new = [one["id"] for one in document["questions"][0]["submissions"]]
    for name, more in {"reference": (), "another": ("--against", new)}.items():
        compared = ("review", FAILED, "--diff", old, *more)
        command(*compared, home=taken_in).is_text(f"review/diff-{name}.txt")
        command(*compared, "--json", home=taken_in).is_json(f"review/diff-{name}.json")


@pytest.mark.parametrize(
    ("name", "words"),
    {
        "history": ("--html", "PAGE"),
        "exam": (FAILED, "--html", "PAGE"),
        "retry": (HINTED, "--html", "PAGE"),
        "certificate": (PASSED, "--certificate", "PAGE", "--name", "Zoë Ångström"),
    }.items(),
)
def test_pages(command: Command, taken_in: Path, tmp_path: Path, name: str, words: tuple[str, ...]) -> None:
    """Whole documents."""
    page = tmp_path / "page.html"
    said = command("review", *(str(page) if word == "PAGE" else word for word in words), home=taken_in)
    said.is_text(f"html/{name}.txt")
    style = "html/certificate.css" if name == "certificate" else "html/style.css"
    check_html(f"html/{name}.html", normal(page.read_text(encoding="utf-8"), root=ROOT), style)


def test_storage(command: Command, taken_in: Path, tmp_path: Path) -> None:
    """What is written into files and taken away again; the same attempts make the same archive."""
    archive, again = tmp_path / "again.zip", tmp_path / "other"
    command("review", "--export", str(archive), home=taken_in).is_text("storage/export.txt", without_sizes)
    assert members(archive) == members(FIXTURES / "attempts.zip")
    words = ("review", "--export", str(tmp_path / "small.zip"), "--no-models", "--json")
    command(*words, home=taken_in).is_json("storage/export.json", lambda document: document.update(bytes=0))
    command("review", "--import", str(archive), home=again).is_text("storage/import.txt")
    command("review", "--import", str(archive), "--json", home=again).is_json("storage/import-again.json")
    into = tmp_path / "into"
    command("review", PASSED, "--restore", "q2-1c", "--into", str(into), home=again).is_text("storage/restore.txt")
    command("review", "--prune", home=again).is_text("storage/prune-unasked.txt")
    command("review", "--prune", "--yes", "--json", home=again).is_json("storage/prune.json")
    command("review", FAILED, "--delete", home=again).is_text("storage/delete-unasked.txt")
    command("review", FAILED, "--delete", "--yes", home=again).is_text("storage/delete.txt")
    command("review", "--mode", "retry", "--delete", "--yes", "--json", home=again).is_json("storage/delete.json")


def test_the_bank(command: Command, tmp_path: Path) -> None:
    """Exams and questions, one question."""
    command("bank", "list", home=tmp_path).is_text("bank/list.txt")
    command("bank", "list", "--json", home=tmp_path).is_json("bank/list.json")
    command("bank", "show", "mill_pond", home=tmp_path).is_text("bank/show.txt")
    command("bank", "show", "ferry_deck", "--json", home=tmp_path).is_json("bank/show.json")


def test_errors(command: Command, tmp_path: Path) -> None:
    """A reported error and a wrong usage, with their exit codes."""
    command("review", "nowhere", "--plain", home=tmp_path).is_text("errors/no-attempt.txt")
    command("review", "--delete", home=tmp_path).is_text("errors/usage.txt")
    command("finish", "--yes", home=tmp_path).is_text("errors/finish.txt")
    command("retry", "nothing", "--plain", "--yes", home=tmp_path).is_text("errors/category.txt")


def test_help(command: Command, tmp_path: Path) -> None:
    """Of every command that there is."""

    def visit(group: click.Command, words: tuple[str, ...]) -> None:
        command(*words, "--help", home=tmp_path).is_text(f"help/{'-'.join(['mockexam', *words])}.txt")
        if isinstance(group, click.Group):
            for name, one in group.commands.items():
                visit(one.load() if isinstance(one, LazyCommand) else one, (*words, name))

    visit(cli, ())


def test_the_schema() -> None:
    """Of the review's documents, as a script would validate them; the golden ones keep to it."""
    schema = json.loads((ROOT / "docs" / "review.schema.json").read_text(encoding="utf-8"))
    check_json("review.schema.json", schema)
    check = jsonschema.Draft202012Validator(schema)
    documents = [path for path in (EXPECTED / "review").glob("*.json") if path.name != "status.json"]
    assert documents
    for path in documents:
        check.validate(json.loads(path.read_text(encoding="utf-8")))
