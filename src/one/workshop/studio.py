"""The studio: all that is to be seen of a text while it is written. Keeps nothing."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Literal, cast

from pydantic import Field, JsonValue

from one.clock import monotonic
from one.compiler import FeatureReport, Outcome, check_text
from one.compiler.diagnosis import Diagnostic
from one.compiler.emit.flowchart import flowchart
from one.compiler.emit.inputs import inputs_of
from one.compiler.mending import Mended, mend
from one.compiler.program import Program
from one.compiler.report import diagnostic_json
from one.compiler.sheet import sheet_of, sheet_words, ticks_of
from one.compiler.vocabulary import Vocabulary
from one.domains.language import Filename, Said, Text
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.workshop.artifacts import artifacts
from one.workshop.deploy import live_faces
from one.workshop.needs import Need, needs_of
from one.workshop.project import mentions_features
from one.workshop.shelf import vocabulary_of

Part = Literal["flow", "rights", "code"]
_LONGEST_MENDING = 4.0  # seconds; what is still wrong then is left as it is


class Sentence(Row):
    """A sentence of what was understood, and the line of the text that it is about; 0 for none."""

    says: str
    line: int


class Inspected(Row):
    """A feature of a text. `input` is what it takes, what sets it off too. Of the parts that were
    asked for: `flow` is a picture (SVG), `rights` what it may do, `allowed` what its author may
    allow beyond that, `needs` what it looks for here, `files` what is made of it, where it
    compiles.
    """

    name: str
    title: str
    outcome: Outcome
    diagnostics: list[Said]
    understood: list[Sentence]
    input: dict[str, JsonValue]
    flow: str
    rights: list[str]
    allowed: list[str]
    needs: list[Need]
    files: dict[str, str]


class Inspection(Row):
    """The features of a text, as they stand in it."""

    items: list[Inspected]


class Made(Row):
    """A fix that was made: its title, and the line that it was for as it stood then."""

    title: str
    line: int


class MendedText(Row):
    """A text with the fixes that were made in it, in their order."""

    text: str
    made: list[Made]


@operation(kind="read", room="language", allow=signed_in, route="POST /api/inspect")
async def inspect_features(
    ctx: Context,
    *,
    text: Text,
    filename: Filename = "",
    parts: Annotated[list[Part], Field(max_length=3)] | None = None,
) -> Inspection:
    """Say what is understood of a text, line by line, and show the parts of it that are asked for.

    It knows your live features, as a deploy does. Nothing is kept, and nothing goes live.
    """
    faces = await live_faces(ctx, ctx.me) if mentions_features(text) else ()
    vocabulary = vocabulary_of(ctx.ontology, uncharged=ctx.settings.uncharged).knowing(faces)

    def inspect() -> list[tuple[Program, Inspected]]:
        report = check_text(text, vocabulary, filename=filename)
        whole = text if report.clean else ""
        return [
            (each.program, _inspected(each, vocabulary, text=whole, parts=parts or ()))
            for each in report.features
        ]

    found = await asyncio.to_thread(inspect)
    items = [one for _, one in found]
    if "rights" in (parts or ()):
        items = [
            one.model_copy(update={"needs": await needs_of(ctx, program)}) for program, one in found
        ]
    return Inspection(items=items)


@operation(kind="read", room="language", allow=signed_in, route="POST /api/mend")
async def mend_text(ctx: Context, *, text: Text, filename: Filename = "") -> MendedText:
    """Make every fix of a text that is certain, as `one fix --safe` does.

    What leaves a choice stays as it is. It knows your live features, as a deploy does, and nothing
    is kept.
    """
    faces = await live_faces(ctx, ctx.me) if mentions_features(text) else ()
    vocabulary = vocabulary_of(ctx.ontology, uncharged=ctx.settings.uncharged).knowing(faces)
    done = await asyncio.to_thread(_mended, text, vocabulary, filename)
    made = [Made(title=fix.title, line=said.span.line) for said, fix in done.done]
    return MendedText(text=done.text, made=made)


def _mended(text: str, vocabulary: Vocabulary, filename: str) -> Mended:
    def check(tried: str) -> list[Diagnostic]:
        report = check_text(tried, vocabulary, filename=filename)
        return [one for feature in report.features for one in feature.diagnostics]

    first, until = check(text), monotonic() + _LONGEST_MENDING
    # What says as much against a text as there was at first is never taken for better.
    return mend(text, lambda tried: check(tried) if monotonic() < until else first, safe=True)


def _inspected(
    report: FeatureReport, vocabulary: Vocabulary, *, text: str, parts: Iterable[Part]
) -> Inspected:
    """`text` is empty where it can't be built."""
    program = report.program
    sheet = sheet_of(program, vocabulary) if "rights" in parts else None
    said = [diagnostic_json(one) for one in report.diagnostics]
    return Inspected(
        name=report.name,
        title=report.title or program.title,
        outcome=report.outcome,
        diagnostics=cast("list[Said]", said),
        understood=[Sentence(says=one.says, line=one.line) for one in report.read_back()],
        input=_input(report),
        flow=flowchart(program) if "flow" in parts else "",
        rights=[*sheet_words(sheet)] if sheet else [],
        allowed=[f"{one.says} You may allow it: {one.allows}." for one in ticks_of(sheet)]
        if sheet
        else [],
        needs=[],
        files=artifacts(report, vocabulary, text=text) if "code" in parts and text else {},
    )


def _input(report: FeatureReport) -> dict[str, JsonValue]:
    """What it takes; `optional` where it may be missing."""
    return {
        name: {
            **slot.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
            "optional": may_miss,
        }
        for name, (slot, may_miss) in inputs_of(report.program).items()
    }
