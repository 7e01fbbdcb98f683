"""What several commands share: SAVE AS, a said message, counts and lengths of time in clauses."""

from collections.abc import Sequence

from one.compiler.bind.described import spoken_of
from one.compiler.bind.leftover import count_in, left_of, length_in, tell_left, turns
from one.compiler.bind.literals import Typed, duration_of, unit_of
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, nearest, within_one
from one.compiler.expression import Expr, Hole, Lit
from one.compiler.grammar import Clause, Command, span_of
from one.compiler.kinds import BOOLEAN, NUMBER, TEXT, Base, Kind, list_of
from one.compiler.program import Retry
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import camel, key_of, singular

_SAYING = frozenset(
    {
        "say",
        "says",
        "tell",
        "answer",
        "reply",
        "respond",
        "error",
        "fail",
        "stop",
        "message",
        "them",
        "him",
        "her",
        "with",
        "that",
        "return",
        "refuse",
        ":",
    }
)


def saved_name(reading: Reading, command: Command) -> tuple[str, Span] | None:
    """The name that SAVE AS gives; reports a missing one and an input of the same name."""
    clause = command.clause("SAVE AS")
    if clause is None:
        return None
    for again in command.all("SAVE AS")[1:]:
        fix = Fix("Leave it out", (Edit(again.span, ""),), Applies.MAYBE)
        reading.error("E205", "A result has one name, and has it already.", fix, at=again.span)
    words = named_in(clause)[0]
    name = phrase(words) if words else ""
    if not camel(name):
        reading.error("E204", "SAVE AS needs a name.", at=clause.key)
        return None
    span = span_of(words, clause.key)
    known = reading.find(name)
    if known and known.source in {"input", "trigger"}:
        what = "an input" if known.source == "input" else "named by the trigger"
        reading.error(
            "E505",
            f"“{name}” is {what} and can't be given a new value. Choose another name.",
            at=span,
        )
    return name, span


_SHAPES = {
    "number": NUMBER,
    "score": NUMBER,
    "text": TEXT,
    "list": list_of(TEXT),
    "listoftexts": list_of(TEXT),
    "boolean": BOOLEAN,
    "yes/no": BOOLEAN,
    "yesorno": BOOLEAN,
}


def named_in(clause: Clause) -> tuple[list[Word], Kind | None]:
    """`score as number`, `score (a number)`: the name, and the kind that is said of it."""
    words = strip([word for word in clause.words if word.kind is not Is.MARK or word.text in "(/"])
    for n, word in enumerate(words):
        if n and (word.low == "as" or word.text == "("):
            said = "".join(one.text for one in strip(words[n + 1 :]))
            kind = _SHAPES.get(key_of(said), _SHAPES.get(said.casefold()))
            if kind is None and key_of(said).startswith("listof") and word.low == "as":
                kind = _SHAPES["list"]  # `tips as a list of 3 tips`
            if kind is not None or word.text == "(":
                return words[:n], kind
    return words, None


def message_of(reading: Reading, words: Sequence[Word]) -> Expr:
    """The words after OTHERWISE: `say "…"`, a text, or plain words."""
    rest = list(words)
    _only_said(reading, rest)
    while rest and rest[0].low in _SAYING and rest[0].kind in {Is.WORD, Is.MARK}:
        rest.pop(0)
    if not rest:
        if words and words[-1].low in {"say", "says", "tell", "message", "error", ":"}:
            reading.error("E204", "OTHERWISE say what?", at=span_of(words, words[-1].span))
        return Lit("This can't be done now.")
    if len(rest) == 1 and rest[0].kind is Is.TEXT:
        found = attempt(reading, rest)
        return found.tree if found else Lit(rest[0].text)
    return Lit(join(rest))


def _only_said(reading: Reading, words: Sequence[Word]) -> None:
    """A quoted message stands alone: nothing after it, and only `say` before it."""
    at = next((n for n, word in enumerate(words) if word.kind is Is.TEXT), None)
    if at is None:
        return
    before = [word for word in words[:at] if word.low not in _SAYING | _SPEAKING]
    if len(before) == 1 == at and within_one(before[0].low, "say"):
        fix = Fix("Write say", (Edit(before[0].span, "say"),), Applies.SAFE)
        said = f"“{before[0].text}” is not a word I know here. Did you mean say?"
        reading.error("E205", said, fix, names=("say",), at=before[0].span)
    elif beside := [*before, *words[at + 1 :]]:
        said = f"I don't understand “{join(beside)}” here."
        reading.error("E205", said, at=whole(beside))


_SPEAKING = frozenset(
    ["please", "them", "the", "user", "with", "that", "and", "stop", "a", "reply", "just", "to"]
)


