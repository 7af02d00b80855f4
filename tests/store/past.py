"""Ended attempts with real stored files: received by the real store, recorded through the real journal."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Paper
from mockexam.exam.scoring import Verdict
from mockexam.store.journal import Journal
from mockexam.workspace.receive import Store, StoredModel, copy_model, make_read_only
from mockexam.workspace.scan import DetectedModel
from mockexam.workspace.scripts import store_scripts
from mockexam.workspace.signature import sign
from tests.factories import FakeClock, graded, paper, started


@dataclass
class Past:
    """A home folder in which attempts are made up, one after the other."""

    root: Path
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.root / "records.sqlite3")
        self.submissions = self.root / "submissions"
        self.work = self.root / "work"

    def begin(self, code: str = "7K3Q-F2XM", *, on: Paper | None = None, wait: float = 86400) -> str:
        """Start an attempt, so many seconds after what was before."""
        return self.journal.start(started(self.clock.advance(wait), on=on or paper((1, 2), code), duration=None))

    def submit(
        self, attempt: str, number: int, text: str, marks: int | None = None, *, verdict: Verdict = Verdict.GRADED
    ) -> str:
        """Receive a model (a folder if its text says so) with its script, and mark it unless `marks` is missing."""
        at = self.clock.advance(60)
        folder = self.work / f"q{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "solution.py").write_text(f"# {text}\n", encoding="utf-8")
        store = Store(self.submissions, attempt)
        model = _model(folder, text)
        stored = receive(store, number, model)
        scripts = store_scripts(folder, store, number)
        identifier = f"q{number}-{stored.sha256[:12]}"
        self.journal.append(
            attempt,
            ev.Received(
                at=at, submission=identifier, number=number, name=model.name, format=stored.format,
                size=stored.size, sha256=stored.sha256, stored=stored.relative, scripts=scripts,
            ),
        )  # fmt: skip
        if marks is not None or verdict is not Verdict.GRADED:
            self.journal.append(attempt, grading(self.clock.advance(1), identifier, marks, verdict))
        return identifier

    def end(self, attempt: str) -> None:
        """Finish and settle."""
        self.journal.append(attempt, ev.Finished(at=self.clock.advance(60), reason="candidate"))
        state = self.journal.attempt(attempt)
        self.journal.append(
            attempt,
            ev.Settled(at=self.clock.now, earned=state.earned, possible=state.possible, passed=state.passed),
        )

    def ended(self, code: str = "7K3Q-F2XM") -> str:
        """A whole attempt: three models on the first question, a SavedModel on the second."""
        attempt = self.begin(code)
        for text, marks in (("one", 2), ("two", 4), ("three", 3)):
            self.submit(attempt, 1, f"{code} {text}", marks)
        self.submit(attempt, 2, f"{code} folder", 5)
        self.end(attempt)
        return attempt

    def kept(self, attempt: str) -> set[str]:
        """What lies in the attempt's folder, scripts aside."""
        folder = self.submissions / attempt
        return {path.name for path in folder.iterdir() if "-code-" not in path.name} if folder.is_dir() else set()


def grading(at: Reading, identifier: str, marks: int | None, verdict: Verdict = Verdict.GRADED) -> ev.Graded:
    """A verdict on a submission."""
    number, _, name = identifier[1:].partition("-")
    return graded(at, int(number), name, marks, verdict=verdict)


def _model(folder: Path, text: str) -> Path:
    """A model that is complete by structure: a SavedModel's folder or a `.keras` file."""
    if "folder" in text:
        model = folder / "mymodel"
        (model / "variables").mkdir(parents=True, exist_ok=True)
        (model / "assets").mkdir(exist_ok=True)
        (model / "variables" / "variables.data-00000-of-00001").write_bytes(text.encode() * 50)
        (model / "variables" / "variables.index").write_bytes(b"index")
        (model / "saved_model.pb").write_bytes(text.encode())
        return model
    model = folder / "mymodel.keras"
    with zipfile.ZipFile(model, "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(name, text * 40)
    return model


def receive(store: Store, number: int, model: Path) -> StoredModel:
    """Keep a model as the app does; a folder without the look at its structure, which takes a real SavedModel."""
    signature = sign(model)
    assert signature is not None
    if signature.top.is_file:
        stored = store.receive(DetectedModel(number, model, "keras", signature))
        assert stored is not None
        return stored
    store.folder.mkdir(parents=True, exist_ok=True)
    copy = store.folder / "tmp-copy"
    digest = copy_model(model, signature, copy)
    final = copy.rename(store.folder / f"q{number}-{digest[:12]}")
    make_read_only(final)
    return StoredModel(digest, signature.size, final.relative_to(store.root).as_posix(), "saved_model", known=False)
