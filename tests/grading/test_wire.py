"""Frames come through whole, and nothing that is no frame does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.grading.ipc import MAX_HEADER, Reader, WireClosedError, WireError, WireTimeoutError, send

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The two ends of a pipe, closed afterwards if they still are open."""
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        try:
            os.close(fd)
        except OSError:
            continue


@given(
    headers=st.lists(
        st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=3), max_size=4
    ),
    body=st.binary(max_size=500),
)
def test_frames_come_through_in_order(headers: list[dict[str, object]], body: bytes) -> None:
    """Whatever was sent is received."""
    read, write = os.pipe()
    try:
        for header in headers:
            send(write, header, body)
        reader = Reader(read, max_body=500)
        received = [reader.next() for _ in headers]
    finally:
        os.close(read)
        os.close(write)

    assert [dict(frame.header) for frame in received] == headers
    assert all(frame.body == body for frame in received)


def test_a_frame_in_pieces_waits_for_the_rest(pipe: Pipe) -> None:
    """`poll` returns nothing until the last byte is there."""
    read, write = pipe
    inner, outer = os.pipe()
    send(outer, {"kind": "answer"}, b"12345")
    whole = os.read(inner, 1000)
    os.close(inner)
    os.close(outer)
    reader = Reader(read, max_body=5)

    os.write(write, whole[:7])
    assert reader.poll() is None
    os.write(write, whole[7:-1])
    assert reader.poll() is None
    os.write(write, whole[-1:])
    frame = reader.poll()

    assert frame is not None
    assert (frame.kind, frame.body) == ("answer", b"12345")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"hello, this is no frame at all",
        b"MXW1" + (MAX_HEADER + 1).to_bytes(4, "big") + bytes(8),
        b"MXW1" + (2).to_bytes(4, "big") + (101).to_bytes(8, "big") + b"{}",
        b"MXW1" + (2).to_bytes(4, "big") + bytes(8) + b"[]",
        b"MXW1" + (2).to_bytes(4, "big") + bytes(8) + b"{x",
    ],
)
def test_nonsense_is_refused(pipe: Pipe, nonsense: bytes) -> None:
    """No magic, too long, or no JSON object."""
    read, write = pipe
    os.write(write, nonsense)

    with pytest.raises(WireError):
        Reader(read, max_body=100).next(time.monotonic() + 1)


def test_silence_and_the_end_are_told_apart(pipe: Pipe) -> None:
    """A deadline passes while the other side lives; the end comes at once."""
    read, write = pipe
    reader = Reader(read, max_body=0)
    with pytest.raises(WireTimeoutError):
        reader.next(time.monotonic() + 0.05)
    os.close(write)
    with pytest.raises(WireClosedError):
        reader.next(time.monotonic() + 1)


def test_sending_to_nobody_is_told(pipe: Pipe) -> None:
    """The reader has gone."""
    read, write = pipe
    os.close(read)
    with pytest.raises(WireClosedError):
        send(write, {})
