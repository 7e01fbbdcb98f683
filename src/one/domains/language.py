"""The language: what the compiler says of a text, without keeping it.

Records nothing and listens to nothing: it reads what was sent, and no row of the store.
"""

import asyncio
from functools import cache
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict

from one.compiler import check_text
from one.compiler.phrases import phrases, search
from one.compiler.vocabulary import Vocabulary
from one.ontology import Ontology
from one.providers.base import catalogue
from one.runtime import Context, anyone, operation

MAX_TEXT = 80_000  # characters, which fit a request however JSON spells them

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Filename = Annotated[str, Field(max_length=200)]


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


@operation(kind="read", snapshot=False, allow=anyone, route="POST /api/check", mcp=True)
async def check_features(ctx: Context, *, text: Text, filename: Filename = "") -> Checked:
    """Say what is understood of a text, what is wrong with it and how to mend it.

    The text holds features in plain English or in the Technical DSL; nothing is kept.
    """
    vocabulary = _vocabulary(ctx.ontology)
    report = await asyncio.to_thread(check_text, text, vocabulary, filename=filename)
    return {"files": [cast(CheckedFile, report.as_json())]}


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


@cache
def _vocabulary(ontology: Ontology) -> Vocabulary:
    return Vocabulary(ontology, catalogue())
