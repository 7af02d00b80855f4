"""Files that are almost models: none ends the marker, none hangs it, and none gets marks that it would not earn."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from mockexam.exam.events import ModelFormat
from tests.fuzz import case, heldout
from tests.fuzz.case import Case
from tests.fuzz.direct import ENDED, outcome_of, wrong_with
from tests.fuzz.heldout import HeldOut
from tests.fuzz.marker import Marker
from tests.fuzz.material import CANARY
from tests.fuzz.resident import House
from tests.shared import made_once

COUNT = 300
"""Mutations a format; `make fuzz` takes 10,000, and all of them on the whole way."""
LOADED = 10
"""One in so many is loaded if the gate lets it through: most of the time goes there."""
WHOLE_WAY = 2
"""So many of them are marked by the whole marker, besides the first that ended the process it was loaded in."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A process with TensorFlow."""
    with House() as made:
        yield made


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory, house: House) -> Path:
    """The honest models."""
    return made_once(tmp_path_factory, "models-to-mutate", lambda folder: house.ask("make_seeds", folder=str(folder)))


@pytest.fixture(scope="module")
def heldouts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, HeldOut]:
    """Their hold-outs."""
    return heldout.draw(tmp_path_factory.mktemp("heldouts"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def marker(tmp_path_factory: pytest.TempPathFactory, heldouts: Mapping[str, HeldOut]) -> AsyncIterator[Marker]:
    """A real marker."""
    async with Marker(tmp_path_factory.mktemp("marker"), heldouts) as made:
        await made.grader.warm_up()
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", case.FORMATS)
async def test_no_mutation_gets_marks_it_would_not_earn(
    kind: ModelFormat, seeds: Path, heldouts: Mapping[str, HeldOut], house: House, marker: Marker, tmp_path: Path
) -> None:
    """Whatever is answered is what TensorFlow answers by itself; the rest is refused, and the marker stands."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    whole_way: list[Case] = []
    for number in range(COUNT):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = case.make(kind, number, seeds, folder)
        outcome = outcome_of(made, heldouts[made.base], house, load=number % LOADED == 0)
        if told := wrong_with(made, outcome):
            wrong.append(f"{made}: {outcome}: {told}")
        if number < WHOLE_WAY or (outcome.startswith(ENDED) and outcomes.keys().isdisjoint(ENDED)):
            whole_way.append(made)
        else:
            shutil.rmtree(folder)
        outcomes[outcome.partition(" ")[0].rstrip(":")] += 1
    # Last, when the marker has become warm meanwhile.
    wrong += [str(seen) for seen in [await marker.see(made) for made in whole_way] if seen.wrong]
    assert not wrong, "\n".join(wrong)
    assert not Path(CANARY).exists()
    # Mutations that are all refused, or none, would show nothing.
    assert outcomes["alike"] > COUNT / LOADED * 0.1, outcomes
    assert outcomes["refused"] + outcomes["failed"] > COUNT * 0.1, outcomes


def test_the_honest_models_are_answered_alike(seeds: Path, heldouts: Mapping[str, HeldOut], house: House) -> None:
    """What is mutated is good before."""
    for kind in case.FORMATS:
        for path in sorted(seeds.glob(f"*{case.SUFFIXES[kind]}") if case.SUFFIXES[kind] else seeds.glob("[a-z]*")):
            if path.is_dir() == (kind == "saved_model"):
                held = heldouts[path.stem]
                told = house.ask("marked", path=str(path), kind=kind, features=str(held.few), values=held.values)
                assert told == "alike", path


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
