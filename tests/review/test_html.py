"""The pages: whole documents that reach nothing outside, escape what is foreign, and say what is on record."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.paths import StatePaths
from mockexam.review.detail import AttemptDetail, Jump, Regrade
from mockexam.review.html.page import attempt_page, certificate_page, history_page
from mockexam.review.readiness import NO_ESTIMATE
from mockexam.review.service import Review
from mockexam.text import formats
from tests.factories import FakeClock
from tests.histories import make_history

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}
EVIL = "<script>alert(1)</script>\"'><img src=http://example.org onerror=x> &amp; \x1b[31m\udc80"
FAILED, RETRY, ALTERED = 0, 1, 30
"""Indices of attempts in the made-up record: a failed exam, a retry, an exam whose record was altered."""


@dataclass
class Document(HTMLParser):
    """A page, taken apart."""

    open: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""

    @classmethod
    def of(cls, page: str) -> Document:
        """Parse it; fails where a tag is not closed, or closed out of order."""
        document = cls()
        HTMLParser.__init__(document)
        document.feed(page)
        document.close()
        assert document.open == []
        return document

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._take(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._take(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without its beginning, at {self.getpos()}"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data

    def _take(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if "id" in values:
            self.ids[values["id"]] += 1

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        return [values for name, values in self.tags if name == tag]


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """A record of 40 ended attempts, one of them altered."""
    home = tmp_path_factory.mktemp("home")
    make_history(home, 40, altered=ALTERED)
    return Review(StatePaths(home), FakeClock())


@pytest.fixture(scope="module")
def running_exam(tmp_path_factory: pytest.TempPathFactory) -> AttemptDetail:
    """A running exam."""
    home = tmp_path_factory.mktemp("running")
    make_history(home, 1, running=True)
    return Review(StatePaths(home), FakeClock()).detail("last")


@pytest.fixture(scope="module")
def outcomes(review: Review) -> tuple[Outcome, ...]:
    """What came of the attempts."""
    return review.outcomes()


@pytest.fixture(scope="module")
def passed(review: Review, outcomes: tuple[Outcome, ...]) -> AttemptDetail:
    """A passed exam."""
    return review.detail(next(o.attempt for o in reversed(outcomes) if o.mode is Mode.EXAM and o.passed))


@pytest.fixture(scope="module")
def pages(
    review: Review, outcomes: tuple[Outcome, ...], passed: AttemptDetail, running_exam: AttemptDetail
) -> dict[str, str]:
    """Every kind of page."""
    retry = next(o.attempt for o in reversed(outcomes) if o.mode is Mode.RETRY)
    names = {"retry": retry, "altered": outcomes[ALTERED].attempt, "first": outcomes[0].attempt}
    details = {kind: review.detail(name) for kind, name in names.items()} | {"passed": passed}
    nothing = Review(StatePaths(Path("/nonexistent")), FakeClock())
    return {
        "history": history_page(review.past(), review.progress(), review.readiness()),
        "empty history": history_page(nothing.past(), nothing.progress(), nothing.readiness()),
        "certificate": certificate_page(passed, "Zoë Ångström"),
        "running": attempt_page(running_exam),
        "evil": attempt_page(evil(passed)),
        "evil certificate": certificate_page(passed, "<script>alert(1)</script>"),
        **{kind: attempt_page(detail) for kind, detail in details.items()},
    }


KINDS = (
    *("history", "empty history", "certificate", "evil", "evil certificate"),
    *("running", "retry", "altered", "first", "passed"),
)


def evil(detail: AttemptDetail) -> AttemptDetail:
    """The same attempt with a foreign text wherever there can be one, and with all that is seldom."""
    again = Regrade(
        wall=1.8e9,
        verdict=Verdict.GRADED,
        marks=1,
        value=0.1,
        versions={EVIL: EVIL},
    )
    question = detail.questions[0]
    submissions = tuple(
        replace(s, name=EVIL, message=EVIL, remedy=EVIL, findings=(EVIL,), isolation=EVIL, regrades=(again,))
        for s in question.submissions
    )
    item = replace(question.item, title=EVIL, category=EVIL)
    return replace(
        detail,
        outcome=replace(detail.outcome, title=EVIL, code=EVIL, jumps=1),
        workspace=EVIL,
        broken_at=2,
        broken_reason=EVIL,
        questions=(replace(question, item=item, submissions=submissions, closed=EVIL), *detail.questions[1:]),
        timeline=tuple(replace(line, text=EVIL) for line in detail.timeline),
        jumps=(Jump(1.8e9, -90.0),),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_one_whole_document_that_reaches_nothing_outside(pages: dict[str, str], kind: str) -> None:
    """Balanced, no script, nothing loaded, every reference to something in the page itself."""
    page = pages[kind]
    document = Document.of(page)

    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert [i for i, count in document.ids.items() if count > 1] == []
    policies = [m for m in document.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert [m["content"] for m in policies] == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    for tag, values in document.tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image"}
        assert [name for name in values if name.startswith("on") or name in {"src", "srcset", "action"}] == []
        href = values.get("href", values.get("xlink:href", "#main"))
        assert href[0] == "#"
        assert href == "#main" or href[1:] in document.ids
    style = page[page.index("<style>") : page.index("</style>")]
    assert re.search(r"url\(|@import|@font-face|https?:", style) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_can_be_read_by_any_means(pages: dict[str, str], kind: str) -> None:
    """A main part, one first heading, no heading left out, named tables and drawings, headed rows and columns."""
    document = Document.of(pages[kind])

    assert len(document.all("main")) == len(document.all("h1")) == len(document.all("title")[:1]) == 1
    levels = [int(tag[1]) for tag, _ in document.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all("scope" in values for values in document.all("th"))
    assert len(document.all("caption")) == len(document.all("table"))
    for svg in document.all("svg"):
        if svg.get("role") == "img":
            title, description = svg["aria-labelledby"].split()
            assert {title, description} <= set(document.ids)
    seen = [values for tag, values in document.tags if tag == "svg" and "aria-hidden" not in values]
    # What is neither named nor hidden is a curve within a named drawing.
    assert all(values.get("role") == "img" or values.get("preserveaspectratio") == "none" for values in seen)
    for values in (values for _, values in document.tags):
        assert set(values.get("aria-labelledby", "").split()) <= set(document.ids)


def test_foreign_text_stays_text(pages: dict[str, str]) -> None:
    """Names, messages, titles: shown as they are, never taken for markup; control characters are replaced."""
    document = Document.of(pages["evil"])

    assert document.text.count("<script>alert(1)</script>\"'><img src=http://example.org onerror=x> &amp;") > 20
    assert "\x1b" not in pages["evil"]
    assert "\\udc80" in pages["evil"]
    pages["evil"].encode("utf-8")
    assert "<script>alert(1)</script>" in Document.of(pages["evil certificate"]).text


def test_the_history_shows_every_attempt_and_the_results(
    pages: dict[str, str], review: Review, outcomes: tuple[Outcome, ...]
) -> None:
    """Table, chart, categories weakest first, estimate with its interval, skills and plan: as the review has them."""
    text = Document.of(pages["history"]).text
    table = text[text.index("All attempts") :]
    positions = [table.index(o.code) for o in reversed(outcomes)]
    assert positions == sorted(positions)

    exams = review.progress().totals
    uses = Counter(values["href"] for values in Document.of(pages["history"]).all("use") if "x" in values)
    assert (uses["#pass"], uses["#fail"]) == (sum(p.passed for p in exams), sum(not p.passed for p in exams))

    cards = re.findall(r'<li class="panel">\s*<h3>([^<]+)</h3>', pages["history"])
    assert cards == [formats.first_upper(formats.category(s.category)) for s in review.progress().standings]

    readiness = review.readiness()
    estimate = readiness.estimate
    assert f"Expected total: {estimate.expected:.0f} %" in text
    assert formats.likely_range(estimate.low, estimate.high) in text
    assert estimate.method in text
    assert all(skill.title in text for skill in readiness.skills)
    assert all(plan.advice in text for plan in readiness.plan)


def test_an_empty_record_has_a_page_too(pages: dict[str, str]) -> None:
    """It says so, and still what could be studied."""
    text = Document.of(pages["empty history"]).text

    assert "You have no attempts yet." in text
    assert "You have not completed an exam yet." in text
    assert NO_ESTIMATE in text
    assert "chance of passing" not in text
    assert text.count("No results yet.") == 5


def test_an_attempt_is_shown_with_its_marks_bands_and_diff(pages: dict[str, str], passed: AttemptDetail) -> None:
    """Result, receipt, chain, every submission, the scale of each question, the script against the reference."""
    document = Document.of(pages["passed"])
    text, outcome = document.text, passed.outcome

    assert "Pass" in text
    assert outcome.receipt is not None
    assert outcome.receipt in text
    assert f"{passed.events} events, unaltered" in text
    assert f"{outcome.earned} of {outcome.possible} weighted marks" in text
    stops = [u for u in document.all("use") if u["href"].startswith("#stop-") and "x" in u]
    assert len(stops) == outcome.submissions == text.count("bubblewrap", 0, text.index("All events, oldest first"))
    scales = [s for s in document.all("svg") if s.get("class") == "plot scale"]
    assert len(scales) == sum(bool(q.bands) for q in passed.questions) > 0
    for question in passed.questions:
        assert question.item.title in text


def test_a_stored_script_stands_beside_the_reference(pages: dict[str, str], review: Review) -> None:
    """GIVEN a retry whose scripts are stored THEN its page holds them line by line, with sign and colour."""
    document = Document.of(pages["retry"])

    kinds = Counter(values.get("class") for values in document.all("tr"))
    assert kinds["old"] > 3
    assert kinds["new"] > 10
    assert len(document.all("del")) == kinds["old"]
    assert len(document.all("ins")) == kinds["new"]
    assert 'model.save("mymodel.keras")' in document.text


def test_a_running_exam_shows_no_metric(pages: dict[str, str]) -> None:
    """Its page has neither bands nor references nor a metric's value."""
    text = Document.of(pages["running"]).text

    assert "Running" in text
    assert "Bands of question" not in text
    assert "compared with the reference" not in text
    assert not re.search(r"\d\.\d{3}", text[text.index("Question 1") :])


