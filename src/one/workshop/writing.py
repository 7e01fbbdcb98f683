"""Writing: a language model proposes a text, and the compiler says what it is worth.

The model is shown the language and those of its words that an idea touches. What it answers is a
text like anybody's: mended by its own safe fixes and checked. What is wrong goes back to it, three
times at most; the best of its texts is what comes out, with all that is wrong with it.
"""

import asyncio
import difflib
import re
import unicodedata
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, cast
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from one.clock import new_id
from one.compiler import FileReport, check_text
from one.compiler.diagnosis import Diagnostic, Severity
from one.compiler.grammar import HEADS
from one.compiler.mending import mend
from one.compiler.phrases import PART_WORDS, Phrase, phrases
from one.compiler.reader import split_lines
from one.compiler.verbs import grammar
from one.compiler.vocabulary import Vocabulary, singular
from one.domains.language import CheckedFile, Filename, Text
from one.errors import Conflict, Outside, TooMany
from one.providers.base import Answer, Mode, Provider
from one.runtime import Context, operation, signed_in
from one.runtime.limits import Limit
from one.store import Row
from one.workshop.deploy import live_faces
from one.workshop.shelf import vocabulary_of

REPAIRS = 3
A_DAY = 50  # texts that one person may have written
MAX_IDEA = 4_000  # characters
MAX_DRAFT = 20_000  # characters of an answer that are read
_AT_ONCE = 3
_SAID = 20  # mistakes that are sent back at once
_WORDS = 30  # phrases of the ontology and the catalogue that the model is shown
_FENCED = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_BEGINS = re.compile(r"^[ \t#*]*FEATURE\b", re.IGNORECASE | re.MULTILINE)
_RULES = """You write features for ONE in its plain English, and nothing else.
A feature is FEATURE: and its title, INPUT: and OUTPUT: with bullets, then commands, one a line.
Clauses stand indented under their command, the commands of a block indented under its head.
A name is known once INPUT declares it, WHEN binds it, or SAVE AS gives it.
GIVE ends a feature. Numbers, money ($5), times (2 days) and "texts" are written as people do.
Use no word that is not listed, and no keyword that is not a command or a clause of these.
Answer with the whole text alone: no fence, no explanation. It goes to a compiler."""
_SHOWN = ("CHECK", "CONNECT", "CALL", "GET", "IF", "FOR EACH", "NOTIFY", "GIVE")

Check = Callable[[str], FileReport]


