"""Which attempts the history shows, and in what order."""

from __future__ import annotations

from dataclasses import replace

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.review.selection import Order
from mockexam.tui.widgets.attempt_list import View
from tests.outcomes import outcome, question

EXAM = replace(outcome(question("simple_model", 4), question("time_series", 2)), earned=3, time_used=50.0)
PASSED = replace(outcome(question("simple_model", 5), day=1), earned=5, passed=True, code="9ABC-F2XM", time_used=70.0)
RETRY = replace(outcome(question("time_series", 5), day=40, mode=Mode.RETRY), earned=4, passed=True, time_used=60.0)
ALL = (EXAM, PASSED, RETRY)


def ids(view: View) -> list[str]:
    return [o.attempt for o in view.pick(ALL)]


def test_all_are_shown_newest_first() -> None:
    """And not as filtered."""
    assert ids(View()) == ["a40", "a1", "a0"]
    assert not View().filtered
    assert ids(View().next_order()) == ["a0", "a1", "a40"]


def test_the_keys_go_round() -> None:
    """Each filter comes back to where it began."""
    view = View()
    assert [ids(view := view.next_mode()) for _ in range(3)] == [["a1", "a0"], ["a40"], ["a40", "a1", "a0"]]
    assert [ids(view := view.next_result()) for _ in range(3)] == [["a1"], ["a0"], ["a40", "a1", "a0"]]
    there = ("simple_model", "time_series")
    assert [ids(view := view.next_category(there)) for _ in range(3)] == [["a1", "a0"], ["a40", "a0"], ids(View())]


def test_each_order_starts_with_the_largest() -> None:
    """Then comes the other way round, then the next order; at last the first one again."""
    view = View()
    orders = [ids(view := view.next_order()) for _ in range(6)]
    assert orders[1:5] == [["a1", "a40", "a0"], ["a0", "a40", "a1"], ["a1", "a40", "a0"], ["a0", "a40", "a1"]]
    assert view == View()
    assert View().next_order().next_order().words()[-1] == ("S", "best total first")


def test_equal_totals_stand_newest_first() -> None:
    """A stable order."""
    same: tuple[Outcome, ...] = tuple(replace(o, earned=3) for o in ALL)
    view = View().next_order().next_order()
    assert view.selection.order is Order.TOTAL
    assert [o.attempt for o in view.pick(same)] == ["a40", "a1", "a0"]


def test_words_are_found_in_code_date_and_id() -> None:
    """All of them have to be there, in whatever case."""
    assert ids(View(text="9abc")) == ["a1"]
    assert ids(View(text="A40 2027")) == ["a40"]
    assert ids(View(text="feb")) == ["a40"]
    assert ids(View(text="feb 9abc")) == []
    assert View(text="x").filtered
    assert not View(text="  ").filtered


def test_showing_all_again_keeps_the_order() -> None:
    """Only the filters go."""
    view = View(text="9abc").next_mode().next_order()
    assert view.unfiltered() == View().next_order()
