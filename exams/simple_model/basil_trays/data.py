"""Trays of basil under lamps: weekly growth from light, air and warmth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 3_000
HOLDOUT_ROWS = 4_000
FULL_GAIN_G = 110.0
NOISE_G = 1.5
COLUMNS = "light_w_m2,co2_ppm,temperature_c,gain_g"


@dataclass(frozen=True)
class World:
    """What this nursery's basil likes. Light, air and warmth are drawn around it, so no paper is harder."""

    half_light_w_m2: float
    half_co2_ppm: float
    best_temperature_c: float


def make_world(rng: np.random.Generator) -> World:
    """Draw one variety of basil."""
    return World(
        half_light_w_m2=round(float(rng.uniform(70.0, 100.0)), 0),
        half_co2_ppm=round(float(rng.uniform(350, 450)), 0),
        best_temperature_c=round(float(rng.uniform(22.0, 26.0)), 1),
    )


def grow(world: World, inputs: np.ndarray) -> np.ndarray:
    """Mean gain in grams of each row (light, CO2, temperature)."""
    light = inputs[:, 0] / world.half_light_w_m2
    co2 = inputs[:, 1] / world.half_co2_ppm
    bright = light / (1.0 + light)
    # Warm trays need light: the best temperature rises with it. Heat harms faster than cold.
    warmth = inputs[:, 2] - (world.best_temperature_c - 4.0 + 8.0 * bright)
    width = np.where(warmth > 0, 6.0, 8.0)
    return FULL_GAIN_G * bright * co2 / (1.0 + co2) * np.exp(-0.5 * (warmth / width) ** 2)


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw trays as they were logged: inputs and weighed gain."""
    light = world.half_light_w_m2 * rng.uniform(0.05, 4.0, rows)
    co2 = world.half_co2_ppm * rng.uniform(0.8, 4.0, rows)
    temperature = world.best_temperature_c + rng.uniform(-15.0, 9.0, rows)
    inputs = np.column_stack([np.round(light), np.round(co2), np.round(temperature, 1)])
    gain = grow(world, inputs) + rng.normal(0.0, NOISE_G, rows)
    return inputs, np.round(np.maximum(gain, 0.0), 1)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write trays.csv, one row a tray and week."""
    inputs, gain = sample(world, rng, TRAIN_ROWS)
    progress(0.5)
    lines = [
        f"{light:.0f},{co2:.0f},{temperature:.1f},{grams:.1f}"
        for (light, co2, temperature), grams in zip(inputs, gain, strict=True)
    ]
    (folder / "trays.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the trays of trays.csv, as the marker feeds them."""
    return _fed(*sample(world, rng, TRAIN_ROWS))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen trays, as the marker feeds them."""
    return _fed(*sample(world, rng, HOLDOUT_ROWS))


def _fed(inputs: np.ndarray, gain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 3) float32 and gains (n, 1) float32."""
    return inputs.astype(np.float32), gain.astype(np.float32)[:, None]