def test_an_altered_record_is_shown_first(pages: dict[str, str], review: Review, outcomes: tuple[Outcome, ...]) -> None:
    """At which event, and why."""
    text = Document.of(pages["altered"]).text
    detail = review.detail(outcomes[ALTERED].attempt)

    assert f"The record of this attempt was altered at event {detail.broken_at} ({detail.broken_reason})." in text
    assert "unaltered" not in text


def test_a_changed_clock_is_shown(pages: dict[str, str]) -> None:
    """How often, when, by how much and in which direction."""
    text = Document.of(pages["evil"]).text

    assert "The computer’s clock was changed 1 time during the attempt." in text
    assert "set back by 2 min" in text


def test_a_certificate_says_that_it_is_no_credential(pages: dict[str, str], passed: AttemptDetail) -> None:
    """The name, what was reached, the receipt; and, large, that it is a mock exam of no value as a credential."""
    page = pages["certificate"]
    text = " ".join(Document.of(page).text.split())

    assert "<h1>Mock exam</h1>" in page
    assert "<strong>This is a mock exam. It has no value as a credential.</strong>" in page
    assert "It is not issued by, affiliated with or endorsed by Google or TensorFlow." in text
    assert "Zoë Ångström" in text
    assert f"{passed.outcome.percent:g} %" in text
    assert passed.outcome.attempt in text
    assert (passed.outcome.receipt or "-") in text.replace(" ", "")


