"""Road weather stations on a mountain pass: is the road dry, wet, icy or under snow?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

TRAIN_ROWS = 12_000
TRAIN_STATIONS = 180
HOLDOUT_ROWS = 10_000
HOLDOUT_STATIONS = 1_000
GAP = -999.0

STATES = ("dry", "ice", "snow", "wet")
SKIES = ("clear", "cloud", "fog")
EXPOSURES = ("bridge", "cutting", "forest", "gallery", "open")
PAVEMENTS = ("asphalt", "concrete", "porous")
READINGS = (
    "surface_c",
    "air_c",
    "humidity_pct",
    "precip_mm_h",
    "wind_kmh",
    "vehicles_per_h",
    "hours_since_salt",
)
DECIMALS = (1, 1, 0, 1, 0, 0, 1)

# Chance of a gap for each reading, by the state of the road (dry, ice, snow, wet).
# hours_since_salt is missing where no salt was spread, whatever the road is like.
GAP_CHANCE = np.array(
    [
        [0.08, 0.30, 0.75, 0.08],
        [0.04, 0.04, 0.04, 0.04],
        [0.08, 0.08, 0.08, 0.08],
        [0.06, 0.60, 0.40, 0.06],
        [0.06, 0.55, 0.15, 0.06],
        [0.08, 0.08, 0.40, 0.08],
        [0.00, 0.00, 0.00, 0.00],
    ]
)
SHELTER = np.array([1.0, 1.3, 0.5, 0.05, 1.0])  # how much rain and snow reaches the road, by exposure
MOISTURE_NOISE = 0.12
FREEZING_NOISE = 0.20
SNOW_NOISE = 0.20


@dataclass(frozen=True)
class World:
    """One pass in one winter. The three limits keep the shares of the four states the same in every paper."""

    valley_m: float
    valley_air_c: float
    salt_strength_c: float
    salt_fade_h: float
    bridge_chill_c: float
    moist_limit: float = 0.0
    frozen_limit: float = 0.0
    snow_limit: float = 0.0


@dataclass(frozen=True)
class Stations:
    """Where each station stands."""

    altitude_m: np.ndarray
    exposure: np.ndarray
    pavement: np.ndarray


@dataclass(frozen=True)
class Weather:
    """What fault-free stations would report: readings (rows, 7), and of each row the station and the sky."""

    readings: np.ndarray
    station: np.ndarray
    sky: np.ndarray


def make_world(rng: np.random.Generator) -> World:
    """Draw a winter, then set the limits so that 30 % of roads are dry and 22 % wet, 24 % icy, 24 % snowy."""
    world = World(
        valley_m=round(float(rng.uniform(500, 800)), -1),
        valley_air_c=round(float(rng.uniform(0.5, 1.5)), 1),
        salt_strength_c=round(float(rng.uniform(6.0, 6.6)), 1),
        salt_fade_h=round(float(rng.uniform(14.0, 16.0)), 1),
        bridge_chill_c=round(float(rng.uniform(1.8, 2.4)), 1),
    )
    stations = make_stations(world, rng, 2_000)
    moist, frozen, snowy = road(world, stations, make_weather(world, stations, rng, 20_000), rng)
    moist_limit = float(np.quantile(moist, 0.30))
    wet = moist > moist_limit
    frozen_limit = float(np.quantile(frozen[wet], 0.22 / 0.70))
    cold = wet & (frozen > frozen_limit)
    snow_limit = float(np.quantile(snowy[cold], 0.5))
    return replace(world, moist_limit=moist_limit, frozen_limit=frozen_limit, snow_limit=snow_limit)


def make_stations(world: World, rng: np.random.Generator, count: int) -> Stations:
    """Place stations along the pass."""
    return Stations(
        altitude_m=np.round(world.valley_m + rng.uniform(0.0, 1_500.0, count)),
        exposure=rng.integers(0, len(EXPOSURES), count),
        pavement=rng.integers(0, len(PAVEMENTS), count),
    )


def make_weather(world: World, stations: Stations, rng: np.random.Generator, rows: int) -> Weather:
    """Draw log entries of random stations."""
    places = rng.integers(0, len(stations.altitude_m), rows)
    exposure = stations.exposure[places]
    sky = rng.choice(len(SKIES), rows, p=[0.35, 0.45, 0.20])
    climb_km = (stations.altitude_m[places] - world.valley_m) / 1_000.0
    air = world.valley_air_c - 5.5 * climb_km + rng.normal(0.0, 4.0, rows)
    chill = np.array([world.bridge_chill_c, 0.5, -0.5, -1.5, 0.0])[exposure]
    radiation = np.array([3.5, 0.5, 0.0])[sky] * np.array([1.0, 0.5, 0.3, 0.0, 1.0])[exposure]
    surface = air - chill - radiation + rng.normal(0.0, 1.0, rows)
    humidity = np.clip(np.array([68.0, 80.0, 95.0])[sky] + rng.normal(0.0, 8.0, rows), 25.0, 100.0)
    falling = rng.random(rows) < np.array([0.15, 0.75, 0.45])[sky]
    precip = np.where(falling, rng.gamma(1.4, 1.6, rows), 0.0)
    wind = rng.gamma(2.0, 9.0, rows)
    vehicles = np.maximum(rng.gamma(1.2, 220.0, rows) - 40.0, 0.0)
    salted = rng.random(rows) < 0.55
    hours = np.where(salted, np.minimum(rng.exponential(14.0, rows), 72.0), np.nan)
    columns = (surface, air, humidity, precip, wind, vehicles, hours)
    rounded = [np.round(values, digits) + 0.0 for values, digits in zip(columns, DECIMALS, strict=True)]
    return Weather(np.column_stack(rounded), places, sky)


def road(
    world: World, stations: Stations, weather: Weather, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score how moist, how frozen and how snowy each road is, with a little of what no station sees."""
    surface, air, humidity, precip, wind, vehicles, hours = weather.readings.T
    exposure, pavement = stations.exposure[weather.station], stations.pavement[weather.station]
    reaching = precip * SHELTER[exposure]
    drying = 0.015 * wind + np.array([0.0, 0.2, 0.9])[pavement]
    damp = 0.05 * (humidity - 75.0) + 0.4 * (weather.sky == SKIES.index("fog"))
    moist = 1.6 * np.log1p(2.0 * reaching) + damp - drying
    salt = np.where(np.isnan(hours), 0.0, np.exp(-np.nan_to_num(hours) / world.salt_fade_h))
    frozen = -surface - world.salt_strength_c * salt + np.array([0.0, 0.5, 1.5])[pavement]
    snowy = 1.2 * np.log1p(reaching) + 0.35 * np.clip(-air, -3.0, 4.0) - vehicles / 250.0
    rows = len(surface)
    return (
        moist + rng.normal(0.0, MOISTURE_NOISE, rows),
        frozen + rng.normal(0.0, FREEZING_NOISE, rows),
        snowy + rng.normal(0.0, SNOW_NOISE, rows),
    )


