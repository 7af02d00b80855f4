"""Hourly air temperature, and what an old box shows of it: only the lowest and the highest of the last 12 hours.

The temperatures are real: hours of 2013 at the three airports of New York. Two pieces of that year, of other weeks and
other stations, are added with random weights to a season of their own. So no hour is one of the published record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

HOURS_IN = 48
BOX_HOURS = 12
HOURS_OUT = 3  # the last hour of the window, and two more
TRAIN_DAYS = 300
# Each stretch of the hold-out is a fortnight with weather of its own: no single front decides a mark.
STRETCHES = 4000
STRETCH_DAYS = 14
WINDOWS_A_STRETCH = 6
TRAIN_WINDOWS = 4800


@dataclass(frozen=True)
class World:
    """One valley: when the record begins, how warm its year is, and which real weather it is made of."""

    start: str
    mean_c: float
    swing_c: float
    season_day: int
    first_piece: int
    second_piece: int
    angle: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a valley. Dates, seasons and pieces differ a lot; what makes a forecast hard differs little."""
    return World(
        start=(datetime(2016, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))).isoformat(timespec="minutes"),
        mean_c=round(float(rng.uniform(8.0, 12.0)), 1),
        swing_c=round(float(rng.uniform(8.5, 9.5)), 2),
        season_day=int(rng.integers(0, 365)),
        first_piece=int(rng.integers(0, 363)),
        second_piece=int(rng.integers(60, 303)),
        angle=round(float(rng.uniform(0.7, 0.87)), 3),
    )


def _anomalies() -> np.ndarray:
    """Real hours in °C, (3 stations, hours of a year), less the season; the year's end is bent to its beginning."""
    with np.load(Path(__file__).with_name("weather.npz"), allow_pickle=False) as file:
        celsius = (file["temp_f"] / 100.0 - 32.0) / 1.8
    count = celsius.shape[1]
    turn = 2.0 * np.pi * np.arange(count) / count
    season = np.stack([np.ones(count), np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)], axis=1)
    rest = celsius - (season @ np.linalg.lstsq(season, celsius.T, rcond=None)[0]).T
    ramp = np.concatenate([np.zeros(count - 72), np.arange(1, 73) / 73.0])
    return rest + ramp * (rest[:, :1] - rest[:, -1:])


def _mix(rest: np.ndarray, stations: np.ndarray, days: np.ndarray, angle: float, count: int) -> np.ndarray:
    """Two pieces of `count` hours, from these stations and days on; their days run alike, their fronts do not."""
    first, second = (np.roll(rest[s], -24 * int(day))[:count] for s, day in zip(stations, days, strict=True))
    return np.cos(angle) * first + np.sin(angle) * second


def _season(world: World, day: float, count: int) -> np.ndarray:
    return world.mean_c + world.swing_c * np.cos(2.0 * np.pi * (day + np.arange(count) / 24.0) / 365.0)


def _record(world: World, rng: np.random.Generator) -> np.ndarray:
    """The candidate's 300 days: air in °C, hour by hour."""
    days = np.array([world.first_piece, (world.first_piece + world.second_piece) % 363])
    air = _mix(_anomalies(), rng.choice(3, 2), days, world.angle, 24 * TRAIN_DAYS)
    return np.round(air + _season(world, world.season_day, len(air)), 1)


def _box(air: np.ndarray) -> np.ndarray:
    """What the box shows from the twelfth hour on: the lowest and the highest of that hour and the 11 before."""
    last = np.lib.stride_tricks.sliding_window_view(air, BOX_HOURS)
    return np.stack([last.min(axis=1), last.max(axis=1)], axis=1)


def _windows(air: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """48 hours of the box, and the air in the last of these hours and the two after it."""
    shown, air = _box(air), air[BOX_HOURS - 1 :]
    features = np.stack([shown[start : start + HOURS_IN] for start in starts])
    labels = np.stack([air[start + HOURS_IN - 1 : start + HOURS_IN - 1 + HOURS_OUT] for start in starts])
    return features.astype(np.float32), labels.astype(np.float32)


def _count(air: np.ndarray) -> int:
    """How many windows there are."""
    return len(air) - (BOX_HOURS - 1) - (HOURS_IN - 1) - HOURS_OUT + 1


def _plot(air: np.ndarray, path: Path) -> None:
    """The first five days: air as a line, the box's two numbers as steps."""
    hours, width, height, left = 120, 780, 330, 50
    shown = _box(air[:hours])
    low, high = np.floor(air[:hours].min()), np.ceil(air[:hours].max())

    def spot(hour: float, value: float) -> tuple[float, float]:
        return left + hour * 5.8, 20 + (high - value) / (high - low) * (height - 60)

    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for day in range(6):
        draw.line([spot(24 * day, low), spot(24 * day, high)], fill="#dddddd")
        draw.text((spot(24 * day, low)[0] - 8, height - 32), f"{24 * day} h", fill="black")
    for value in (low, high):
        draw.text((8, spot(0, value)[1] - 6), f"{value:.0f} C", fill="black")
    for column, colour in ((0, "#2060c0"), (1, "#c03020")):
        points = [spot(BOX_HOURS - 1 + i, v) for i, v in enumerate(shown[:, column])]
        draw.line(points, fill=colour, width=2)
    draw.line([spot(i, v) for i, v in enumerate(air[:hours])], fill="black", width=2)
    draw.text((left, 4), "black: air   red: highest of the last 12 hours   blue: lowest", fill="black")
    image.save(path)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write air.csv, an hour a row, and plot.png."""
    progress(0.0)
    air = _record(world, rng)
    start = datetime.fromisoformat(world.start)
    lines = ["time,air_c"]
    for i, value in enumerate(air):
        lines.append(f"{(start + timedelta(hours=i)).isoformat(sep=' ', timespec='minutes')},{value:.1f}")
        if i % 700 == 0:
            progress(i / len(air))
    (folder / "air.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(air, folder / "plot.png")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, oldest first and spread evenly over it, as the box would have shown it."""
    air = _record(world, rng)
    return _windows(air, np.linspace(0, _count(air) - 1, TRAIN_WINDOWS).astype(int))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of many fortnights at other places in the valley: 48 hours of the box, and the air now and soon."""
    rest, stretches = _anomalies(), []
    for _ in range(STRETCHES):
        first = int(rng.integers(0, 363))
        days = np.array([first, (first + int(rng.integers(60, 303))) % 363])
        air = _mix(rest, rng.choice(3, 2), days, float(rng.uniform(0.6, 0.97)), 24 * STRETCH_DAYS)
        air = np.round(air + _season(world, float(rng.uniform(0.0, 365.0)), len(air)), 1)
        stretches.append(_windows(air, rng.choice(_count(air), WINDOWS_A_STRETCH, replace=False)))
    return np.concatenate([x for x, _ in stretches]), np.concatenate([y for _, y in stretches])
