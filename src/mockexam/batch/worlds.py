"""What `--seed` and `--secret` stand for: the numbers of the training data, and those of the hold-out."""

from __future__ import annotations

import hashlib


def world_of_seed(seed: int) -> str:
    """Names the numbers that `--seed` stands for, apart from any paper's."""
    return f"seed-{seed}"


def secret_of(seed: int, chosen: str | None) -> str:
    """What the hold-out of `mockexam grade` is drawn from: the seed, and what `--secret` says if it says something."""
    return f"grade-{seed}-{chosen}" if chosen else f"grade-{seed}"


def name_of_holdout(secret: str) -> str:
    """Tells hold-outs apart in a record without telling what they were drawn from."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()[:16]
