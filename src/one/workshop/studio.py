"""The studio: all that is to be seen of a text while it is written. Keeps nothing."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Literal, cast

from pydantic import Field, JsonValue

from one.compiler import FeatureReport, Outcome, check_text
from one.compiler.emit.flowchart import flowchart
from one.compiler.emit.inputs import inputs_of
from one.compiler.report import diagnostic_json
from one.compiler.sheet import sheet_of, sheet_words
from one.compiler.vocabulary import Vocabulary
from one.domains.language import Filename, Said, Text
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.workshop.artifacts import artifacts
from one.workshop.deploy import live_faces
from one.workshop.project import mentions_features
from one.workshop.shelf import vocabulary_of

Part = Literal["flow", "rights", "code"]


class Sentence(Row):
    """A sentence of what was understood, and the line of the text that it is about; 0 for none."""

    says: str
    line: int


class Inspected(Row):
    """A feature of a text. `input` is what it takes, what sets it off too. Of the parts that were
    asked for: `flow` is a picture (SVG), `rights` what it may do, `files` what is made of it, where
    it compiles.
    """

    name: str
    title: str
    outcome: Outcome
    diagnostics: list[Said]
    understood: list[Sentence]
    input: dict[str, JsonValue]
    flow: str
    rights: list[str]
    files: dict[str, str]


class Inspection(Row):
    """The features of a text, as they stand in it."""

    items: list[Inspected]


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
    vocabulary = vocabulary_of(ctx.ontology).knowing(faces)

    def inspect() -> Inspection:
        report = check_text(text, vocabulary, filename=filename)
        clean = report.clean
        return Inspection(
            items=[
                _inspected(each, vocabulary, text=text if clean else "", parts=parts or ())
                for each in report.features
            ]
        )

    return await asyncio.to_thread(inspect)


def _inspected(
    report: FeatureReport, vocabulary: Vocabulary, *, text: str, parts: Iterable[Part]
) -> Inspected:
    """`text` is empty where it can't be built."""
    program = report.program
    said = [diagnostic_json(one) for one in report.diagnostics]
    return Inspected(
        name=report.name,
        title=report.title or program.title,
        outcome=report.outcome,
        diagnostics=cast("list[Said]", said),
        understood=[Sentence(says=one.says, line=one.line) for one in report.read_back()],
        input=_input(report),
        flow=flowchart(program) if "flow" in parts else "",
        rights=_rights(report, vocabulary) if "rights" in parts else [],
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


def _rights(report: FeatureReport, vocabulary: Vocabulary) -> list[str]:
    return [*sheet_words(sheet_of(report.program, vocabulary))]
