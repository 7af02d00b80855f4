"""A predictor that has been taken over talks to the real host: nothing that it says reaches another model's marks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mockexam
from mockexam.errors import GraderFaultError
from mockexam.grading.examiner import predictor_host as hosts
from mockexam.grading.examiner.prediction_job import PredictionJob
from mockexam.grading.examiner.predictor_host import PredictorHost
from mockexam.grading.examiner.sandbox import Sandbox

JOB = PredictionJob(
    model="/m", format="keras", features="/f", samples=2, values=1, seconds=1, memory=1 << 30, file_bytes=1 << 20
)
PREDICTOR = """
import os, struct, sys, time
sys.path.insert(0, {code!r})
from mockexam.grading.ipc import Reader, send
send(1, {{"kind": "warm", "versions": {{}}, "single": False}})
reader = Reader(0, max_body=0)
right = struct.pack("2f", 1, 1)
def answer(token, body=None):
    body = body or (token or "none" * 2).encode()[:8]
    send(1, {{"kind": "answer", "token": token, "shape": [2], "dtype": "float32"}}, body)
def ended(token):
    send(1, {{"kind": "ended", "token": token, "how": "done"}})
while True:
    token = reader.next().header["token"]
    {attack}
"""
ATTACKS = {
    "an answer in advance": "answer(token); ended(token); answer('in advance'); ended('in advance')",
    "the same answer once more": "answer(token); ended(token); answer(token); ended(token)",
    "another job's token": "answer('0' * 16); ended('0' * 16)",
    "no token": "answer(None); ended(None)",
    "no frame": "os.write(1, b'x' * 4096)",
    "a header without end": "os.write(1, struct.pack('>4sIQ', b'MXW1', 2**31, 0))",
    "a body without end": "os.write(1, struct.pack('>4sIQ', b'MXW1', 2, 2**40) + b'{{}}')",
    "a body longer than asked": "answer(token, right * 1000); ended(token)",
    "silence": "time.sleep(60)",
    "an early end": "os._exit(0)",
    "asks for time without end": "[send(1, {'kind': 'waits', 'token': token, 'seconds': 1e9}) for _ in range(9)]",
}
WAITS = "send(1, {'kind': 'waits', 'token': token, 'seconds': 2.0}); time.sleep(2.5); answer(token); ended(token)"
ATTACKS_AND_WORK = ATTACKS | {"waits for a processor": WAITS}


@pytest.fixture
def host(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PredictorHost]:
    """A host of a predictor that does this attack."""
    monkeypatch.setattr(hosts, "OVERTIME_SECONDS", 0.2)
    script = tmp_path / "predictor.py"
    attack = ATTACKS_AND_WORK[request.param].replace("{{}}", "{}")
    script.write_text(PREDICTOR.format(code=str(Path(mockexam.__file__).parents[1]), attack=attack))
    sandbox = Sandbox("test", "", (sys.executable, str(script)), {}, Path("/"), "")
    with (tmp_path / "log").open("wb") as log:
        made = PredictorHost(sandbox, log, lambda *_: None, lambda: None)
        yield made
        made.kill()


@pytest.mark.parametrize("host", ["an answer in advance", "the same answer once more"], indirect=True)
def test_what_is_said_after_the_end_is_no_answer_to_the_next_model(
    host: PredictorHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leftover frames cost that predictor its life; each answer was given after its own model was asked about."""
    tokens = [letter * 16 for letter in "abcdef"]
    monkeypatch.setattr(hosts.secrets, "token_hex", lambda _: tokens.pop(0))
    answers = [host.run(JOB).predictions for _ in range(3)]
    assert [answer and answer.data for answer in answers] == [b"a" * 8, b"c" * 8, b"e" * 8]


@pytest.mark.parametrize(
    "host", sorted(set(ATTACKS) - {"an answer in advance", "the same answer once more"}), indirect=True
)
def test_what_is_no_answer_to_this_model_is_none(host: PredictorHost) -> None:
    """Neither an answer nor a crash of the examiner: the model is evaluated to have crashed or to be out of time."""
    try:
        outcome = host.run(JOB)
    except GraderFaultError:
        pytest.fail("the examiner took it for a fault of its own")
    assert outcome.predictions is None
    assert outcome.how in ("crash", "time")


@pytest.mark.parametrize("host", ["waits for a processor"], indirect=True)
def test_a_job_that_waits_for_a_processor_has_its_limit_extended(host: PredictorHost) -> None:
    """GIVEN a limit of one second THEN an answer after two and a half counts, if the predictor told why."""
    outcome = host.run(JOB)

    assert (outcome.how, outcome.predictions and len(outcome.predictions.data)) == ("predicted", 8)
