"""From a folder or a list to what is to be marked: which model, which question, on whose numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.screening import signature
from mockexam.batch.discovery import SUFFIXES, LeftOut, ListRow, read_list, search
from mockexam.batch.job import Item, secret_of, world_of_seed
from mockexam.batch.results import as_text
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.workspace.layout import find_workspace, model_format

_SHOWN = 10
_LENGTH = 200


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What is to be marked."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...] = ()
    others: int = 0
    """How many models there are of other questions than the one that was asked for."""


def is_many(target: Path) -> bool:
    """Whether a path stands for many models: a folder that is none itself, or a list of them."""
    if target.is_dir():
        return model_format(target) is None
    return target.suffix.lower() in SUFFIXES


def plan(target: Path, question: str | None, seed: int | None, secret: str | None = None) -> BatchPlan:
    """What a folder or a list asks for. Raises UserError: nothing there, unknown question, missing file, same name."""
    bank = load_bank()
    asked = bank.question(question) if question else None
    made = _Planner(bank, asked, seed, secret_of(seed or 0, secret))
    top = target.expanduser().absolute()
    return made.folder(top) if top.is_dir() else made.list(top)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the folder around a model tells."""

    world: str
    """The numbers that it was trained on."""
    question: Question | None = None
    hindrance: str = ""


class _Planner:
    """Makes items; looks at each question once."""

    def __init__(self, bank: Bank, asked: Question | None, seed: int | None, secret: str) -> None:
        self._bank = bank
        self._asked = asked
        self._seed = seed
        self._secret = secret
        self._editions: dict[str, str] = {}

    def folder(self, top: Path) -> BatchPlan:
        """Each model below a folder is one item, unless it lies in a workspace, at another question."""
        found = search(top)
        places = [self._place(model.path) for model in found.models]
        homeless = [
            model.relative
            for model, place in zip(found.models, places, strict=True)
            if self._asked is None and place.question is None and not place.hindrance
        ]
        if homeless:
            raise _which_question(top, homeless)
        items = tuple(
            self._item(model.relative, model.path, model.format, place.question or self._asked, place)
            for model, place in zip(found.models, places, strict=True)
            if place.question in (None, self._asked) or self._asked is None
        )
        if not items:
            raise UserError("All models there are of other questions.", location=str(top), hint="Leave --question out.")
        return BatchPlan(items, found.left_out, len(found.models) - len(items))

    def list(self, path: Path) -> BatchPlan:
        """Each row of a list is one item."""
        rows = read_list(path)
        models = [Path(path.parent, _expanded(row.model)) for row in rows]
        _check_there(path, rows, models)
        items = tuple(self._row(path, row, model) for row, model in zip(rows, models, strict=True))
        _check_names(path, rows, items)
        return BatchPlan(items)

    def _row(self, path: Path, row: ListRow, model: Path) -> Item:
        form = model_format(model)
        assert form is not None  # checked before
        place = self._place(model)
        question = self._named(row, path) or self._asked or place.question
        if question is None and not place.hindrance:
            raise _which_question(path, [f"{row.model} ({row.where})"])
        return self._item(row.name, model, form, question, place)

    def _named(self, row: ListRow, path: Path) -> Question | None:
        try:
            return self._bank.question(row.question) if row.question else None
        except UserError as error:
            raise UserError(error.message, location=f"{path}, {row.where}", hint=error.hint) from None

    def _place(self, model: Path) -> _Place:
        """As `mockexam grade MODEL` sees it: the paper of the workspace around it, unless a seed is asked for."""
        ours = world_of_seed(self._seed or 0)
        try:
            found = find_workspace(model)
            question = self._bank.question(found.question) if found and found.question else None
        except UserError as error:
            known = self._asked is not None and self._seed is not None
            return _Place(ours, hindrance="" if known else error.message)
        return _Place(found.code if found and self._seed is None else ours, question)

    def _item(self, name: str, path: Path, form: ModelFormat, question: Question | None, place: _Place) -> Item:
        if question is not None and question.id not in self._editions:
            self._editions[question.id] = signature(question)
        return Item(
            name=as_text(name),
            path=path,
            format=form,
            question=question.id if question else "",
            fingerprint=question.fingerprint if question else "",
            edition=self._editions[question.id] if question else "",
            world=place.world,
            seed=self._seed or 0,
            secret=self._secret,
            hindrance=place.hindrance or _unspeakable(path),
        )


def _unspeakable(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "Its path holds bytes that are no text: rename it."
    return ""


def _expanded(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~ of a user who is not known
        return Path(model)


def _format(model: Path) -> ModelFormat | None:
    """As `model_format`; None for what can't be there, such as a name that is too long."""
    try:
        return model_format(model)
    except OSError:
        return None


def _check_there(path: Path, rows: Sequence[ListRow], models: Sequence[Path]) -> None:
    missing = [row for row, model in zip(rows, models, strict=True) if _format(model) is None]
    if not missing:
        return
    shown = [f"{row.where}: {as_text(row.model[:_LENGTH])}" for row in missing[:_SHOWN]]
    if len(missing) > _SHOWN:
        shown.append(f"and {len(missing) - _SHOWN} more")
    raise UserError(
        f"{len(missing)} of {len(rows)} are no saved models, or are not there: {'; '.join(shown)}.",
        location=str(path),
        hint="Paths are relative to the list's folder. Correct them, or delete those rows.",
    )


def _check_names(path: Path, rows: Sequence[ListRow], items: Sequence[Item]) -> None:
    """Two results of one name and question could not be told apart; a question can be written in several ways."""
    seen: dict[tuple[str, str], ListRow] = {}
    for row, item in zip(rows, items, strict=True):
        before = seen.setdefault((item.name, item.question), row)
        if before is not row:
            raise UserError(
                f"The name {item.name!r} stands there twice for the same question.",
                location=f"{path}, {before.where} and {row.where}",
                hint="Give each its own name in the column `name`, or delete one.",
            )


def _which_question(where: Path, models: Sequence[str]) -> UserError:
    more = f" and {len(models) - 1} more" if len(models) > 1 else ""
    return UserError(
        f"Which question does {as_text(models[0])}{more} answer?",
        location=str(where),
        hint="Name one with --question, or in the list; `mockexam bank list` shows all.",
    )
