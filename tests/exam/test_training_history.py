"""What a training's values say, and the bounds in which they are recorded."""

from __future__ import annotations

import pytest

from mockexam.exam import events as ev
from mockexam.exam.training_history import (
    MOST_FITS,
    MOST_POINTS,
    FitHistory,
    TrainingHistory,
    is_sound,
    main_fit,
    to_record,
)
from mockexam.text import formats
from tests.factories import FakeClock


def fit(loss: list[float], val_loss: list[float] | None = None, planned: int = 0) -> FitHistory:
    count = len(loss)
    series: dict[str, tuple[float | None, ...]] = {"loss": tuple(loss)}
    if val_loss:
        series["val_loss"] = tuple(val_loss)
    return FitHistory(planned or count, tuple(range(1, count + 1)), (1.0,) * count, series)


FALLING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


def test_the_gap_opens_after_the_best_epoch() -> None:
    """val_loss was best at epoch 3 and has not improved for 5 epochs, while loss fell."""
    made = fit(FALLING, [1.0, 0.9, 0.7, 0.75, 0.8, 0.9, 0.95, 1.0])
    assert (made.best_epoch, made.best_value, made.stale_epochs, made.gap_opens) == (3, 0.7, 5, 4)
    assert formats.training((made,)) == "8 epochs, best val_loss 0.7 at epoch 3, overfits from epoch 4"


@pytest.mark.parametrize(
    "made",
    [
        fit(FALLING, [1.0, 0.9, 0.8, 0.7, 0.6, 0.55, 0.56, 0.57]),  # too early to say
        fit([0.5] * 8, [1.0, 0.9, 0.7, 0.75, 0.8, 0.9, 0.95, 1.0]),  # the loss does not fall
        fit(FALLING),  # nothing to compare with
        fit(FALLING * 8, [0.6] * 60 + [0.5, 0.6, 0.6, 0.6]),  # a short pause of a long training
    ],
)
def test_no_gap_where_nothing_shows_one(made: FitHistory) -> None:
    """A gap is a claim: it needs a loss that falls and a val_loss that has stopped improving for a while."""
    assert made.gap_opens is None


def test_without_val_loss_the_loss_decides() -> None:
    """An early stop is told by the planned number."""
    assert (fit(FALLING).best_epoch, fit(FALLING).judged_by) == (8, "loss")
    assert formats.training((fit(FALLING, planned=50),)) == "8 epochs of 50, best loss 0.1 at epoch 8"
    assert formats.training(()) == ""


def test_a_fit_that_has_just_begun_does_not_stand_for_the_model() -> None:
    """The model was saved after the fit before it."""
    assert main_fit((fit(FALLING), fit([0.3]))) == 0
    assert main_fit((fit([0.3]), fit([0.2]))) == 1


def test_the_record_is_bounded() -> None:
    """GIVEN 5,000 epochs and 50 fits THEN 200 points of 20 fits in 5 digits stay, the best epoch and both ends too."""
    loss = [2.0 - n / 5000 for n in range(5000)]
    loss[1234] = 0.0123456789
    long = fit(loss)
    kept = to_record(TrainingHistory((fit([1.0]),) * 49 + (long,)))
    assert len(kept) == MOST_FITS
    assert is_sound(kept)
    last = kept[-1]
    assert len(last.epochs) <= MOST_POINTS
    assert {1, 1235, 5000} <= set(last.epochs)
    assert last.best_value == 0.012346
    assert last.planned == 5000


def test_what_is_no_sound_record() -> None:
    """Series of another length, epochs out of order, nothing at all."""
    good = fit([1.0, 2.0])
    assert is_sound((good,))
    for bad in (
        FitHistory(2, (1, 2), (1.0, 1.0), {"loss": (1.0,)}),
        FitHistory(2, (2, 1), (1.0, 1.0), {}),
        FitHistory(2, (0, 1), (1.0, 1.0), {}),
        FitHistory(2, (1, 2), (1.0,), {}),
        FitHistory(2, (), (), {}),
    ):
        assert not is_sound((good, bad))


def test_an_event_comes_back_from_its_fields() -> None:
    """Tuples and missing values included."""
    event = ev.TrainingRecorded(at=FakeClock().now, submission="q1-aa", fits=(fit([1.0, 0.5], [0.4, 0.3]),))
    assert ev.from_fields("trained", ev.to_fields(event)) == event
    with pytest.raises(ValueError, match="does not fit"):
        ev.from_fields("trained", {**ev.to_fields(event), "fits": [{"planned": 1}]})
