"""Random numbers of a paper: each world, question and purpose has its own, and the same ones each time."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeGuard, cast

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Purpose = Literal["world", "train", "holdout"]


class DataMaker(Protocol):
    """What a question's `data.py` offers."""

    def make_world(self, rng: np.random.Generator) -> Any:
        """The numbers that this paper's story has."""

    def write_train(
        self, data_seed: Any, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]
    ) -> None:
        """Write the candidate's files into an empty folder."""

    def make_holdout(self, data_seed: Any, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Features (n, *input shape) and labels (n, ...)."""


class TrainMaker(DataMaker, Protocol):
    """A data maker that also gives the training samples as the marker would feed them; not every pack's does."""

    def make_train(self, data_seed: Any, rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """As `make_holdout`, for the very samples that `write_train` writes with the same random numbers."""


def seed_of(data_seed: str, question: str, purpose: Purpose, holdout_seed: str = "") -> int:
    """A 256-bit seed: SHA-256 over the four parts, each ended by a zero byte."""
    parts = (data_seed, question, purpose, holdout_seed)
    return int.from_bytes(hashlib.sha256(b"".join(p.encode() + b"\0" for p in parts)).digest(), "big")


def rng_for(data_seed: str, question: str, purpose: Purpose, holdout_seed: str = "") -> np.random.Generator:
    """The random numbers for a purpose; `secret` takes part in the hold-out alone."""
    import numpy as np

    return np.random.default_rng(seed_of(data_seed, question, purpose, holdout_seed))


def load_maker(folder: Path) -> DataMaker:
    """The data maker in a question's folder. Raises what its module raises, and AttributeError if it lacks a part."""
    name = f"mockexam_data_{folder.parent.name}_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, folder / "data.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder / 'data.py'} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    for part in ("make_world", "write_train", "make_holdout"):
        if not callable(getattr(module, part, None)):
            raise AttributeError(f"data.py has no function {part}")
    return cast("DataMaker", module)


def gives_train(maker: DataMaker) -> TypeGuard[TrainMaker]:
    """Whether it gives the training samples too."""
    return callable(getattr(maker, "make_train", None))
