"""All models that were received of a question: which counts, and a way back to each of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mockexam.errors import UserError
from mockexam.tui.screens.modal import Ask, Modal
from mockexam.tui.submission_rows import Row, heading, prompt, rows_of

if TYPE_CHECKING:
    from mockexam.review.script_diff import DiffLine
    from mockexam.session.ports import ExamSessionPort, Snapshot
    from mockexam.tui.app import MockexamApp


class SubmissionsScreen(Modal[str | None]):
    """Newest first; closes with the id of the submission that is to be put back."""

    CSS_PATH = "submissions.tcss"
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "changes", "What changed"),
        Binding("escape,q,m", "close", "Close", key_display="esc"),
    ]

    app: MockexamApp
    rows: var[tuple[Row, ...]] = var(())

    def __init__(self, session: ExamSessionPort, number: int) -> None:
        super().__init__()
        self._session = session
        self._number = number

    def compose(self) -> ComposeResult:
        """The list, and what was told of the chosen one."""
        with Vertical(id="box") as box:
            box.border_title = f"Question {self._number}: models received"
            box.border_subtitle = "enter Put back · d What changed since · esc Back"
            yield Static("", id="columns")
            yield OptionList(id="submissions", markup=False)
            yield Static("", id="told-of", markup=False)

    def on_mount(self) -> None:
        """Show what there is, and what comes in meanwhile."""
        self.watch(self.app, "snapshot", self._look, init=False)
        self._look(self._session.snapshot)

    def _look(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            question = next(q for q in snapshot.attempt.questions if q.item.number == self._number)
            self.rows = rows_of(question, snapshot)

    def watch_rows(self, before: tuple[Row, ...], rows: tuple[Row, ...]) -> None:
        """Draw; the chosen one stays chosen."""
        if not self.children:
            return
        table = self.query_one(OptionList)
        at = table.highlighted
        chosen = before[at].id if at is not None and at < len(before) else None
        table.set_options(Option(line, id=row.id) for row, line in zip(rows, self._prompts(), strict=True))
        if rows:
            table.highlighted = next((i for i, row in enumerate(rows) if row.id == chosen), 0)
        self._draw()

    def on_resize(self) -> None:
        """The columns end where the box does."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        empty = "Nothing was received of this question yet."
        self.query_one("#columns", Static).update(heading(self._width) if self.rows else empty)
        for index, line in enumerate(self._prompts()):
            self.query_one(OptionList).replace_option_prompt_at_index(index, line)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Move the sign, and tell all of it."""
        event.stop()
        self._draw()
        row = self._chosen
        if row is not None:
            self.query_one("#told-of", Static).update(row.told)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask, then close with it."""
        event.stop()
        row = self._chosen
        if row is None:
            return
        what = f"{row.name} and the scripts kept with it" if row.scripts else f"{row.name}; no script was kept with it"
        lines = [
            f"Submission {row.place}, {row.verdict}: {what}.",
            "",
            "What lies in the question's folder and differs is moved aside first, to a name that ends in .bak-1, -2, …",
            *row.warning,
        ]

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(row.id)

        ask = Ask("Put it back into the question's folder?", lines, yes="Put back", no="Leave it")
        self.app.push_screen(ask, answered)

    def action_changes(self) -> None:
        """Compare its scripts with those that lie in the folder now."""
        row = self._chosen
        if row is not None:
            self.run_worker(self._compare(row), group="changes", exclusive=True)

    async def _compare(self, row: Row) -> None:
        from mockexam.tui.screens.changes import ChangesScreen

        try:
            lines = await asyncio.to_thread(self._changes, row)
        except UserError as error:
            self.app.tell(error)
            return
        if self.is_current:
            self.app.push_screen(ChangesScreen(f"Since submission {row.place}", lines))

    def _changes(self, row: Row) -> tuple[DiffLine, ...]:
        from mockexam.review.script_diff import as_lines, diff_scripts

        kept = self._session.scripts(self._number, row.id)
        if not kept:
            raise UserError(
                "No script was kept with this model.",
                hint="Keep the .py file in the question's folder while you work.",
            )
        return as_lines(diff_scripts(kept, self._session.scripts(self._number)))

    def action_close(self) -> None:
        """Back with nothing done."""
        self.dismiss(None)

    @property
    def _chosen(self) -> Row | None:
        at = self.query_one(OptionList).highlighted
        return self.rows[at] if at is not None and at < len(self.rows) else None

    @property
    def _width(self) -> int:
        return self.query_one(OptionList).scrollable_content_region.width or 60

    def _prompts(self) -> list[Content]:
        chosen = self.query_one(OptionList).highlighted
        return [prompt(row, self._width, chosen=index == chosen) for index, row in enumerate(self.rows)]
