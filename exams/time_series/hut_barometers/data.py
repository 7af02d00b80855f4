"""Air pressure at mountain huts, as old barometers of four makers show it: each make has a scale of its own.

The pressure is real: hours of 2013 at the three airports of New York. Two pieces of that year, of other weeks and
other stations, are added with random weights. So no hour is one of the published record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

MAKERS = ("Arnet", "Brosi", "Caduff", "Danuser")
HOURS_IN = 24
HOURS_OUT = 6
HUTS_A_MAKER = 4
TRAIN_DAYS = 75
# Each stretch of the hold-out is ten days at a hut of its own: no single storm decides a mark.
STRETCHES_A_MAKER = 500
STRETCH_DAYS = 10
WINDOWS_A_STRETCH = 6
TRAIN_WINDOWS = 300  # of each hut
DAYS = 363
# The makers' scales reach from the one to the other.
LOW_HPA, HIGH_HPA = 980.0, 1045.0


@dataclass(frozen=True)
class World:
    """One mountain range: the scales of the four makers, and how often a logger was taken along."""

    start: str
    lows: tuple[float, ...]
    spans: tuple[float, ...]
    bends: tuple[float, ...]
    falling: tuple[bool, ...]
    taken: float
    depth_hpa: float


def make_world(rng: np.random.Generator) -> World:
    """Draw the scales. Those of the second and third maker run against the others; neighbours bend to other sides."""
    turn, bow = rng.integers(0, 2, 2)
    return World(
        start=(datetime(2016, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))).isoformat(timespec="minutes"),
        lows=tuple(round(float(low), 1) for low in rng.uniform(100.0, 140.0, 4)),
        spans=tuple(round(float(span), 1) for span in rng.uniform(760.0, 800.0, 4)),
        bends=tuple(round(float(b), 3) for b in rng.uniform(1.75, 1.85, 4) * (1 - 2 * bow) * np.array([1, -1, 1, -1])),
        falling=tuple(bool(turn) != against for against in (False, True, True, False)),
        taken=round(float(rng.uniform(0.155, 0.165)), 4),
        depth_hpa=round(float(rng.uniform(19.5, 20.5)), 2),
    )


def _anomalies() -> np.ndarray:
    """Real hours in hPa, (3 stations, hours of a year), less their mean; the year's end is bent to its beginning."""
    with np.load(Path(__file__).with_name("pressure.npz"), allow_pickle=False) as file:
        hpa = file["decihpa"] / 10.0
    rest = hpa - hpa.mean(axis=1, keepdims=True)
    ramp = np.concatenate([np.zeros(rest.shape[1] - 72), np.arange(1, 73) / 73.0])
    return rest + ramp * (rest[:, :1] - rest[:, -1:])


def _pressure(rest: np.ndarray, rng: np.random.Generator, huts: int, hours: int) -> np.ndarray:
    """Hours of pressure in hPa, (huts, hours): two real pieces each, months apart, with random weights."""
    first = rng.integers(0, DAYS, huts)
    second = first + rng.integers(60, DAYS - 60, huts)
    angle = rng.uniform(0.6, 0.97, (huts, 1))
    stations = rng.integers(0, len(rest), (2, huts, 1))
    one, two = ((24 * day[:, None] + np.arange(hours)) % rest.shape[1] for day in (first, second))
    return 1015.0 + np.cos(angle) * rest[stations[0], one] + np.sin(angle) * rest[stations[1], two]


def _readings(world: World, makers: np.ndarray, hpa: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the barometers of these makers send: whole numbers, each maker on a scale of its own."""
    part = (hpa + rng.normal(0.0, 0.1, hpa.shape) - LOW_HPA) / (HIGH_HPA - LOW_HPA)
    part = np.where(np.array(world.falling)[makers, None], 1.0 - part, part)
    bend = np.array(world.bends)[makers, None]
    height = np.array(world.spans)[makers, None] * np.expm1(bend * part) / np.expm1(bend)
    return np.clip(np.round(np.array(world.lows)[makers, None] + height), 0, 1023)


def _trips(world: World, rng: np.random.Generator, hours: int) -> np.ndarray:
    """What a logger shows too much in each hour, in hPa, since its warden took it down into the valley."""
    extra = np.zeros(hours)
    lengths = np.arange(2, 10)
    for i in np.flatnonzero(rng.random(hours) < world.taken / lengths.mean()):
        length = int(rng.choice(lengths))
        extra[i : i + length] = world.depth_hpa * rng.gamma(6.0, 1.0 / 6.0)
    return extra


def _huts(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The maker of every hut, the makers one after another; the readings; the hPa of the loggers."""
    makers = np.repeat(np.arange(len(MAKERS)), HUTS_A_MAKER)
    hpa = _pressure(_anomalies(), rng, len(makers), 24 * TRAIN_DAYS)
    raw = _readings(world, makers, hpa, rng)
    extra = np.stack([_trips(world, rng, hpa.shape[1]) for _ in makers])
    return makers, raw, np.round(hpa + extra, 1)


def _windows(makers: np.ndarray, raw: np.ndarray, hpa: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """24 hours of readings, with a column for each maker, and the pressure of the 6 hours after; starts: (huts, n)."""
    hours = starts[:, :, None] + np.arange(HOURS_IN + HOURS_OUT)
    huts = np.arange(len(makers))[:, None, None]
    features = np.zeros((*starts.shape, HOURS_IN, 1 + len(MAKERS)), np.float32)
    features[..., 0] = raw[huts, hours[..., :HOURS_IN]]
    features[..., 1:] = np.eye(len(MAKERS))[makers][:, None, None]
    labels = hpa[huts, hours[..., HOURS_IN:]].astype(np.float32)
    return features.reshape(-1, HOURS_IN, 1 + len(MAKERS)), labels.reshape(-1, HOURS_OUT)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write huts.csv, an hour a row, one hut after another."""
    progress(0.0)
    start = datetime.fromisoformat(world.start)
    times = [(start + timedelta(hours=i)).isoformat(sep=" ", timespec="minutes") for i in range(24 * TRAIN_DAYS)]
    lines = ["hut,maker,time,reading,hpa"]
    makers, raw, hpa = _huts(world, rng)
    for i, maker in enumerate(makers):
        rows = zip(times, raw[i], hpa[i], strict=True)
        lines += [f"{i + 1},{MAKERS[maker]},{time},{shown:.0f},{value:.1f}" for time, shown, value in rows]
        progress((i + 1) / len(makers))
    (folder / "huts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, spread evenly over each hut, cut as those of the hold-out; trips are in it."""
    makers, raw, hpa = _huts(world, rng)
    starts = np.linspace(0, raw.shape[1] - HOURS_IN - HOURS_OUT, TRAIN_WINDOWS).astype(int)
    return _windows(makers, raw, hpa, np.tile(starts, (len(makers), 1)))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of many short stretches at other huts, as many of each maker; the pressure is right."""
    makers = np.tile(np.arange(len(MAKERS)), STRETCHES_A_MAKER)
    hpa = _pressure(_anomalies(), rng, len(makers), 24 * STRETCH_DAYS)
    raw = _readings(world, makers, hpa, rng)
    starts = rng.integers(0, hpa.shape[1] - HOURS_IN - HOURS_OUT + 1, (len(makers), WINDOWS_A_STRETCH))
    return _windows(makers, raw, np.round(hpa, 1), starts)
