"""The language: what the compiler says of a text, without keeping it.

Records nothing and listens to nothing: it reads what was sent, and no row of the store.
"""

import asyncio
from collections import Counter
from functools import cache
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict

from one.compiler import check_text
from one.compiler.editing import scene as editing
from one.compiler.editing.completing import completions_at
from one.compiler.editing.hovering import hover_at
from one.compiler.editing.tidying import tidied
from one.compiler.phrases import phrases, search
from one.compiler.vocabulary import Vocabulary
from one.ontology import Ontology
from one.providers.base import catalogue
from one.runtime import Context, anyone, operation

MAX_TEXT = 80_000  # characters, which fit a request however JSON spells them

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Filename = Annotated[str, Field(max_length=200)]
Line = Annotated[int, Field(ge=1, le=MAX_TEXT + 1, description="From 1.")]
Column = Annotated[int, Field(ge=1, le=MAX_TEXT + 1, description="From 1, in code points.")]
_MOST_COMPLETIONS = 100


class Place(TypedDict):
    """Lines and columns count from 1, columns in code points."""

    line: int
    column: int


class TextEdit(TypedDict):
    """Puts `text` in the place of what stands from start up to end."""

    start: Place
    end: Place
    text: str


class FixOffered(TypedDict):
    title: str
    applicability: Literal["safe", "maybe", "has-placeholder"]
    edits: list[TextEdit]


class Said(TypedDict):
    """One mistake, question or note; `one explain` and docs/diagnostics.md tell more of a code."""

    code: str
    severity: Literal["error", "question", "warning", "info"]
    start: Place
    end: Place
    message: str
    why: str
    fixes: list[FixOffered]


class CheckedFeature(TypedDict):
    """`understood` reads the feature back in sentences."""

    name: str
    outcome: Literal["compiled", "assumptions", "draft", "error"]
    diagnostics: list[Said]
    understood: list[str]


class CheckedFile(TypedDict):
    file: str
    features: list[CheckedFeature]


class Checked(TypedDict):
    files: list[CheckedFile]


class Word(TypedDict):
    """A phrase of the language: its kind, what it means, and how else it may be written."""

    words: str
    kind: str
    meaning: str
    also: list[str]


class Words(TypedDict):
    items: list[Word]


class Completion(TypedDict):
    """`kind` is command, part, clause, name, type, service, action, key, role, event or word."""

    label: str
    kind: str
    detail: str
    doc: str


class Completions(TypedDict):
    """What may be written; a chosen one takes the place of what stands from start up to end."""

    start: Place
    end: Place
    items: list[Completion]


class Explained(TypedDict):
    """`text` is Markdown, about what stands from start up to end; empty where nothing is known."""

    start: Place
    end: Place
    text: str


class Tidied(TypedDict):
    """A text in its canonical layout; `lines` of it stood otherwise."""

    text: str
    lines: int


@operation(kind="read", snapshot=False, allow=anyone, route="POST /api/check", mcp=True)
async def check_features(ctx: Context, *, text: Text, filename: Filename = "") -> Checked:
    """Say what is understood of a text, what is wrong with it and how to mend it.

    The text holds features in plain English or in the Technical DSL; nothing is kept.
    """
    vocabulary = _vocabulary(ctx.ontology, uncharged=ctx.settings.uncharged)
    report = await asyncio.to_thread(check_text, text, vocabulary, filename=filename)
    return {"files": [cast(CheckedFile, report.as_json())]}


@operation(kind="read", snapshot=False, allow=anyone, route="POST /api/tidy")
async def tidy_text(ctx: Context, *, text: Text) -> Tidied:
    """Lay a text out as `one fmt` does: what it says stays the same. Nothing is kept."""
    del ctx
    tidy = await asyncio.to_thread(tidied, text)
    before, after = Counter(text.splitlines()), Counter(tidy.splitlines())
    return {"text": tidy, "lines": max((after - before).total(), (before - after).total())}


@operation(kind="read", snapshot=False, allow=anyone, route="GET /api/words", mcp=True)
async def list_words(ctx: Context, *, phrase: Annotated[str, Field(max_length=200)] = "") -> Words:
    """The words of the language that match a phrase, else the nearest ones; all without a phrase.

    Commands and their clauses, types with their properties, relations, events and services.
    """
    vocabulary = _vocabulary(ctx.ontology)
    found = search(vocabulary, phrase) if phrase.strip() else phrases(vocabulary)
    return {
        "items": [
            Word(words=one.words, kind=one.kind, meaning=one.meaning, also=[*one.also])
            for one in found
        ]
    }


@operation(kind="read", snapshot=False, allow=anyone, route="POST /api/complete")
async def complete_text(ctx: Context, *, text: Text, line: Line, column: Column) -> Completions:
    """Say what may be written at a place of a text, the likeliest first."""
    vocabulary, place = _vocabulary(ctx.ontology), editing.Place(line, column)
    found = await asyncio.to_thread(completions_at, text, place, vocabulary=vocabulary)
    return {
        "start": Place(line=found.span.line, column=found.span.start),
        "end": Place(line=found.span.ending_line, column=found.span.end),
        "items": [
            Completion(label=one.label, kind=one.kind, detail=one.detail, doc=one.doc)
            for one in found.items[:_MOST_COMPLETIONS]
        ],
    }


@operation(kind="read", snapshot=False, allow=anyone, route="POST /api/explain")
async def explain_place(ctx: Context, *, text: Text, line: Line, column: Column) -> Explained:
    """Say what the word at a place of a text means, and the step that its command became."""
    vocabulary, place = _vocabulary(ctx.ontology), editing.Place(line, column)
    found = await asyncio.to_thread(hover_at, text, place, vocabulary=vocabulary)
    if found is None:
        here = Place(line=line, column=column)
        return {"start": here, "end": here, "text": ""}
    return {
        "start": Place(line=found.span.line, column=found.span.start),
        "end": Place(line=found.span.ending_line, column=found.span.end),
        "text": found.text,
    }


@cache
def _vocabulary(ontology: Ontology, *, uncharged: str = "") -> Vocabulary:
    return Vocabulary(ontology, catalogue(), uncharged=uncharged)