class NoModel(Conflict):
    """No language model is configured that could write."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model made of an idea: the best of its texts, how often it was asked, and what it
    counted for that.
    """

    text: str
    report: FileReport
    asked: int
    model: str
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be written: the idea, the text that is to change, and the words that are known."""

    idea: str
    text: str
    vocabulary: Vocabulary


class Proposed(TypedDict):
    """`diff` is what the text sent would change by; `asked` says how often the model was, `tokens`
    what it read and wrote by its own count, 0 where it doesn't count.
    """

    text: str
    diff: str
    compiles: bool
    asked: int
    model: str
    tokens: int
    files: list[CheckedFile]


class Writer(Row):
    """The model that would write. `mode`: live, local for a small one on this machine, or sandbox
    where there is none that could. It is asked `most_asked` times for a text at most, and writes
    `a_day` of them for each person.
    """

    model: str
    mode: Mode
    most_asked: int
    a_day: int


@operation(kind="read", snapshot=False, room="language", allow=signed_in, route="GET /api/write")
async def show_writer(ctx: Context) -> Writer:
    """Say which language model writes here, if any does, and how much of it there is."""
    found = ctx.deployment.providers.get("openai")
    mode = found.mode if found is not None else "sandbox"
    names = {"live": ctx.settings.openai_model, "local": "a small model on this machine"}
    return Writer(model=names.get(mode, ""), mode=mode, most_asked=REPAIRS + 1, a_day=A_DAY)


@operation(
    kind="read",
    snapshot=False,
    room="language",
    allow=signed_in,
    raises=(NoModel, TooMany),
    route="POST /api/write",
    limits=(Limit(A_DAY, timedelta(days=1), by=("actor",)),),
)
async def write_feature(
    ctx: Context,
    *,
    idea: Annotated[str, Field(min_length=1, max_length=MAX_IDEA)],
    text: Text = "",
    filename: Filename = "",
) -> Proposed:
    """Let the language model propose a text for an idea, or a change of a text.

    The text is checked as anybody's, and what is wrong goes back to the model, three times at most;
    the answer says what is still wrong. Nothing is kept, and nothing goes live.
    """
    model = able(ctx.deployment.providers.get("openai"))
    faces = await live_faces(ctx, ctx.me)
    vocabulary = vocabulary_of(ctx.ontology).knowing(faces)

    def check(text: str) -> FileReport:
        return check_text(text, vocabulary, filename=filename)

    with _seat(ctx.me):
        try:
            draft = await write(Wish(idea, text, vocabulary), model, check=check)
        except Outside as error:
            # A run would try again by itself; here somebody waits for the answer.
            error.cure = "Ask again in a while." if error.retryable else error.cure
            raise
    return {
        "text": draft.text,
        "diff": difference(filename or "feature.one", before=text, after=draft.text),
        "compiles": draft.report.clean,
        "asked": draft.asked,
        "model": draft.model,
        "tokens": draft.tokens,
        "files": [cast(CheckedFile, draft.report.as_json())],
    }


@contextmanager
def _seat(who: UUID) -> Generator[None]:
    """One text at a time for each, and few in all: a connection is held meanwhile.

    Raises TooMany.
    """
    if who in _seated or len(_seated) >= _AT_ONCE:
        raise TooMany(
            "A text is being written already.",
            cure="Try again when it is there.",
            details={"retryAfter": 10},
        )
    _seated.add(who)
    try:
        yield
    finally:
        _seated.discard(who)


_seated: set[UUID] = set()


def able(model: Provider | None) -> Provider:
    """The same, where it is a model that can write. Raises NoModel for a stand-in."""
    if model is None or model.mode == "sandbox":
        raise NoModel(
            "There is no language model here that could write.",
            cure="Set ONE_OPENAI_KEY, with ONE_OPENAI_URL for another server that speaks as OpenAI"
            " does, or ONE_LLM=local. What you write yourself needs none.",
        )
    return model


async def write(wish: Wish, model: Provider, *, check: Check) -> Draft:
    """A draft, as good as the model can make it. Raises Outside."""
    system, asked, best, tokens = guide(wish), _first(wish), None, 0
    for turn in range(1, REPAIRS + 2):
        answer = await model.call(
            "generate", {"instruction": asked, "system": system}, key=str(new_id())
        )
        text = proposed(str(answer.get("value") or ""))
        text, report = await asyncio.to_thread(_mended, text, check)
        draft = Draft(text, report, turn, str(answer.get("model") or model.name))
        better = best is None or _weight(report) < _weight(best.report)
        tokens += _counted(answer)
        best = replace(draft if better else best or draft, asked=turn, tokens=tokens)
        if report.clean:
            break
        asked = _again(wish, draft)
    assert best is not None, "it is asked at least once"
    return best


def _counted(answer: Answer) -> int:
    tokens = answer.get("tokens")
    return tokens if isinstance(tokens, int) else 0


def proposed(answer: str) -> str:
    """The text in an answer: out of its fence, from FEATURE on, without what steers a terminal or
    hides what a person would read."""
    fenced = _FENCED.search(answer)
    text = fenced[1] if fenced else answer
    begins = _BEGINS.search(text)
    text = text[begins.start() :] if begins else text
    text = "\n".join(split_lines(text[:MAX_DRAFT]))
    seen = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return seen.strip() + "\n"


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def difference(name: str, *, before: str, after: str) -> str:
    """How one text becomes the other, as a unified diff."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, name, name)
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _mended(text: str, check: Check) -> tuple[str, FileReport]:
    """With its safe fixes made, where that is not work without end."""
    report = check(text)
    if report.clean or len(_wrong(report)) > _SAID:
        return text, report
    mended = mend(text, lambda tried: _said(check(tried)), safe=True).text
    return mended, check(mended)


