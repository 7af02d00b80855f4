"""`mockexam bank handout`: a folder or a zip for each student of a class, and the list that `grade` takes back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.bank.papers import exam_pool
from mockexam.bank.screening import Screening
from mockexam.batch.discovery import HANDOUT_LIST
from mockexam.batch.handout import Handout, HandoutItem, hand_out, is_exam, items_of, students_of
from mockexam.batch.job import grade_data_seed
from mockexam.batch.lists import read_students
from mockexam.cli.grade_many import refuse_during_exam
from mockexam.cli.options import complete_question, fetch_data, json_option, run_with_grader
from mockexam.cli.progress_bar import delayed_progress
from mockexam.errors import UserError
from mockexam.text.formats import plural
from mockexam.workspace.interpreter import shell_word
from mockexam.workspace.scripts import printable


@click.command()
@click.argument("names", metavar="EXAM|QUESTION...", nargs=-1, required=True, shell_complete=complete_question)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new folder for all of it.")
@click.option("--students", type=click.Path(path_type=Path), help="A CSV file with the students in a column `name`.")
@click.option(
    "--count",
    type=click.IntRange(1, 1000),
    help="Instead of --students: this number of students, named student-01, ...",
)
@click.option("--seed", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Seed of the data.")
@click.option("--own-data", is_flag=True, help="Give each student data of their own.")
@click.option("--zip", "zipped", is_flag=True, help="Make a zip for each student, not a folder.")
@json_option
def handout(
    names: tuple[str, ...],
    folder: Path,
    students: Path | None,
    count: int | None,
    seed: int,
    own_data: bool,
    zipped: bool,
    as_json: bool,
) -> None:
    """Hand out questions to a class.

    Makes a folder or a zip for each student, with brief, stub and data of the questions, and the list that
    `mockexam grade` takes back. For an EXAM, the seed also draws the questions, the same for all. If you interrupt
    it, run the same command again to continue.

    Example: mockexam bank handout ballast_car --students class.csv --seed 7 --to course
    """
    if (students is None) == (count is None):
        raise click.UsageError("Add either --students FILE or --count N.")
    about = read_students(students.expanduser()) if students else {}
    people = tuple(about) or _numbered(count or 0)
    items = _to_hand_out(names, seed)
    planned = Handout(
        folder.expanduser().absolute(), items, students_of(people, seed, own_data=own_data), own_data, zipped, about
    )
    fetch_data(item.question for item in items)
    progress = delayed_progress()
    try:
        run_with_grader(
            lambda grader: hand_out(
                planned,
                lambda name, data_seed, into, told: grader.make_data(
                    name, data_seed=data_seed, folder=into, progress=told
                ),
                progress,
            )
        )
    except KeyboardInterrupt:
        progress.stop()
        click.echo("What is made so far stays; run the same command again to continue.", err=True)
        raise
    progress.stop()
    if as_json:
        rows = [{"name": one.name, "folder": one.folder, "seed": one.seed} for one in planned.students]
        found = {"folder": str(planned.folder), "list": str(planned.folder / HANDOUT_LIST), "students": rows}
        click.echo(json.dumps({**found, "questions": [item.question.id for item in items]}))
        return
    click.echo("\n".join(_handed_out(planned)))


def _numbered(count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"student-{number:0{width}}" for number in range(1, count + 1)]


def _to_hand_out(names: tuple[str, ...], seed: int) -> tuple[HandoutItem, ...]:
    """The questions to hand out, none that a running exam guards. Raises UserError."""
    bank = load_bank()
    if len(names) == 1 and is_exam(bank, names[0]):
        pool = exam_pool(bank, bank.exam(names[0]).exam)
        bank = bank.without(Screening(paths.state_paths().screening_cache).faults(pool, delayed_progress()))
    items = items_of(bank, names, seed)
    for item in items:
        if refuse_during_exam(item.question.id, grade_data_seed(seed)):
            raise UserError(
                "This question is on the paper of the running exam.",
                location=item.question.id,
                hint="Hand it out when the exam has ended.",
            )
    return items


def _handed_out(handout: Handout) -> list[str]:
    """What was made, and how to take it back."""
    first, item = handout.students[0], handout.items[0]
    data = "different data for each" if handout.own_data else f"the same data for all (seed {first.seed})"
    received = handout.folder / first.folder / item.folder
    return [
        f"{plural(len(handout.students), 'student')}, {plural(len(handout.items), 'question')}, {data}:",
        *(f"  {one.folder}  {one.question.id}" for one in handout.items),
        f"Hand out: {printable(str(handout.place(first)))} and the others beside it. Keep {HANDOUT_LIST} to yourself.",
        f"When the models are back, put them into the same folders, such as {printable(str(received))}. Then:",
        f"  mockexam grade {printable(shell_word(str(handout.folder / HANDOUT_LIST)))} --csv marks.csv",
    ]
