"""VIA: the ways by which someone is reached; and one notice for each of many."""

from collections.abc import Sequence

from one.compiler.bind.literals import Typed
from one.compiler.bind.nouns import attempt
from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix, nearest
from one.compiler.expression import Expr, Hole, Ref
from one.compiler.grammar import Command, split_words
from one.compiler.kinds import Base
from one.compiler.program import ForEach, Notify, Step
from one.compiler.reader import Is, Word, join, whole

CHANNELS = {
    "app": "app",
    "in-app": "app",
    "inapp": "app",
    "inbox": "app",
    "in app": "app",
    "the app": "app",
    "notification": "app",
    "email": "email",
    "mail": "email",
    "e-mail": "email",
    "emails": "email",
    "push": "push",
    "push notification": "push",
    "push notifications": "push",
    "sms": "sms",
    "text": "sms",
    "text message": "sms",
    "texts": "sms",
    "phone": "sms",
}


def channels_of(reading: Reading, command: Command, words: Sequence[Word]) -> list[str]:
    """The channels of VIA; in the app when nothing is said."""
    clause = command.clause("VIA")
    said = [
        *split_words(words, ",", "and", "or"),
        *(split_words(clause.words, ",", "and", "or") if clause else []),
        *(clause.items if clause else []),
    ]
    found: list[str] = []
    for run in said:
        name = CHANNELS.get(join(run).casefold())
        if name is None:
            close = nearest(join(run), ["email", "push", "sms", "app"])
            place = whole(run)
            fixes = [Fix(f"Write {one}", (Edit(place, one),), Applies.MAYBE) for one in close]
            reading.error(
                "E205",
                f"I know no way called “{join(run)}”. There are email, push, sms and app.",
                *fixes,
                names=close,
                at=place,
            )
        elif name not in found:
            found.append(name)
    if clause and not said:
        reading.error("E204", "VIA what?", at=clause.key)
    return found or ["app"]


THEIR = frozenset({"their", "his", "her"})


def of_theirs(
    reading: Reading, whom: list[Word], person: Typed, *, about: list[Word]
) -> Expr | None:
    """`NOTIFY fans ABOUT their token balance`: what each of those who are told has; None where
    the words are no such thing.
    """
    if len(about) < 2 or about[0].low not in THEIR or isinstance(person.tree, Hole):
        return None
    several = person.kind.base is Base.LIST
    at = about[0].span
    who = [Word("each", "each", at)] if several else whom
    before, take_back = len(reading.findings.found), reading.trial()
    if several:
        reading.names["each"] = Name("each", (person.kind.item or person.kind).sure, "loop", at)
    steps = len(reading.steps)
    found = attempt(reading, [*who, Word("'s", "'s", at, Is.POSSESSIVE, glued=True), *about[1:]])
    if found is None or isinstance(found.tree, Hole) or reading.findings.open_since(before):
        take_back()
        return None
    if several and len(reading.steps) > steps:
        take_back()
        line = f"FOR EACH one IN {join(whom)}, with NOTIFY one ABOUT one's {join(about[1:])} below."
        said = f"“{join(about)}” is another for each of them."
        reading.error("E205", said, why=f"Go through them: {line}", at=whole(about))
        return Hole()
    if several:
        del reading.names["each"]
    return found.tree


def notify_each(reading: Reading, command: Command, person: Typed, *, notify: Notify) -> None:
    """One notification per recipient."""
    if isinstance(person.tree, Hole):
        return
    if person.kind.base is Base.TEXT and notify.channels == ["app"]:
        notify = notify.model_copy(update={"channels": ["email"]})  # an address, no member
    if person.kind.base is Base.LIST:
        inner = Step(notify=notify.model_copy(update={"to": Ref("each")}))
        reading.mark(inner, "", span=command.span)
        reading.emit(Step(for_each=ForEach(in_=person.tree, as_="each", do=[inner])), command.span)
        return
    reading.emit(Step(notify=notify), command.span)
