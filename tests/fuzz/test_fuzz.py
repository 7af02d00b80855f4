"""Files that are almost models: none ends the grader, none hangs it, and none gets marks that it would not earn."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mockexam.exam.events import ModelFormat
from tests.fuzz import case, heldout
from tests.fuzz.checked_grader import CheckedGrader
from tests.fuzz.direct import outcome_of, wrong_with
from tests.fuzz.heldout import HeldOut
from tests.fuzz.material import CANARY
from tests.fuzz.tensorflow_client import TensorFlowProcess
from tests.shared import made_once

COUNT = 150
"""Mutations a format; `make fuzz` takes 10,000, and all of them on the whole way."""
LOADED = 20
"""One in so many is loaded if the gate lets it through: most of the time goes there."""
WHOLE_WAY = 40
"""So many a format are graded by the whole grader in the slow run."""


@pytest.fixture(scope="module")
def process() -> Iterator[TensorFlowProcess]:
    """A process with TensorFlow."""
    with TensorFlowProcess() as made:
        yield made


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory, process: TensorFlowProcess) -> Path:
    """The honest models."""

    def make(folder: Path) -> None:
        assert process.ask("make_seeds", folder=str(folder)) == "made"

    return made_once(tmp_path_factory, "models-to-mutate", make)


@pytest.fixture(scope="module")
def heldouts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, HeldOut]:
    """Their hold-outs."""
    return heldout.draw(tmp_path_factory.mktemp("heldouts"))


@pytest.mark.parametrize("kind", case.FORMATS)
def test_no_mutation_is_answered_that_would_not_be_by_tensorflow_itself(
    kind: ModelFormat, seeds: Path, heldouts: Mapping[str, HeldOut], process: TensorFlowProcess, tmp_path: Path
) -> None:
    """Whatever is answered is what TensorFlow answers by itself; the rest is refused, and the gate never fails."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(COUNT):
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            made = case.make(kind, number, seeds, Path(folder))
            outcome = outcome_of(made, heldouts[made.base], process, load=number % LOADED == 0)
        outcomes[outcome.partition(" ")[0].rstrip(":")] += 1
        if why := wrong_with(made, outcome):
            wrong.append(f"{made}: {outcome}: {why}")
    assert not wrong, "\n".join(wrong)
    assert not Path(CANARY).exists()
    # Mutations that are all refused, or none, would show nothing.
    assert outcomes["alike"] > COUNT / LOADED * 0.1, outcomes
    assert outcomes["refused"] + outcomes["failed"] > COUNT * 0.1, outcomes


@pytest.mark.slow
@pytest.mark.parametrize("kind", case.FORMATS)
async def test_no_mutation_ends_the_grader(
    kind: ModelFormat, seeds: Path, heldouts: Mapping[str, HeldOut], tmp_path: Path
) -> None:
    """On the whole way each has its verdict, in time, and marks only if a bare process comes to the same."""
    wrong: list[str] = []
    async with CheckedGrader(tmp_path, heldouts) as grader:
        for number in range(WHOLE_WAY):
            with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
                seen = await grader.see(case.make(kind, number, seeds, Path(folder)))
            if seen.wrong:
                wrong.append(f"{seen.case}: {seen.outcome}: {seen.wrong}")
    assert not wrong, "\n".join(wrong)
    assert not Path(CANARY).exists()


def test_the_honest_models_are_answered_alike(
    seeds: Path, heldouts: Mapping[str, HeldOut], process: TensorFlowProcess
) -> None:
    """What is mutated is good before."""
    for kind in case.FORMATS:
        for path in sorted(seeds.glob(f"*{case.SUFFIXES[kind]}") if case.SUFFIXES[kind] else seeds.glob("[a-z]*")):
            if path.is_dir() == (kind == "saved_model"):
                held = heldouts[path.stem]
                outcome = process.ask("graded", path=str(path), kind=kind, features=str(held.few), values=held.values)
                assert outcome == "alike", path


def test_the_predictor_draws_no_random_values_before_a_file_s_own(seeds: Path, process: TensorFlowProcess) -> None:
    """Keras promises nothing about the method where it makes them; if it moves, large models merely load slower."""
    for name in ("line", "image"):
        assert process.ask("unread_kernels", path=str(seeds / f"{name}.keras")) == "zeros"


def test_the_same_number_is_the_same_file(seeds: Path, tmp_path: Path) -> None:
    """So that what went wrong can be made again."""
    for kind in case.FORMATS:
        for number in range(8):
            contents = []
            for name in ("one", "two"):
                folder = tmp_path / f"{kind}{number}{name}"
                folder.mkdir()
                made = case.make(kind, number, seeds, folder)
                files = sorted(p for p in [made.path, *made.path.rglob("*")] if p.is_file() and not p.is_symlink())
                contents.append([(p.relative_to(folder), p.read_bytes()) for p in files])
            # HDF5 writes the time into what it changes.
            assert contents[0] == contents[1] or kind == "h5"