def _said(report: FileReport) -> list[Diagnostic]:
    return [one for feature in report.features for one in feature.diagnostics]


def _wrong(report: FileReport) -> list[Diagnostic]:
    """Errors and open questions."""
    return [one for one in _said(report) if one.open]


def _weight(report: FileReport) -> tuple[int, int]:
    wrong = _wrong(report)
    return sum(one.severity is Severity.ERROR for one in wrong), len(wrong)


def guide(wish: Wish) -> str:
    """What the model has to know: the language whole, and those of its words that the wish is
    about."""
    verbs = grammar().verbs
    named = [verb for verb in verbs.values() if verb.says]
    about = _stems(f"{wish.idea} {wish.text}")
    shown = [v for v in named if v.name in _SHOWN or _stems(v.name) & about]
    lines = [_RULES, "", "Parts:"]
    lines += [f"- {name}: {PART_WORDS[name]}" for name in HEADS]
    lines += ["", "Commands:"]
    for verb in named:
        clauses = f" Clauses: {', '.join(sorted(verb.clauses))}." if verb.clauses else ""
        lines.append(f"- {verb.name}: {verb.says}{clauses}")
    lines += ["", "Services: " + ", ".join(one.title for one in wish.vocabulary.services) + "."]
    if wish.vocabulary.features:
        titles = [face.title for face in wish.vocabulary.features[:_WORDS]]
        lines.append(f"Features that USE FEATURE knows: {'; '.join(titles)}.")
    lines += ["", "Words:", *(f"- {one.words} ({one.kind}): {one.meaning}" for one in _near(wish))]
    return "\n".join([*lines, "", "Examples:", "", "\n".join(verb.example for verb in shown)])


def _near(wish: Wish) -> list[Phrase]:
    """The types, relations, events and actions that the wish names, best first."""
    about = _stems(f"{wish.idea} {wish.text}")
    kinds = {"type", "relation", "event", "action"}
    known = [one for one in phrases(wish.vocabulary) if one.kind in kinds]
    held = {n: max(_share(words, about) for words in one.spellings) for n, one in enumerate(known)}
    return [known[n] for n in sorted(held, key=lambda n: -held[n])[:_WORDS] if held[n] > 0]


def _share(words: str, about: set[str]) -> float:
    """How much of a phrase is spoken of."""
    own = _stems(words)
    return len(own & about) / len(own) if own else 0.0


def _stems(text: str) -> set[str]:
    return {singular(word) for word in re.findall(r"[a-z]{3,}", text.casefold())}


def _first(wish: Wish) -> str:
    if wish.text.strip():
        return f"Change this text:\n\n{wish.text}\n\nSo that: {wish.idea}"
    return f"Write a feature: {wish.idea}"


def _again(wish: Wish, draft: Draft) -> str:
    wrong = "\n".join(_told(_wrong(draft.report)))
    return (
        f"{_first(wish)}\n\nThe compiler does not take this text of yours:\n\n{draft.text}\n"
        f"It says:\n{wrong}\n\nWrite the whole text again, mended."
    )


def _told(wrong: Sequence[Diagnostic]) -> Iterator[str]:
    for one in wrong[:_SAID]:
        fixes = "; ".join(fix.title for fix in one.fixes)
        names = ", ".join(one.names)
        yield " ".join(
            part
            for part in (
                f"- Line {one.span.line}: {one.message}",
                one.why,
                f"Fix: {fixes}." if fixes else "",
                f"Near: {names}." if names else "",
            )
            if part
        )
