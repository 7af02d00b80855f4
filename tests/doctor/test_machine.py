"""Versions and memory."""

from __future__ import annotations

from importlib import metadata

import pytest

from mockexam.doctor.machine import Memory, assess_memory, check_memory, check_versions, read_memory


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