def test_two_certificates_bear_different_ornaments(passed: AttemptDetail) -> None:
    """The rosette comes from the receipt."""
    other = replace(passed, outcome=replace(passed.outcome, receipt="0" * 64))
    drawn = [re.findall(r'<polygon points="([^"]+)"', certificate_page(d, "A")) for d in (passed, passed, other)]

    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("index", "why"), [(FAILED, "This exam was not passed"), (ALTERED, "was altered"), (RETRY, "for exams only")]
)
def test_no_certificate_without_a_passed_exam(
    review: Review, outcomes: tuple[Outcome, ...], index: int, why: str
) -> None:
    """A failed exam, an altered record, a retry: each with the reason."""
    detail = review.detail(outcomes[index].attempt)

    with pytest.raises(UserError, match=why) as caught:
        certificate_page(detail, "Ada")
    assert outcomes[index].attempt in caught.value.location


def test_no_certificate_before_the_result(running_exam: AttemptDetail) -> None:
    """A running exam has none, whatever its marks so far."""
    with pytest.raises(UserError, match="no result yet"):
        certificate_page(running_exam, "Ada")


@pytest.mark.parametrize("name", ["", " \t ", "x" * 81, "Ada\x1b[31m", "Ada\N{RIGHT-TO-LEFT OVERRIDE}adA", "\udc80"])
def test_no_certificate_for_an_unprintable_name(passed: AttemptDetail, name: str) -> None:
    """Nothing, too much, or characters that no name has."""
    with pytest.raises(UserError) as caught:
        certificate_page(passed, name)
    assert caught.value.hint


def test_names_of_any_script_are_printed(passed: AttemptDetail) -> None:
    """White space is tidied, letters are left alone."""
    for name in ("  Ada   Lovelace ", "محمد\N{ZERO WIDTH NON-JOINER}علی", "山田 太郎", "Nguyễn Thị"):
        assert " ".join(name.split()) in Document.of(certificate_page(passed, name)).text
