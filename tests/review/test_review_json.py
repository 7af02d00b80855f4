"""What `--json` writes keeps to the schema that is documented."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mockexam.exam.paper import Mode
from mockexam.review.documents import ScriptDiff, document_of
from tests.review.conftest import Past

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "review.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_file_is_current() -> None:
    """It is what the models say; `python tools/make_schema.py` writes it."""
    made = runpy.run_path(str(ROOT / "tools" / "make_schema.py"))
    assert made["FILE"].read_text(encoding="utf-8") == made["text"]()


def test_every_field_is_required_and_no_other_allowed() -> None:
    """So that a document can be relied on."""
    objects = [d for d in SCHEMA["$defs"].values() if d.get("type") == "object"]
    assert len(objects) > 15
    for one in objects:
        assert set(one["required"]) == set(one["properties"])
        assert one["additionalProperties"] is False
        assert one["description"]


def test_an_attempt_keeps_to_it(past: Past, running: Past, validator: jsonschema.Draft202012Validator) -> None:
    """Old, altered, ended and running ones."""
    details = [past.review.detail(past.ids[n]) for n in (0, 5, -1, -3)] + [running.review.detail("last")]
    for detail in details:
        document = json.loads(document_of(detail).model_dump_json())
        validator.validate(document)
        assert document["kind"] == "attempt"
        assert document["intact"] is (detail.broken_at is None)
        assert document["summary"]["total_percent"] == detail.outcome.percent
        assert document["summary"]["started"].endswith("Z")
        assert [len(q["submissions"]) for q in document["questions"]] == [len(q.submissions) for q in detail.questions]
    assert document["questions"][0]["submissions"][0]["value"] is None


def test_comparison_readiness_and_diff_keep_to_it(past: Past, validator: jsonschema.Draft202012Validator) -> None:
    """Each under its kind."""
    review = past.review
    exams = [o.attempt for o in review.outcomes() if o.mode is Mode.EXAM]
    submission = review.detail("last").questions[0].submissions[0].id
    readiness = review.readiness()
    documents = [
        document_of(review.compare(exams[0], exams[-1])),
        document_of(review.compare(past.ids[-1], exams[-1])),
        document_of(readiness),
        document_of(ScriptDiff("last", submission, "reference", review.diff("last", submission))),
    ]
    data: list[dict[str, Any]] = [json.loads(document.model_dump_json()) for document in documents]
    for one in data:
        validator.validate(one)
    assert [one["kind"] for one in data] == ["comparison", "comparison", "readiness", "diff"]
    assert data[1]["questions"][-1]["left"] is None
    assert data[2]["estimate"]["probability"] == readiness.estimate.probability
    assert any(line["kind"] == "new" for line in data[3]["lines"])


@pytest.mark.parametrize("change", [{"kind": "other"}, {"version": 2}, {"attempts": None}, {"more": 1}])
def test_the_schema_refuses_what_does_not_fit(
    past: Past, validator: jsonschema.Draft202012Validator, change: dict[str, Any]
) -> None:
    """A schema that takes anything would prove nothing."""
    document = json.loads(document_of(past.review.detail("last")).model_dump_json())
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**document, **change})
