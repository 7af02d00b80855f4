"""The pages in a browser without a network and without a window: they render, and break no rule of their own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from PIL import Image

from mockexam.exam.paper import Mode
from mockexam.paths import StatePaths
from mockexam.review.html.page import POLICY, attempt_page, certificate_page, history_page
from mockexam.review.service import Review
from tests.browser import BROWSER, QUIET, needs_browser
from tests.factories import FakeClock
from tests.histories import make_history

NARROW, HEIGHT = 360, 1600

# A page that breaks the rules: it shows that a breach is seen.
CANARY = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title>
<meta http-equiv="Content-Security-Policy" content="{POLICY}"></head><body><script>1</script></body></html>"""

# Frames of 360 pixels beside each other; what is wider than its frame can only be seen from inside the browser.
FRAMES = """<!doctype html><meta charset="utf-8"><body style="margin:0;display:flex">{frames}<script>
addEventListener("load", () => document.querySelectorAll("iframe").forEach(frame => {{
  const root = frame.contentDocument.documentElement;
  console.log(`WIDTH ${{frame.name}} ${{root.scrollWidth}} ${{root.querySelectorAll("svg, table").length}}`);
}}));
</script></body>"""


def write_pages(folder: Path) -> list[str]:
    """A page of each kind as a file; their names."""
    make_history(folder / "home", 40)
    review = Review(StatePaths(folder / "home"), FakeClock())
    outcomes = review.outcomes()
    retry = review.detail(next(o.attempt for o in reversed(outcomes) if o.mode is Mode.RETRY))
    passed = review.detail(next(o.attempt for o in reversed(outcomes) if o.mode is Mode.EXAM and o.passed))
    pages = {
        "history": history_page(review.past(), review.progress(), review.readiness()),
        "exam": attempt_page(passed),
        "retry": attempt_page(retry),
        "certificate": certificate_page(passed, "Ada Lovelace"),
        "canary": CANARY,
    }
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return list(pages)


def photograph(page: Path, picture: Path, width: int) -> list[tuple[str, str]]:
    """Open a page in the browser, cut off from every network; what its console says, and the file that says it."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            *(BROWSER, *QUIET, "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND"),
            "--allow-file-access-from-files",
            *("--enable-logging=stderr", "--v=0", f"--user-data-dir={picture.parent / 'profile'}"),
            *(f"--window-size={width},{HEIGHT}", f"--screenshot={picture}", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert picture.is_file(), done.stderr
    lines = re.findall(r':CONSOLE[:(]\d+\)?\] "(.*?)", source: (\S*) \(', done.stderr, re.DOTALL)
    return [(text, source.rpartition("/")[2]) for text, source in lines]


@needs_browser
def test_the_pages_render_in_a_browser_at_360_pixels_and_break_no_rule(tmp_path: Path) -> None:
    """GIVEN a page of each kind in a frame of 360 pixels WHEN a browser shows them THEN each is filled, none is broader
    than its frame, and no breach of the policy and no error is reported but the canary's.
    """
    names = write_pages(tmp_path)
    style = f"border:0;flex:none;width:{NARROW}px;height:{HEIGHT}px"
    frames = "".join(f'<iframe name="{name}" src="{name}.html" style="{style}"></iframe>' for name in names)
    (tmp_path / "frames.html").write_text(FRAMES.format(frames=frames), encoding="utf-8")

    console = photograph(tmp_path / "frames.html", tmp_path / "seen.png", NARROW * len(names))

    ours = [text.split()[1:] for text, source in console if source == "frames.html"]
    assert [(name, int(width)) for name, width, _ in ours] == [(name, NARROW) for name in names]
    assert all(int(drawings) > 0 for name, _, drawings in ours if name != "canary")
    breaches = [(text, source) for text, source in console if source != "frames.html"]
    assert [source for _, source in breaches] == ["canary.html"]
    assert "Content Security Policy" in breaches[0][0]
    with Image.open(tmp_path / "seen.png") as picture:
        assert picture.size == (NARROW * len(names), HEIGHT)
        for n, name in enumerate(names[:-1]):
            seen = picture.crop((n * NARROW, 0, (n + 1) * NARROW, HEIGHT)).convert("L")
            ground = max(seen.getcolors() or [])[0] / (NARROW * HEIGHT)
            assert 0.4 < ground < 0.97, f"{name}: {ground:.0%} of it is blank"
