"""Every code that the compiler can say, with its page: what it means and how to mend it.

One file per family; tests hold each example to its code, and each code that is said to its page.
"""

from collections.abc import Mapping

from one.compiler.codes import (
    flow,
    kinds,
    layout,
    names,
    ontology,
    services,
    technical,
    together,
    words,
)
from one.compiler.codes.page import Page

__all__ = ["CODES", "FAMILIES", "Page", "describe"]

_FAMILIES = (
    ("Layout", layout.PAGES),
    ("Words", words.PAGES),
    ("Names", names.PAGES),
    ("Types, relations and events", ontology.PAGES),
    ("Kinds of values, money", kinds.PAGES),
    ("The way through", flow.PAGES),
    ("Together, and undoing", together.PAGES),
    ("Services and secrets", services.PAGES),
    ("The Technical DSL", technical.PAGES),
)
FAMILIES: Mapping[str, str] = {title: f"E{n}" for n, (title, _) in enumerate(_FAMILIES, 1)}
"""Titles of the families with the beginning of their codes."""

CODES: Mapping[str, Page] = {page.code: page for _, pages in _FAMILIES for page in pages}


def describe() -> str:
    """All pages as one Markdown document."""
    parts = [
        "# What the compiler says",
        "",
        "Every code with its meaning, a text that gets it and one that does not. `one explain",
        "E301` prints one of them at the terminal.",
        "",
    ]
    for title, pages in _FAMILIES:
        parts += [f"## {title}", ""]
        for page in pages:
            parts += [f"### {page.code}: {page.title}", "", page.why, ""]
            if page.bad:
                parts += ["Not so:", "", *_fenced(page.bad), "But so:", "", *_fenced(page.good)]
    return "\n".join(parts).rstrip() + "\n"


def _fenced(text: str) -> list[str]:
    """A block of code; a line that would fill a screen is cut."""
    lines = [line if len(line) <= 120 else f"{line[:100]} …" for line in text.strip().split("\n")]
    return ["```text", *lines, "```", ""]
