"""SEND: a message to someone, or a question to a model."""

from collections.abc import Sequence

from one.compiler.bind.actions import call_action
from one.compiler.bind.channels import channels_of, notify_each, of_theirs
from one.compiler.bind.derived import ROLES
from one.compiler.bind.giving import is_money, is_units, tell_money
from one.compiler.bind.items import attempt_quietly, items_of
from one.compiler.bind.leftover import left_of, tell_left, turns
from one.compiler.bind.minds import as_mind, mind_of
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import free_text, saved_name
from one.compiler.bind.services import Found
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import Expr, Hole, Lit
from one.compiler.grammar import Clause, Command, Verb, place_of, split_words
from one.compiler.kinds import Base, thinks
from one.compiler.program import Notify, Service, Step
from one.compiler.reader import Is, Word, join, whole
from one.compiler.vocabulary import camel, singular

_MODELS = frozenset({"ai", "model", "llm", "clone", "aiclone", "gpt", "openai", "chatgpt"})


def read(command: Command, reading: Reading) -> None:
    """What, to whom."""
    words = strip(command.words)
    to = command.clause("TO")
    split = None if to else _split(words)
    what, whom = split if split else (words, to.words if to else [])
    whom, beside = _beside(whom)
    if not what and not whom:
        reading.error("E204", "SEND what to whom?", at=command.key)
        return
    if not what and not command.clause("ABOUT") and not command.clause("WITH"):
        reading.error("E204", "SEND what?", at=command.key)
        return
    if whom and _is_model(reading, whom):
        _ask(command, reading, what, whom, beside=beside)
        return
    if not whom:
        whom, what = _first_person(reading, what)
        what, beside = _values_beside(reading, what)
    else:
        whom, what = _said_after(whom, what)
    if not whom:
        reading.error(
            "E204", "SEND it to whom?", why="Write SEND the summary TO the fan.", at=command.span
        )
        return
    clauses = [Clause("WITH", whole(beside), beside, command.line)] if beside else []
    _message(command, reading, (what, whom), [*clauses, *command.all("WITH")])


def _values_beside(reading: Reading, what: list[Word]) -> tuple[list[Word], list[Word]]:
    """`a confirmation with the show's name and start`: what goes along, where it is known."""
    said, beside = _beside(what)
    parts = split_words(beside, ",", "and")
    known = bool(beside) and all(attempt_quietly(reading, one) for one in parts)
    return (said, beside) if known else (what, [])


def _said_after(whom: list[Word], what: list[Word]) -> tuple[list[Word], list[Word]]:
    """`a push notification to fan saying "Hi"`: what is said stands after who it is for."""
    at = next((n for n, word in enumerate(whom) if n and word.kind is Is.TEXT), 0)
    if not at:
        return whom, what
    end = at
    while end > 1 and (whom[end - 1].low in _LETTERS or whom[end - 1].text in {":", ",", "-"}):
        end -= 1
    return whom[:end], [*what, *whom[at:]]


def _split(words: Sequence[Word]) -> tuple[list[Word], list[Word]] | None:
    for n in range(len(words) - 1, 0, -1):
        if words[n].low == "to" and words[n].kind is Is.WORD and n + 1 < len(words):
            return list(words[:n]), list(words[n + 1 :])
    return None


def _beside(words: list[Word]) -> tuple[list[Word], list[Word]]:
    at = place_of(words, {"with", "using"})
    return (words[:at], words[at + 1 :]) if at else (words, [])


def _is_model(reading: Reading, words: Sequence[Word]) -> bool:
    last = words[-1].low.replace("-", "")
    if last in _MODELS:
        tell_left(reading, [word for word in words if turns(word)])
    known = reading.find(phrase(strip(words)))
    if known is not None:
        return thinks(known.kind)
    return last in _MODELS or camel(phrase(strip(words))).casefold() in _MODELS


def _ask(
    command: Command, reading: Reading, what: list[Word], whom: list[Word], *, beside: list[Word]
) -> None:
    """A call of the model with what is sent as its input."""
    service = reading.vocabulary.service("openai")
    if service is None:
        reading.error("E801", "No language model is known here.", at=command.span)
        return
    action = service.by_name["answer"]
    clauses = command.all("WITH")
    if beside:
        clauses = [Clause("WITH", whole(beside), beside, command.line), *clauses]
    sent = value(reading, what, command.span)
    found = Found(service, action, tuple(what), (), (("input", sent.tree),))
    made = call_action(reading, found, clauses, wanted="", span=command.span)
    mind = mind_of(reading, whom)
    made.params.update(as_mind(reading, mind, made.params, span=command.span))
    saved = saved_name(reading, command)
    target, span = saved or (reading.fresh("AI response"), command.span)
    output = reading.save(target, made.kind, span=span)
    step = Step(
        service=Service(provider=service.name, method=action.name, params=made.params),
        output=output,
    )
    reading.emit(step, command.span, **made.places)


def _first_person(reading: Reading, words: list[Word]) -> tuple[list[Word], list[Word]]:
    """`SEND fan a message`: the person stands first."""
    for count in range(min(3, len(words) - 1), 0, -1):
        known = reading.find(phrase(strip(words[:count])))
        if known and (
            known.kind.person
            or (known.kind.base is Base.LIST and known.kind.item and known.kind.item.person)
        ):
            return words[:count], words[count:]
    if len(words) > 1 and words[0].low in _ONES:
        return words[:1], words[1:]
    for n, word in enumerate(words[1:], 1):
        last = singular(words[n - 1].low)
        people = reading.vocabulary.is_person_word(last) or last in ROLES
        if people and (word.kind is Is.TEXT or word.low in _BEGINS):
            return words[:n], words[n:]
    return [], words


