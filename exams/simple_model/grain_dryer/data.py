"""Batches of barley in a dryer: the energy that they take and the kernels that crack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 3_000
HOLDOUT_ROWS = 4_000
NOISE = 0.03  # spread of the measured values, as a share of themselves
COLUMNS = "air_c,moisture_pct,airflow_m3_h,depth_m,energy_mj,cracked_pct"


@dataclass(frozen=True)
class World:
    """One dryer and one variety. The factors scale both outputs, and percentages do not mind."""

    dry_pct: float
    energy_factor: float
    crack_factor: float
    crack_c: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a dryer and a variety."""
    return World(
        dry_pct=round(float(rng.uniform(11.5, 13.5)), 1),
        energy_factor=round(float(rng.uniform(0.9, 1.1)), 2),
        crack_factor=round(float(rng.uniform(0.9, 1.1)), 2),
        crack_c=round(float(rng.uniform(70.0, 74.0)), 1),
    )


def draw(world: World, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Draw settings: columns air, moisture, airflow and depth, rounded as they are logged."""
    air = rng.uniform(45.0, 95.0, rows)
    moisture = world.dry_pct + rng.uniform(3.5, 19.5, rows)
    airflow = rng.uniform(2_000.0, 9_000.0, rows)
    depth = rng.uniform(0.1, 0.8, rows)
    return np.column_stack([np.round(air, 1), np.round(moisture, 1), np.round(airflow, -1), np.round(depth, 2)])


def dry(world: World, settings: np.ndarray) -> np.ndarray:
    """Return the mean energy in MJ and the mean share of cracked kernels in percent of each row of settings."""
    air, moisture, airflow, depth = settings.T
    heat = (air - 45.0) / 50.0
    water = (moisture - world.dry_pct) / 14.0
    flow = airflow / 5_000.0
    # Evaporating takes most of it. Cool air in a strong draught leaves half used, hot air leaks.
    energy = (40.0 + 260.0 * water * (0.6 + 0.8 * depth)) * (1.0 + 0.35 * flow * (1.0 - heat) ** 2)
    energy *= 1.0 + 0.25 * (heat - 0.4) ** 2
    # Kernels crack where the air is too hot for how wet they are; a deep layer spares the upper ones.
    stress = 0.18 * (air - world.crack_c) + 3.0 * (water - 0.6) - 5.0 * (depth - 0.45) + 1.2 * (flow - 1.0)
    cracked = 2.0 + 16.0 / (1.0 + np.exp(-stress))
    return np.column_stack([energy * world.energy_factor, cracked * world.crack_factor])


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw batches as they were logged: settings and both measured values."""
    settings = draw(world, rng, rows)
    measured = dry(world, settings) * np.exp(rng.normal(0.0, NOISE, (rows, 2)))
    return settings, np.column_stack([np.round(measured[:, 0], 1), np.round(measured[:, 1], 2)])


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write batches.csv, one row a batch."""
    settings, measured = sample(world, rng, TRAIN_ROWS)
    progress(0.5)
    lines = [
        f"{air:.1f},{moisture:.1f},{airflow:.0f},{depth:.2f},{energy:.1f},{cracked:.2f}"
        for (air, moisture, airflow, depth), (energy, cracked) in zip(settings, measured, strict=True)
    ]
    (folder / "batches.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the batches of batches.csv: features (n, 4) float32 and both measured values (n, 2) float32."""
    settings, measured = sample(world, rng, TRAIN_ROWS)
    return settings.astype(np.float32), measured.astype(np.float32)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen batches: features (n, 4) float32 and both measured values (n, 2) float32."""
    settings, measured = sample(world, rng, HOLDOUT_ROWS)
    return settings.astype(np.float32), measured.astype(np.float32)
