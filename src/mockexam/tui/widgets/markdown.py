"""Scripts and diffs as text: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Markdown, Static

from mockexam.exam import events as ev
from mockexam.exam.scoring import Verdict
from mockexam.review.script_diff import DiffLine
from mockexam.tui.widgets.status_lines import FolderLine
from mockexam.workspace.scripts import ScriptFile

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

MAX_LINES = 2000
"""Maximum number of lines shown of a file."""

_KINDS = {"same": (" ", ""), "old": ("−", "$text-error"), "new": ("+", "$text-success"), "gap": ("·", "$muted")}


def files_text(files: Sequence[ScriptFile]) -> Content:
    """Each file with line numbers; several files under their names."""
    blocks = []
    for file in files:
        if len(files) > 1:
            blocks.append(Content.styled(f"── {file.name}", "bold $primary"))
        blocks.append(_file(file))
    return Content("\n").join(blocks)


def _file(file: ScriptFile) -> Content:
    from textual.highlight import highlight  # brings the highlighter's library

    lines = [clean(line) for line in file.text.splitlines()]
    shown = lines[:MAX_LINES]
    language = "python" if file.name.endswith(".py") else "json"
    code = highlight("\n".join(shown), language=language).split("\n", allow_blank=True)
    width = len(str(len(shown)))
    rows = [Content.assemble((f"{n:>{width}}  ", "$muted"), line) for n, line in enumerate(code[: len(shown)], 1)]
    more = len(lines) - len(shown)
    if more:
        rows.append(Content.styled(f"… and {more:,} more lines", "$muted"))
    return Content("\n").join(rows)


def diff_text(lines: Sequence[DiffLine]) -> Content:
    """A diff with the line numbers of both sides and a symbol per line."""
    numbers = [n for line in lines for n in (line.old_line, line.new_line) if n is not None]
    width = len(str(max(numbers, default=1)))
    return Content("\n").join(_diff_line(line, width) for line in lines) if lines else Content("No differences.")


def _diff_line(line: DiffLine, width: int) -> Content:
    sign, tone = _KINDS[line.kind]
    if line.kind == "gap":
        return Content.styled(f"{'·' * width} {'·' * width} {sign} {line.text}", tone)
    numbers = " ".join(f"{'' if n is None else n:>{width}}" for n in (line.old_line, line.new_line))
    return Content.assemble((f"{numbers} ", "$muted"), (f"{sign} ", f"bold {tone}".strip()), (clean(line.text), tone))


def clean(text: str) -> str:
    """Text without terminal control sequences."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.expandtabs(4)))


_HEADS = {
    Verdict.INVALID_MODEL: "The last model was refused",
    Verdict.LIMIT_EXCEEDED: "The last model exceeded a limit",
    Verdict.GRADER_ERROR: "The grader failed on the last model (not your fault)",
}


class Brief(Vertical):
    """Markdown that scrolls by keyboard."""

    DEFAULT_CSS = """
    Brief {
        #brief-notice {
            display: none; height: auto; padding: 0 1; margin: 0 0 1 0;
            border-left: outer $warning; background: $warning 8%;
        }
        #brief-notice.-shown { display: block; }
        #brief-findings {
            display: none; height: auto; padding: 0 1; margin: 0 0 1 0; border-left: outer $primary;
        }
        #brief-findings.-shown { display: block; }
        #brief-scroll { padding: 0 0 0 1; scrollbar-gutter: stable; }
        Markdown { padding: 0; background: transparent; }
        MarkdownTableContent { keyline: none; grid-gutter: 0 2; }
        MarkdownTableContent > .cell { padding: 0; height: auto; }
        MarkdownTableContent > .header { padding: 0; height: auto; color: $foreground; text-style: bold; }
        MarkdownH1, MarkdownH2 { margin: 0; text-style: bold; color: $primary; background: transparent; }
    }
    """

    markdown = var("")
    folder = var("")
    """The path of the question's folder."""
    notice: var[Content | None] = var(None)
    """What keeps the question from marks; it scrolls with the task, so none of it is cut."""
    findings: var[Content | None] = var(None)
    """Findings on a model; they scroll with the task."""

    def compose(self) -> ComposeResult:
        yield FolderLine(id="folder")
        with VerticalScroll(id="brief-scroll"):
            yield Static("", id="brief-notice")
            yield Static("", id="brief-findings")
            yield Markdown(self.markdown, open_links=False)

    async def watch_markdown(self, markdown: str) -> None:
        if self.children:
            self.query_one("#brief-scroll").scroll_home(animate=False)
            await self.query_one(Markdown).update(markdown)

    def watch_folder(self, folder: str) -> None:
        if self.children:
            self.query_one(FolderLine).text = clean(folder)

    def watch_notice(self, notice: Content | None) -> None:
        self._show("#brief-notice", notice)

    def watch_findings(self, findings: Content | None) -> None:
        self._show("#brief-findings", findings)

    def _show(self, place: str, text: Content | None) -> None:
        """Show what is new, wherever the task is scrolled to."""
        if self.children:
            shown = self.query_one(place, Static)
            shown.set_class(text is not None, "-shown")
            if text is not None:
                shown.update(text)
                self.query_one("#brief-scroll").scroll_home(animate=False)

    def on_mount(self) -> None:
        self.watch_folder(self.folder)
        self.watch_notice(self.notice)
        self.watch_findings(self.findings)

    def scroll_page(self, direction: int) -> None:
        """Page down (1) or up (-1)."""
        scroll = self.query_one("#brief-scroll")
        (scroll.scroll_page_down if direction > 0 else scroll.scroll_page_up)(animate=False)


def notice_of(missing: tuple[str, ...], unreceived: str, refused: ev.GradingResult | None) -> Content | None:
    """The notice above a task: missing files and the key that repairs them, and why the newest model has no marks.

    `unreceived` says why it was not even received; then an earlier refusal is no longer the news.
    """
    lines = []
    if missing:
        lines.append(Content.assemble(("Missing: ", "bold $text-warning"), f"{', '.join(missing)}. Press o to repair."))
    if unreceived:
        lines.append(Content.assemble(("Not received: ", "bold $text-warning"), unreceived))
    elif refused is not None:
        reason = " ".join(part for part in (refused.message, refused.remedy) if part)
        lines.append(Content.assemble((_HEADS[refused.verdict] + ": ", "bold $text-error"), reason))
    return Content("\n").join(lines) if lines else None


def without_title(markdown: str) -> str:
    """A task without its first heading, which the pane's border already shows."""
    first, _, rest = markdown.lstrip().partition("\n")
    return rest.lstrip() if first.startswith("# ") else markdown