_ONES = frozenset({"me", "us", "them", "him", "her"})
_BEGINS = frozenset({"a", "an", "the", "another", "some", "this", "my", "our", "their"})


def _message(
    command: Command,
    reading: Reading,
    said: tuple[list[Word], list[Word]],
    clauses: Sequence[Clause],
) -> None:
    what, whom = said
    if whom[-1].low == "via":
        reading.error("E204", "VIA what?", at=whom[-1].span)
        return
    via, whom = _via(whom)
    if not via and not command.clause("VIA"):
        via, what = _via(what)
    if _is_gift(command, reading, what, whom):
        return
    channels = channels_of(reading, command, via)
    plain = command.clause("VIA") is None and reading.find(phrase(strip(what))) is None
    channels = _said_channel(what, channels) if plain and not via else channels
    person = value(reading, whom, command.span)
    beside: dict[str, Expr] = {}
    for item in items_of(reading, clauses, None):
        beside[camel(item.key) or "text"] = value(reading, item.value, item.span).tree
    about = _headed(what, beside) or of_theirs(reading, whom, person, about=what)
    about = about or _about(command, reading, what)
    if isinstance(person.tree, Hole) or isinstance(about, Hole):
        return
    notify_each(
        reading,
        command,
        person,
        notify=Notify(to=person.tree, about=about, channels=channels, with_=beside),
    )


def _headed(what: Sequence[Word], beside: dict[str, Expr]) -> Expr | None:
    """`an email with subject "Hi"`: what it is about, taken out of what goes along."""
    key = next((key for key in _HEADS if key in beside), "")
    letter = all(word.low in _LETTERS for word in strip(what))
    return beside.pop(key) if key and letter else None


_HEADS = ("subject", "title", "about", "text", "body", "message")


def _is_gift(command: Command, reading: Reading, what: list[Word], whom: list[Word]) -> bool:
    """Money or tokens, which no message moves: told."""
    to = command.clause("TO")
    span = command.span.to(to.span) if to else command.span
    if is_money(reading, what):
        tell_money(reading, "SEND", what, span=span)
        return True
    payer = place_of(what, {"from"})
    if is_units(what[: payer or None]):
        gift = f"GIVE {join(whom)} {join(what)}"
        line = f"GIVE {join(what)} TO {join(whom)}" if payer else gift
        fix = Fix("Give them", (Edit(span, line),), Applies.MAYBE)
        why = f"Tokens are given: {line}. A message stands in quotes."
        reading.error("E212", "SEND moves no tokens.", fix, why=why, at=span)
        return True
    return False


def _about(command: Command, reading: Reading, what: list[Word]) -> Expr:
    clause = command.clause("ABOUT")
    if clause:
        return free_text(reading, clause.words)
    words = strip(what)
    known = reading.find(phrase(words)) if words else None
    if (
        known is not None
        or (len(words) == 1 and words[0].kind is Is.TEXT)
        or any(w.kind is Is.POSSESSIVE for w in words)
    ):
        return value(reading, words, command.span).tree
    texts = [word for word in words if word.kind is Is.TEXT]
    if texts:
        tell_left(reading, left_of([word for word in words if word is not texts[0]], _LETTERS))
        return value(reading, texts[:1], command.span).tree
    at = place_of(words, {"about", "saying"})
    before = len(reading.findings.found)
    tree = free_text(reading, words[at + 1 :] if at else words)
    plain = isinstance(tree, Lit) and len(reading.findings.found) == before and not at
    if plain and left_of(words, _LETTERS):
        said = f"“{join(words)}” is taken as text: these words are sent."
        reading.note("E426", said, why="What is said stands in quotes.", at=whole(words))
    return tree


_LETTERS = frozenset(
    {"email", "mail", "e-mail", "message", "text", "sms", "note", "letter", "push", "notification"}
    | {"dm", "reminder", "about", "saying", "says", "say", "reads", "reading", "with", "subject"}
    | {"titled", "called", "that", "words", "title", "short", "quick", "friendly", "warm", "nice"}
)
"""What a quoted text may be called."""


def _via(words: list[Word]) -> tuple[list[Word], list[Word]]:
    at = place_of(words, {"via", "by", "through"})
    return (words[at + 1 :], words[:at]) if at else ([], words)


def _said_channel(what: list[Word], channels: list[str]) -> list[str]:
    low = {word.low for word in what}
    if low & {"email", "mail", "e-mail"}:
        return ["email"]
    if low & {"sms", "text"}:
        return ["sms"]
    return ["push"] if "push" in low else channels


VERBS = (
    Verb(
        name="SEND",
        read=read,
        clauses=frozenset({"TO", "VIA", "WITH", "SAVE AS", "ABOUT"}),
        pattern=frozenset({"to", "via", "with", "by"}),
        says="Sends something to someone; to an AI, asks it.",
        example="""FEATURE: Welcome a guest
INPUT:
  - guest: who came
SEND "Good to see you" TO guest
""",
    ),
)
