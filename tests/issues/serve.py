"""A GitHub on loopback to file at by hand; what stands there when it ends is written as a page.

    python tests/issues/serve.py [issues.html]

It prints the `bringup issues file` that goes with it. End it with Ctrl-C.
"""

from __future__ import annotations

import html
import signal
import sys
import threading
import time
from pathlib import Path

from github_server import GitHubServer, VirtualClock
from markdown_it import MarkdownIt

STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
article { border: 1px solid #d0d7de; border-radius: 6px; padding: 0 1em; margin: 1em 0; }
table { border-collapse: collapse; } td, th { border: 1px solid #d0d7de; padding: 4px 10px; }
code { background: #eff1f3; padding: 1px 4px; } pre { background: #f6f8fa; padding: 1em; overflow: auto; }
pre code { padding: 0; background: none; } .label { background: #ddf4ff; border-radius: 1em; padding: 2px 10px; }
"""


class RealClock(VirtualClock):
    """The time of the machine."""

    def now(self) -> float:
        return time.time()

    @property
    def time(self) -> float:
        return time.time()

    @time.setter
    def time(self, _: float) -> None:
        pass


def page(github: GitHubServer) -> str:
    """All issues with their comments, rendered as GitHub renders them."""
    markdown = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    shown = []
    for number, issue in sorted(github.issues.items()):
        labels = " ".join(f'<span class="label">{html.escape(label["name"])}</span>' for label in issue["labels"])
        texts = [issue["body"], *(comment["body"] for comment in github.comments[number])]
        body = "".join(f"<article>{markdown.render(text)}</article>" for text in texts)
        shown.append(f"<h2>{html.escape(issue['title'])} #{number}</h2><p>{issue['state']} {labels}</p>{body}")
    return f'<!doctype html><meta charset="utf-8"><title>issues</title><style>{STYLE}</style>{"".join(shown)}'


def main() -> None:
    for ending in (signal.SIGINT, signal.SIGTERM):  # started in the background, a shell has SIGINT ignored
        signal.signal(ending, signal.default_int_handler)
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "issues.html")
    with GitHubServer(clock=RealClock(), search_lag=0.0).running() as github:
        print(f"GITHUB_TOKEN=good-token bringup issues file FOLDER --repo {github.name} --api-url {github.url} --yes")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            out.write_text(page(github), encoding="utf-8")
            print(f"{len(github.issues)} issues: {out}")


if __name__ == "__main__":
    main()