def sample(world: World, stations: Stations, rng: np.random.Generator, rows: int) -> tuple[Weather, np.ndarray]:
    """Draw log entries as they are kept: the weather with NaN for gaps, and the state of the road."""
    weather = make_weather(world, stations, rng, rows)
    moist, frozen, snowy = road(world, stations, weather, rng)
    solid = np.where(snowy > world.snow_limit, STATES.index("snow"), STATES.index("ice"))
    damp = np.where(frozen > world.frozen_limit, solid, STATES.index("wet"))
    states = np.where(moist > world.moist_limit, damp, STATES.index("dry")).astype(np.int64)
    failed = rng.random(weather.readings.shape) < GAP_CHANCE.T[states]
    return replace(weather, readings=np.where(failed, np.nan, weather.readings)), states


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write readings.csv (empty cells are gaps) and stations.json."""
    stations, weather, states = _winter(world, rng)
    names = [f"P{number:03d}" for number in rng.choice(1_000, TRAIN_STATIONS, replace=False)]
    progress(0.3)
    lines = [",".join(["station", "sky", *READINGS, "state"])]
    rows = zip(weather.readings, weather.station, weather.sky, states, strict=True)
    for readings, place, sky, state in rows:
        cells = [
            "" if np.isnan(value) else f"{value:.{digits}f}" for value, digits in zip(readings, DECIMALS, strict=True)
        ]
        lines.append(",".join([names[place], SKIES[sky], *cells, STATES[state]]))
    (folder / "readings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(0.9)
    entries = [
        {
            "id": names[i],
            "site": {
                "altitude_m": int(stations.altitude_m[i]),
                "exposure": EXPOSURES[stations.exposure[i]],
            },
            "road": {"pavement": PAVEMENTS[stations.pavement[i]]},
        }
        for i in np.argsort(names)
    ]
    (folder / "stations.json").write_text(json.dumps({"stations": entries}, indent=1), encoding="utf-8")
    progress(1.0)


def _winter(world: World, rng: np.random.Generator) -> tuple[Stations, Weather, np.ndarray]:
    """Draw what the candidate gets: the stations, their log, and the state of the road in each entry."""
    stations = make_stations(world, rng, TRAIN_STATIONS)
    return stations, *sample(world, stations, rng, TRAIN_ROWS)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the entries of readings.csv, as the marker feeds them, and labels (n,) int64."""
    stations, weather, states = _winter(world, rng)
    return _fed(stations, weather), states


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw entries of other stations, as the marker feeds them, and labels (n,) int64."""
    stations = make_stations(world, rng, HOLDOUT_STATIONS)
    weather, states = sample(world, stations, rng, HOLDOUT_ROWS)
    return _fed(stations, weather), states


def _fed(stations: Stations, weather: Weather) -> np.ndarray:
    """Features (n, 11) float32, GAP for gaps."""
    features = np.column_stack(
        [
            np.where(np.isnan(weather.readings), GAP, weather.readings),
            stations.altitude_m[weather.station],
            weather.sky,
            stations.exposure[weather.station],
            stations.pavement[weather.station],
        ]
    )
    return features.astype(np.float32)
