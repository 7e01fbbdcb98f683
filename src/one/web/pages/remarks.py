"""What is said of a text: how it stands, and its mistakes, questions and notes with their fixes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from one.compiler.diagnosis import Edit
from one.compiler.mending import apply_edits
from one.compiler.reader import Span
from one.domains.language import FixOffered, Said, TextEdit
from one.errors import JSON, Invalid
from one.web.pages.visit import Visit
from one.workshop import studio
from one.workshop.studio import Inspected, Part

_WEIGHT = {"error": 0, "question": 1, "warning": 2, "info": 3}
_OUTCOMES = ("error", "draft", "assumptions", "compiled")


@dataclass(frozen=True, slots=True)
class Offered:
    """A fix as a button: `key` says which it is, `edits` what it does, as JSON."""

    key: str
    title: str
    edits: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said of a line, with its fixes."""

    said: Said
    fixes: Sequence[Offered]


@dataclass(frozen=True, slots=True)
class Looked:
    """A text that was looked at: its features, and what is to be said of them, weightiest first."""

    features: Sequence[Inspected]
    remarks: Sequence[Remark]

    @property
    def outcome(self) -> str:
        """The worst of its features'."""
        outcomes = (one.outcome for one in self.features)
        return min(outcomes, key=_OUTCOMES.index, default="error")

    @property
    def mistakes(self) -> int:
        return self._many("error")

    @property
    def questions(self) -> int:
        return self._many("question")

    def _many(self, severity: str) -> int:
        return sum(one.said["severity"] == severity for one in self.remarks)

    def feature(self, name: str) -> Inspected | None:
        """The one of this name, or the first."""
        named = [one for one in self.features if one.name == name]
        return (named or [*self.features] or [None])[0]

    def fixed(self, text: str, key: str) -> str:
        """The text with one of its fixes made. Raises Invalid where it isn't offered any more."""
        for remark in self.remarks:
            for number, fix in enumerate(remark.said["fixes"]):
                if _key(remark.said, number) == key:
                    return mended(text, fix)
        raise Invalid("The text has changed: that fix isn't offered any more.", cure="Look again.")


async def look_at(visit: Visit, text: str, *, parts: Sequence[Part] = ()) -> Looked:
    """Asks the studio of a text."""
    wanted: list[JSON] = [*parts]
    found = await visit.call(studio.inspect_features, text=text or "\n", parts=wanted)
    features = found.result.items
    return Looked(features, [*_remarks(features)])


def _remarks(features: Sequence[Inspected]) -> Iterator[Remark]:
    said = [one for feature in features for one in feature.diagnostics]
    for one in sorted(said, key=lambda one: (_WEIGHT[one["severity"]], one["start"]["line"])):
        yield Remark(
            one,
            [
                Offered(
                    key=_key(one, number),
                    title=fix["title"],
                    edits=orjson.dumps(fix["edits"]).decode(),
                )
                for number, fix in enumerate(one["fixes"])
            ],
        )


def _key(said: Said, number: int) -> str:
    start = said["start"]
    return f"{said['code']}:{start['line']}:{start['column']}:{number}"


def mended(text: str, fix: FixOffered) -> str:
    return apply_edits(text, [_edit(one) for one in fix["edits"]])


def _edit(edit: TextEdit) -> Edit:
    start, end = edit["start"], edit["end"]
    span = Span(start["line"], start["column"], end["column"], end["line"])
    return Edit(span, edit["text"])
