"""The task of the selected question, with notices above it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Markdown, Static

from mockexam.exam import events as ev
from mockexam.exam.scoring import Verdict

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
            display: none; height: auto; max-height: 6; padding: 0 1; margin: 0 1 1 1;
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
    notice: var[Content | None] = var(None)
    findings: var[Content | None] = var(None)
    """Findings on a model; they scroll with the task."""

    def compose(self) -> ComposeResult:
        yield Static("", id="brief-notice")
        with VerticalScroll(id="brief-scroll"):
            yield Static("", id="brief-findings")
            yield Markdown(self.markdown, open_links=False)

    async def watch_markdown(self, markdown: str) -> None:
        """Show another task from the top."""
        if self.children:
            self.query_one("#brief-scroll").scroll_home(animate=False)
            await self.query_one(Markdown).update(markdown)

    def watch_notice(self, notice: Content | None) -> None:
        self._show("#brief-notice", notice)

    def watch_findings(self, findings: Content | None) -> None:
        """Show new findings, wherever the task is scrolled to."""
        self._show("#brief-findings", findings)
        if self.children and findings is not None:
            self.query_one("#brief-scroll").scroll_home(animate=False)

    def _show(self, place: str, text: Content | None) -> None:
        if self.children:
            shown = self.query_one(place, Static)
            shown.set_class(text is not None, "-shown")
            if text is not None:
                shown.update(text)

    def on_mount(self) -> None:
        """Show the values set before mounting."""
        self.watch_notice(self.notice)
        self.watch_findings(self.findings)

    def scroll_page(self, direction: int) -> None:
        """Page down (1) or up (-1)."""
        scroll = self.query_one("#brief-scroll")
        (scroll.scroll_page_down if direction > 0 else scroll.scroll_page_up)(animate=False)


def notice_of(missing: tuple[str, ...], refused: ev.GradingResult | None) -> Content | None:
    """The notice above a task: missing files and the key that repairs them, or why a model has no marks."""
    lines = []
    if missing:
        lines.append(Content.assemble(("Missing: ", "bold $text-warning"), f"{', '.join(missing)}. Press o to repair."))
    if refused is not None:
        reason = " ".join(part for part in (refused.message, refused.remedy) if part)
        lines.append(Content.assemble((_HEADS[refused.verdict] + ": ", "bold $text-error"), reason))
    return Content("\n").join(lines) if lines else None


def without_title(markdown: str) -> str:
    """A task without its first heading, which the pane's border already shows."""
    first, _, rest = markdown.lstrip().partition("\n")
    return rest.lstrip() if first.startswith("# ") else markdown