def free_text(reading: Reading, words: Sequence[Word]) -> Expr:
    """A quoted text, a name in scope, or the words as they stand."""
    bare = strip(words)
    quoted = [word for word in bare if word.kind is Is.TEXT]
    if len(quoted) > 1:
        at, one = quoted[0].span.to(quoted[-1].span), " ".join(word.text for word in bare)
        fix = Fix(f"Say “{one}”", (Edit(at, f'"{one}"'),), Applies.MAYBE)
        reading.error("E205", "What is said is one text.", fix, why=_QUOTED, at=at)
        bare = quoted[:1]
    elif quoted:
        tell_left(reading, left_of([word for word in bare if word is not quoted[0]], ()), _QUOTED)
        bare = quoted[:1]
    if not bare:
        return Lit("")
    if key_of(phrase(bare)) in reading.later and not known(reading, bare):
        return value(reading, bare, whole(bare)).tree
    if bare[0].kind is Is.TEXT or len(bare) == 1 or any(w.kind is Is.POSSESSIVE for w in bare):
        before = len(reading.findings.found)
        found = attempt(reading, bare) if bare[0].kind is Is.TEXT or known(reading, bare) else None
        if found is not None:
            return found.tree
        reading.findings.take_back(before)
        if slipped(reading, phrase(bare)):
            reading.unknown(phrase(bare), whole(bare))
            return Hole()
    elif known(reading, bare):
        found = attempt(reading, bare)
        if found is not None:
            return found.tree
    if found := spoken_of(reading, bare):
        return found.tree
    _note_names(reading, bare)
    return Lit(join(list(words)))


_QUOTED = "What is said stands in quotes as a whole: names go in it as [name]."


def _note_names(reading: Reading, words: Sequence[Word]) -> None:
    """Free words with a name in them are those words, and not what the name stands for: said."""
    named = [word for word in words if word.kind is Is.WORD and reading.find(word.text)]
    if not named and key_of(phrase(words)) in map(key_of, reading.outputs):
        named = list(words)  # `SEND confirmation`, which is only given later
    if named and not tell_left(reading, [word for word in words if turns(word)], _QUOTED):
        reading.note("E426", f"“{join(list(words))}” is taken as text.", at=whole(list(words)))


def slipped(reading: Reading, said: str) -> bool:
    """Whether free words are rather a name one letter off, or one whose block has ended."""
    key = key_of(said)
    near = (
        len(key) > 3 and within_one(key, name) and singular(key) != singular(name)
        for name in reading.names
    )
    return key in reading.gone or any(near)


def known(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the words begin with a name in scope, or are one that was just named."""
    if len(words) == 1 and words[0].low in {"it", "this"} and reading.things():
        return True
    return any(reading.find(phrase(words[:n])) for n in range(1, len(words) + 1))


def retry_of(reading: Reading, command: Command) -> Retry | None:
    """RETRY 3 times [every 5 seconds]."""
    clause = command.clause("RETRY")
    if clause is None:
        return None
    delay, words = length_in(clause.words)
    count, words = count_in(words)
    often = next((word for word in words if word.low in _OFTEN), None)
    if often is not None and count is None:
        count = _OFTEN[often.low]
        words = [word for word in words if word is not often]
    if count is None or not 1 <= count <= 20:
        reading.error("E204", "Retry how many times? Say 1 to 20.", at=clause.span)
        return None
    tell_left(reading, left_of(words, _RETRYING | _SLOWER))
    backoff = "exponential" if any(word.low in _SLOWER for word in words) else None
    return Retry(times=count, delay=delay, backoff=backoff)


_OFTEN = {"once": 1, "twice": 2}
_RETRYING = frozenset(
    {"up", "to", "at", "most", "times", "time", "more", "tries", "after", "with", "wait", "waiting"}
    | {"between", "in", "by", "if", "it", "fails", "seconds", "apart", "again", "delay", "of"}
)
_SLOWER = frozenset({"backoff", "slower", "doubling", "exponential"})


def timeout_of(reading: Reading, command: Command) -> str | None:
    """TIMEOUT after 5 minutes."""
    clause = command.clause("TIMEOUT")
    if clause is None:
        return None
    words = [word for word in clause.words if word.low not in {"after", "of", "in"}]
    found = duration_of(words)
    if found is None or not float(found.rstrip("smhdwo")):
        why = "Write a number and minutes, hours, days or weeks: TIMEOUT after 3 days."
        said = "Time out after how long?"
        reading.error("E204", said, *slipped_units(words), why=why, at=clause.span)
        return None
    return found


_LENGTHS = ("minutes", "hours", "days", "weeks", "months", "years", "seconds")


def slipped_units(words: Sequence[Word]) -> list[Fix]:
    """`3 dys`: the units of time that were meant."""
    return [
        Fix(f"Write {unit}", (Edit(word.span, unit),), Applies.MAYBE)
        for word in words
        for unit in nearest(word.low, _LENGTHS, count=1)
        if word.kind is Is.WORD and unit_of(word.low) is None
    ]


def number_value(reading: Reading, words: Sequence[Word], default: Span) -> Typed:
    """A count or an amount; reports what is none."""
    found = value(reading, words, default)
    if found.kind.numeric or found.kind.vague or found.kind.base is Base.MONEY:
        return found
    reading.error("E502", "A number is needed here.", at=span_of(words, default))
    return found


def first_clause(command: Command, *names: str) -> Clause | None:
    """The first of these clauses that the command has."""
    return next((clause for clause in command.clauses if clause.name in names), None)


def cut_at(words: Sequence[Word], *marks: str) -> tuple[list[Word], str, list[Word]]:
    """Words before the first of the marks, the mark, and those after it."""
    for n, word in enumerate(words):
        if n and word.kind is Is.WORD and word.low in marks:
            return list(words[:n]), word.low, list(words[n + 1 :])
    return list(words), "", []
