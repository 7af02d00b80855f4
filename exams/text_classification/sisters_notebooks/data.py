"""Notebooks in secret writing: a real novel in a private alphabet, with empty signs between the letters."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NOVEL = Path(__file__).resolve().parent / "novel.gz"
LETTERS = " abcdefghijklmnopqrstuvwxyz"
SIGNS = 32  # the first 27 stand for LETTERS, in an order of their own; the others mean nothing
PAGE = 1000  # signs
LETTERS_A_PAGE = 620  # more than a page needs: the rest is left out
TRAIN_PAGES = 300
HOLDOUT_PAGES = 150
WINDOW = 40
WINDOWS_A_PAGE = 64
GAP_SHARE = 0.4  # letters with empty signs after them
GAP_LENGTH = 2.5


@dataclass(frozen=True)
class World:
    """The sisters' alphabet, and the parts of the novel in an order of chance: first those to hand out."""

    alphabet: tuple[int, ...]
    parts: tuple[int, ...]


def make_world(rng: np.random.Generator) -> World:
    """Draw an alphabet, and which parts of the novel are on which page."""
    count = len(_novel()) // LETTERS_A_PAGE
    parts = rng.permutation(count)[: TRAIN_PAGES + HOLDOUT_PAGES]
    return World(tuple(int(sign) for sign in rng.permutation(len(LETTERS))), tuple(int(part) for part in parts))


def _novel() -> np.ndarray:
    """The novel as positions in LETTERS."""
    codes = np.frombuffer(gzip.decompress(NOVEL.read_bytes()), np.uint8)
    return np.where(codes == ord(" "), 0, codes.astype(np.int64) - ord("a") + 1)


def _page(letters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One page: the signs of these letters, with empty signs after some of them."""
    gaps = np.where(rng.random(len(letters)) < GAP_SHARE, rng.geometric(1 / GAP_LENGTH, len(letters)), 0)
    places = np.arange(len(letters)) + np.cumsum(gaps) - gaps
    page = rng.integers(len(LETTERS), SIGNS, len(letters) + int(gaps.sum()))
    page[places] = letters
    return page[:PAGE]


def _pages(world: World, rng: np.random.Generator, which: slice) -> np.ndarray:
    """Pages, a row each. A page that is too short by chance is written once more."""
    signs = np.array(world.alphabet)[_novel()]
    pages = []
    for part in world.parts[which]:
        page = signs[:0]
        while len(page) < PAGE:
            page = _page(signs[part * LETTERS_A_PAGE : (part + 1) * LETTERS_A_PAGE], rng)
        pages.append(page)
    return np.array(pages, np.int32)


def _windows(pages: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows before these places (a row of them for each page), and the letter that comes next, after empty signs."""
    columns = np.where(pages < len(LETTERS), np.arange(PAGE), PAGE)
    following = np.minimum.accumulate(columns[:, ::-1], axis=1)[:, ::-1]  # the first letter at or after each place
    rows = np.arange(len(pages))[:, None]
    labels = pages[rows, following[rows, ends]]
    windows = pages[rows[:, :, None], ends[:, :, None] - WINDOW + np.arange(WINDOW)]
    return windows.reshape(-1, WINDOW), labels.reshape(-1).astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write pages.csv: a page per row, a sign per column."""
    pages = _pages(world, rng, slice(None, TRAIN_PAGES))
    progress(0.5)
    np.savetxt(folder / "pages.csv", pages, fmt="%d", delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows spread evenly over pages.csv, and the letter that comes next after each."""
    pages = _pages(world, rng, slice(None, TRAIN_PAGES))
    ends = np.linspace(WINDOW, PAGE - 60, 24).astype(int)
    return _windows(pages, np.tile(ends, (len(pages), 1)))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of other pages in the same alphabet, and the letter that comes next after each."""
    pages = _pages(world, rng, slice(TRAIN_PAGES, None))
    ends = [rng.choice(np.arange(WINDOW, PAGE - 60), WINDOWS_A_PAGE, replace=False) for _ in pages]
    return _windows(pages, np.array(ends))
