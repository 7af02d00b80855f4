"""Scripts and diffs as text: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, chop_cells, set_cell_size
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Markdown, Static

from mockexam.exam import events as ev
from mockexam.exam.scoring import Verdict
from mockexam.review.script_diff import DiffLine, side_by_side
from mockexam.tui.labels import cut
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


def diff_text(lines: Sequence[DiffLine], width: int) -> Content:
    """A diff with the line numbers of both sides and a symbol per line, in `width` cells. Long lines are wrapped."""
    digits = _digits(lines)
    rows = [row for line in lines for row in _diff_line(line, digits, width)]
    return Content("\n").join(rows) if rows else Content("No differences.")


def _diff_line(line: DiffLine, digits: int, width: int) -> list[Content]:
    if line.kind == "gap":
        sign, tone = _KINDS[line.kind]
        return [Content.styled(cut(f"{'·' * digits} {'·' * digits} {sign} {line.text}", width).rstrip(), tone)]
    numbers = " ".join(f"{'' if n is None else n:>{digits}}" for n in (line.old_line, line.new_line))
    return _rows(line, numbers, width)


def diff_columns(lines: Sequence[DiffLine], width: int, *, new_left: bool = False) -> Content:
    """A diff in two columns of together `width` cells, the old lines left unless `new_left`. Long lines are wrapped."""
    if not lines:
        return Content("No differences.")
    digits, rows = _digits(lines), []
    left, right = _halves(width)
    for old, new in side_by_side(lines):
        if old is not None and old.kind == "gap":
            rows.append(Content.styled(cut(f"{'·' * digits} · {old.text}", width), "$muted"))
            continue
        number, other = old.old_line if old else None, new.new_line if new else None
        first, second = ((new, other), (old, number)) if new_left else ((old, number), (new, other))
        rows += _beside(_column(*first, digits, left), _column(*second, digits, right), left)
    return Content("\n").join(rows)


def column_heads(left: str, right: str, width: int) -> str:
    """What stands above the two columns of a diff."""
    return "   ".join(cut(head, cells) for head, cells in zip((left, right), _halves(width), strict=True))


def _halves(width: int) -> tuple[int, int]:
    """The cells of each column; three are between the two."""
    return (width - 3) // 2, width - 3 - (width - 3) // 2


def _digits(lines: Sequence[DiffLine]) -> int:
    """The cells of the greatest line number."""
    return len(str(max((n for line in lines for n in (line.old_line, line.new_line) if n is not None), default=1)))


def _column(line: DiffLine | None, number: int | None, digits: int, width: int) -> list[Content]:
    """One side of a row, in `width` cells each: the number, the symbol, and the text on as many rows as it needs."""
    if line is None:
        return []
    return _rows(line, f"{number:>{digits}}", width)


def _rows(line: DiffLine, numbers: str, width: int) -> list[Content]:
    """A line on as many rows as it needs, each in `width` cells, after its numbers and symbol, or after `…`."""
    sign, tone = _KINDS[line.kind]
    room = max(1, width - len(numbers) - 3)
    parts = chop_cells(clean(line.text), room) or [""]
    heads = [f"{numbers} ", *[" " * (len(numbers) + 1)] * (len(parts) - 1)]
    signs = [f"{sign} ", *["… "] * (len(parts) - 1)]
    return [
        Content.assemble((head, "$muted"), (mark, f"bold {tone}".strip()), (set_cell_size(part, room), tone))
        for head, mark, part in zip(heads, signs, parts, strict=True)
    ]


def _beside(left: list[Content], right: list[Content], width: int) -> Iterator[Content]:
    """The rows of two columns, with a rule between them; the left one has `width` cells."""
    blank = Content(" " * width)
    for one, other in zip_longest(left, right):
        yield Content.assemble(one or blank, (" │ ", "$rule"), other or "")


def clean(text: str) -> str:
    """Text without terminal control sequences."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.expandtabs(4)))


_HEADS = {
    Verdict.INVALID_MODEL: "The last model was refused",
    Verdict.LIMIT_EXCEEDED: "The last model exceeded a limit",
    Verdict.GRADER_ERROR: "The grader failed on the last model (not your fault)",
}


_TITLE_EDGES = 3
"""Cells of a border that its title leaves free."""


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
    heading: var[tuple[str, Content]] = var(("", Content()))
    """For the border: a title, which is cut where room is short, and what always stands behind it."""
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

    def watch_heading(self, heading: tuple[str, Content]) -> None:
        title, rest = heading
        room = self.size.width - rest.cell_length - _TITLE_EDGES
        shown = cut(title, room) if self.size.width and cell_len(title) > room else title
        self.border_title = Content.assemble(shown, rest)

    def on_resize(self) -> None:
        self.watch_heading(self.heading)

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
