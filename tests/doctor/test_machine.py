"""Versions and memory."""

from __future__ import annotations

from importlib import metadata

import pytest

from mockexam.doctor.machine import (
    Memory,
    assess_memory,
    check_environment,
    check_memory,
    check_versions,
    read_memory,
)
from mockexam.doctor.training import _failed


def test_the_versions_of_this_environment_are_fine() -> None:
    """The tests run on what mockexam is built for, and no version is found by importing."""
    checks = check_versions()

    assert [check.name for check in checks] == ["Python", "TensorFlow", "Keras", "tf-keras"]
    assert {check.status for check in checks} == {"ok"}
    assert checks[1].text == metadata.version("tensorflow")


@pytest.mark.parametrize(
    ("version", "status"),
    [("2.21.3", "ok"), ("2.20.0", "warn"), ("2.22.0rc0", "warn"), ("3.0", "warn"), ("odd", "warn")],
)
def test_another_tensorflow_is_told(version: str, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that marking was not built for is a warning with a remedy."""
    monkeypatch.setattr(metadata, "version", lambda name: version if name == "tensorflow" else "3.15.1")

    check = check_versions()[1]

    assert check.status == status
    assert version in check.text
    assert bool(check.remedy) == (status != "ok")


def test_a_missing_library_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Keras, no exam."""

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)

    assert [check.status for check in check_versions()] == ["ok", "fail", "fail", "warn"]


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, []),
        ({"TF_USE_LEGACY_KERAS": "0", "KERAS_BACKEND": "tensorflow"}, []),
        ({"TF_USE_LEGACY_KERAS": "1"}, ["TF_USE_LEGACY_KERAS=1"]),
        ({"TF_USE_LEGACY_KERAS": "True", "KERAS_BACKEND": "jax"}, ["TF_USE_LEGACY_KERAS=True", "KERAS_BACKEND=jax"]),
    ],
)
def test_variables_that_choose_another_keras_are_named(environment: dict[str, str], named: list[str]) -> None:
    """As warnings: an exam is possible, and nothing is to be installed anew."""
    checks = check_environment(environment)

    assert [check.status for check in checks] == ["warn"] * len(named)
    assert all(name in check.text for name, check in zip(named, checks, strict=True))
    assert all("unset" in check.remedy and "einstall" not in check.remedy for check in checks)


def test_a_training_that_a_variable_broke_is_no_reason_to_reinstall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named; without one, reinstalling is the remedy."""
    output = "ImportError: Keras cannot be imported. Check that it is installed."
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert "KERAS_BACKEND=torch is set" in _failed(1, output).hint
    assert "einstall" not in _failed(1, output).hint
    monkeypatch.delenv("KERAS_BACKEND")
    assert "einstall" in _failed(1, output).hint


@pytest.mark.parametrize(
    ("available", "status"), [(8.0, "ok"), (2.0, "ok"), (1.9, "warn"), (1.0, "warn"), (0.9, "fail")]
)
def test_memory_is_judged_by_what_is_free(available: float, status: str) -> None:
    """Training and marking run side by side."""
    check = assess_memory(Memory(total=16 * 10**9, available=int(available * 10**9)))

    assert check.status == status
    assert "free of 16.0 GB" in check.text


def test_memory_is_really_read() -> None:
    """This machine has some, and not more free than there is."""
    memory = read_memory()

    assert 0 < memory.available <= memory.total
    assert check_memory().name == "memory"


def test_a_containers_limit_counts(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """GIVEN a control group of 3 GB of which 2 are used THEN one is free, however large the machine."""
    (tmp_path / "max").write_text("3000000000\n")
    (tmp_path / "current").write_text("2000000000\n")
    monkeypatch.setattr("mockexam.doctor.machine._CGROUP_LIMIT", tmp_path / "max")
    monkeypatch.setattr("mockexam.doctor.machine._CGROUP_USED", tmp_path / "current")

    assert read_memory() == Memory(total=3 * 10**9, available=10**9)
