"""What the keys of the history do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widgets import Input

from mockexam.exam.outcome import Outcome
from mockexam.text.units import size_text
from mockexam.tui.review_view import View
from mockexam.tui.screens.review.housekeeping import Housekeeping
from mockexam.tui.widgets.attempt_list import AttemptList

if TYPE_CHECKING:
    from textual.reactive import var

    from mockexam.review.service import Review
    from mockexam.store.retention import DiskUse
    from mockexam.tui.screens.review.history import Loaded

_NEEDS_AN_ATTEMPT = {"open", "mark", "compare", "readiness", "delete", "export"}
_ZOOMS = ("-zoom-list", "-zoom-overview")
_TWO = "Mark two attempts with space, or one and put the cursor on the other; then press c."


class HistoryActions(Housekeeping):
    """The actions of the history on the attempts that are marked, or on the one under the cursor."""

    loaded: var[Loaded | None]
    view: var[View]

    def __init__(self, review: Review) -> None:
        super().__init__(review)
        self._use: DiskUse | None = None

    def read(self) -> None:
        """Read the record anew."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """What needs an attempt is there only with one."""
        return action not in _NEEDS_AN_ATTEMPT or bool(self.loaded and self.loaded.outcomes)

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """Show the record as it is now."""
        self.query_one(AttemptList).graded.difference_update(deleted)
        self.read()

    def keep_marks(self, there: Iterable[str]) -> None:
        """Forget the marks of attempts that are gone."""
        self.query_one(AttemptList).graded.intersection_update(there)

    @property
    def meant(self) -> tuple[Outcome, ...]:
        """The marked attempts, oldest first; without marks the one under the cursor."""
        attempts = self.query_one(AttemptList)
        if self.loaded is None:
            return ()
        if attempts.graded:
            return tuple(o for o in self.loaded.outcomes if o.attempt in attempts.graded)
        return (attempts.chosen,) if attempts.chosen else ()

    def action_open(self) -> None:
        """Look at one attempt."""
        from mockexam.tui.screens.review.attempt import AttemptScreen

        chosen = self.query_one(AttemptList).chosen
        if chosen is not None:
            self.app.push_screen(AttemptScreen(self.review, chosen.attempt), self._returned)

    def _returned(self, changed: bool | None) -> None:
        if changed:
            self.changed = True
            self.read()

    def action_mark(self) -> None:
        """Mark, or take the mark away."""
        self.query_one(AttemptList).mark()

    def action_compare(self) -> None:
        """Two beside each other, the older one left."""
        from mockexam.tui.screens.review.compare import CompareScreen

        attempts = self.query_one(AttemptList)
        chosen = attempts.chosen
        ids = set(attempts.graded)
        if len(ids) == 1 and chosen is not None:
            ids.add(chosen.attempt)
        assert self.loaded is not None
        pair = [o.attempt for o in self.loaded.outcomes if o.attempt in ids]
        if len(pair) == 2:
            self.app.push_screen(CompareScreen(self.review, pair[0], pair[1]))
        else:
            self.notify(_TWO, markup=False)

    def action_readiness(self) -> None:
        """Would I pass, and what to study."""
        from mockexam.tui.screens.review.readiness import ReadinessScreen

        assert self.loaded is not None
        self.app.push_screen(ReadinessScreen(self.review, self.loaded.outcomes))

    def action_delete(self) -> None:
        """Delete for good."""
        by_attempt = self._use.by_attempt if self._use else {}
        self.ask_delete(self.meant, sum(by_attempt.get(o.attempt, 0) for o in self.meant))

    def action_export(self) -> None:
        """Into an archive."""
        self.ask_export(self.meant)

    def action_import(self) -> None:
        """From an archive."""
        self.ask_import()

    def action_disk(self) -> None:
        """What can go."""
        self.ask_prune()

    def action_page(self) -> None:
        """All attempts as a page."""
        self.ask_page(None)

    def action_mode(self) -> None:
        """Exams, retries, both."""
        self.view = self.view.next_mode()

    def action_passed(self) -> None:
        """Passed, failed, both."""
        self.view = self.view.next_result()

    def action_category(self) -> None:
        """One category after the other."""
        self.view = self.view.next_category(self.loaded.categories if self.loaded else ())

    def action_order(self) -> None:
        """By date, total, time."""
        self.view = self.view.next_order()

    def action_turn(self) -> None:
        """The other way round."""
        self.view = self.view.turned()

    def action_all(self) -> None:
        """No filters."""
        self.query_one("#find", Input).value = ""
        self.view = self.view.unfiltered()

    def action_find(self) -> None:
        """Type what to look for."""
        self.add_class("-finding")
        self.query_one("#find", Input).focus()

    def find(self, text: str) -> None:
        """Show only what has these words."""
        self.view = replace(self.view, text=text)
        self.add_class("-finding")

    def action_back(self) -> None:
        """Out of the field first, then back."""
        field = self.query_one("#find", Input)
        if field.has_focus:
            field.value = ""
            self.query_one(AttemptList).focus()
            self.remove_class("-finding")
        else:
            super().action_back()

    def action_zoom(self) -> None:
        """The list alone, the overview alone, or both."""
        now = next((i for i, name in enumerate(_ZOOMS) if self.has_class(name)), -1)
        self.remove_class(*_ZOOMS)
        if now + 1 < len(_ZOOMS):
            self.add_class(_ZOOMS[now + 1])

    def weigh(self) -> str:
        """What the record takes on the disk, in words. Slow: call it in a thread."""
        use = self._use = self.review.disk()
        kept = f"models {size_text(use.models)} · scripts {size_text(use.scripts)}"
        return f"On disk: record {size_text(use.database)} · {kept} · d frees room"
