"""VIA: the ways by which someone is reached; and one notice for each of many."""

from collections.abc import Sequence

from one.compiler.bind.literals import Typed
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, nearest
from one.compiler.expression import Hole, Ref
from one.compiler.grammar import Command, split_words
from one.compiler.kinds import Base
from one.compiler.program import ForEach, Notify, Step
from one.compiler.reader import Word, join, whole

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
