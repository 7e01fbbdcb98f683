"""WAIT: for a length of time, until a moment, until something happens."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.awaited import TIES, kind_of
from one.compiler.bind.conditions import condition
from one.compiler.bind.dates import calendar_day, day_of_year, moment_of, no_moment
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.leftover import left_of, names_something, tell_left
from one.compiler.bind.literals import Typed, duration_of, literal, unit_of
from one.compiler.bind.names import THEY, lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.saving import message_of, saved_name, slipped_units, timeout_of
from one.compiler.bind.saying import Predicate, find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, slipped
from one.compiler.expression import Binary, Call, Expr, Get, Hole, Lit, Ref
from one.compiler.grammar import Command, Verb
from one.compiler.kinds import DATETIME, DURATION, UNKNOWN, Base, say_kind
from one.compiler.program import OnError, Step, Until, WaitForEvent
from one.compiler.reader import Is, Word, join, whole
from one.compiler.vocabulary import camel, plural, spaced

_SAYING = ("sends", "send", "writes", "write", "messages", "texts", "speaks")
_VERBS: dict[str, tuple[str, dict[str, str | int | bool]]] = {
    "pays": ("payment_processed", {"status": "completed"}),
    "paid": ("payment_processed", {"status": "completed"}),
    **dict.fromkeys(_SAYING, ("entity_created", {"entityType": "message"})),
    "replies": ("entity_created", {"entityType": "message"}),
    "answers": ("entity_created", {"entityType": "message"}),
    "responds": ("entity_created", {"entityType": "message"}),
    "enrolls": ("course_enrolled", {}),
    "completes": ("progress_updated", {"progress": 1}),
    "finishes": ("progress_updated", {"progress": 1}),
    "views": ("content_viewed", {}),
    "watches": ("content_viewed", {}),
    "shares": ("content_interacted", {"interactionType": "shared"}),
    "likes": ("content_interacted", {"interactionType": "liked"}),
    "comments": ("content_interacted", {"interactionType": "commented"}),
    "downloads": ("content_downloaded", {}),
    "signs": ("entity_created", {"entityType": "audience_member"}),
    "passes": ("assessment_completed", {"passed": True}),
    "publishes": ("entity_published", {}),
    "buys": ("payment_processed", {"status": "completed"}),
    "publish": ("entity_published", {}),
    "reply": ("entity_created", {"entityType": "message"}),
    "answer": ("entity_created", {"entityType": "message"}),
    "pay": ("payment_processed", {"status": "completed"}),
}
_ANSWERS = frozenset({"reply", "answer", "response"})
_PAST = {
    "completes": "completed",
    "arrives": "completed",
    "succeeds": "completed",
    "fails": "failed",
    "clears": "completed",
    "starts": "started",
    "confirmed": "completed",
    "done": "completed",
    "received": "received",
    "happens": "completed",
    "comes": "completed",
}


def read(command: Command, reading: Reading) -> None:
    """A wait by its words."""
    said, limit = _limit_first([word for word in command.words if word.text not in {"(", ")"}])
    if limit is None and command.clause("TIMEOUT") is None:
        said, limit = _limited(said)
    said = _doing(reading, said)
    words = [word for word in said if word.low not in {"for", "about"}]
    if not words:
        reading.error(
            "E204",
            "WAIT how long, or until what?",
            why="Write WAIT 24 hours, or WAIT until the payment is completed.",
            at=command.key,
        )
        _bind(command, reading, None)
        return
    if words[0].low in {"until", "till"} or limit is not None:
        _until(command, reading, words[words[0].low in {"until", "till"} :], limit)
        return
    duration = duration_of(strip(words)) or duration_of(words)
    if words[0].text in {"-", "–"} or (duration or "1").strip("smhdwo") == "0":
        why = "Write how long, such as WAIT 2 days; what is over can't be waited for."
        reading.error("E204", "A wait is longer than nothing.", why=why, at=whole(words))
        return
    if duration is None:
        found = _as_long_as(reading, words)
        if found is not None and found.kind.base is Base.DURATION:
            until = Binary("+", Call("now", ()), found.tree)
            reading.emit(Step(wait=Until(until=until)), command.span)
            return
        if said[0].low == "for" and found is None and not literal(words):  # `for the reply`
            _until(command, reading, words)
            return
        reading.error(
            "E204",
            "I don't understand how long this is.",
            *slipped_units(words),
            why="Write a number and minutes, hours, days or weeks.",
            at=command.span,
        )
        return
    reading.emit(Step(wait=duration), command.span)


def _doing(reading: Reading, words: list[Word]) -> list[Word]:
    """`for the fan to reply`, `for the fan's reply` → `until the fan replies`."""
    if len(words) < 2 or words[0].low != "for":
        return words
    until = replace(words[0], text="until", low="until")
    if len(words) > 3 and words[-2].kind is Is.POSSESSIVE and words[-1].low in _REPLIES:
        return [until, *words[1:-2], replace(words[-1], text="replies", low="replies")]
    at = next((n for n, word in enumerate(words[:-1]) if n > 1 and word.low == "to"), 0)
    does = words[at + 1]
    if not at or does.kind is not Is.WORD or does.low in _NO_DEEDS or reading.find(does.text):
        return words
    verb = "is" if does.low == "be" else plural(does.low)
    return [until, *words[1:at], replace(does, text=verb, low=verb), *words[at + 2 :]]


_REPLIES = frozenset({"reply", "answer", "response"})
_NO_DEEDS = frozenset({"my", "me", "us", "our", "the", "a", "an", "their", "him", "her", "them"})


def _until(command: Command, reading: Reading, words: list[Word], limit: str | None = None) -> None:
    if not strip(words):
        reading.error("E204", "WAIT until what?", at=command.span)
        _bind(command, reading, None)
        return
    moment = moment_of(words)
    if moment is not None and limit is not None:
        reading.error("E205", "A moment comes by itself: no longest time is said.", at=command.span)
        return
    if moment is not None:
        if moment[2:3] == "-":
            said = f"“{phrase(words)}” is taken as the next one to come."
            reading.note("E323", said, at=whole(words))
        reading.emit(Step(wait=Until(until=Lit(moment))), command.span)
        return
    if (length := duration_of([word for word in words if word.low not in _PASSING])) is not None:
        reading.emit(Step(wait=length), command.span)
        return
    timeout_of(reading, command)
    if (offset := _offset(reading, words)) is not None:
        reading.emit(Step(wait=Until(until=offset)), command.span)
        return
    timed = command.clause("TIMEOUT") is None and words[-1].low in _TIMED
    if timed and (offset := _begun(reading, words)) is not None:
        reading.emit(Step(wait=Until(until=offset)), command.span)
        return
    named = (
        attempt(reading, words)
        if reading.find(phrase(strip(words))) or any(w.kind == "possessive" for w in words)
        else None
    )
    if named is not None and named.kind.base is Base.DATETIME:
        reading.emit(Step(wait=Until(until=named.tree)), command.span)
        return
    if _no_moment(reading, words) or _unnoted(reading, words):
        _bind(command, reading, None)
        return
    event = _relation(reading, words) or _event(reading, words)
    if event is None and _is_moment(words):
        why = "Write WAIT until 2 days before the show starts, or an input that is a date."
        reading.error("E205", f"I don't see when “{join(words)}” is.", why=why, at=whole(words))
        _bind(command, reading, None)
        return
    if event is None and _slipped_verb(reading, words):
        _bind(command, reading, None)
        return
    if event is None:
        said = strip(words)
        said = said[1:] if said[0].low == "signal" and len(said) > 1 else said
        name = camel(phrase(said))
        reading.note("E427", f"This waits for the signal “{name}”.", at=whole(words))
        event = WaitForEvent(type="signal", where={"name": Lit(name)})
        event = _matched(reading, event, words, said=[])
    event.timeout = limit or timeout_of(reading, command)
    _emit(command, reading, event)


def _no_moment(reading: Reading, words: list[Word]) -> bool:
    """Told: a day or a time that is none, a name that holds neither."""
    known = reading.find(phrase(strip(words)))
    if known is not None and known.kind.sure.base in _NO_MOMENTS:
        said = f"“{phrase(words)}” is {say_kind(known.kind)}, no moment and nothing that happens."
        reading.error("E502", said, at=whole(words))
        return True
    if calendar_day(words) == (None, []):
        why = "Write day, month and year: WAIT until 24 December 2030, WAIT until 2030-12-24."
        never = day_of_year(words) is None
        said = f"There is no {phrase(words)}." if never else f"“{phrase(words)}” is no whole date."
        reading.error("E205", said, why=why, at=whole(words))
        return True
    if (found := no_moment(words)) is None or known is not None:
        return False
    odd, meant = found
    fixes = [Fix(f"Write {one}", (Edit(whole(odd), one),), Applies.MAYBE) for one in meant]
    why = "Write 9am, 8:30pm, 17:45, Friday 8pm, tomorrow or 2030-12-24."
    said = f"“{join(odd)}” is no day and no time of day."
    said += f" Did you mean {listed(meant)}?" if meant else ""
    reading.error("E512", said, *fixes, why=why, at=whole(odd))
    return True


_NO_MOMENTS = frozenset(
    {Base.INTEGER, Base.NUMBER, Base.MONEY, Base.RATIO, Base.BOOLEAN, Base.LIST}
)


def _as_long_as(reading: Reading, words: list[Word]) -> Typed | None:
    """`period`, a length of time; `[n] days`, `n` of them; `days`, a number called so."""
    unit = unit_of(words[-1].low)
    several = words[:-1] if reading.find(phrase(strip(words))) is None else words
    if unit not in {"s", "m", "h", "d", "w"} or not several:
        return attempt(reading, words)
    found = attempt(reading, several)
    if found is None or not found.kind.numeric:
        return found if several is words else None
    return Typed(Binary("*", found.tree, Lit(f"1{unit}")), DURATION)


_LENGTHS = ("minutes", "hours", "days", "weeks", "months", "years", "seconds")
_PASSING = frozenset(
    {"later", "after", "in", "have", "has", "are", "is", "pass", "passes", "passed", "from", "now"}
    | {"go", "goes", "gone", "by", "over"}
)
"""What turns a length of time into the moment when it is over: `WAIT until 3 days later`."""


_LIMITS = (
    ("timeout", "after"),
    ("timeout",),
    ("or", "at", "most"),
    ("or", "up", "to"),
    ("or",),
    ("at", "most"),
    ("up", "to"),
    ("no", "longer", "than"),
    ("within",),
    ("for",),
    ("max",),
    ("maximum",),
)
"""What stands before the longest time: `until the fan replies or 3 days`."""


def _limit_first(words: list[Word]) -> tuple[list[Word], str | None]:
    """`up to 3 days until fan replies`, `2 days or until fan pays`, `3 days for a reply`."""
    ends = {"until", "till", "for"}
    at = next((n for n, word in enumerate(words) if n and word.low in ends), 0)
    if not at or at + 1 == len(words):
        return words, None
    head = words[: at - (words[at - 1].low == "or")]
    length = _length_after(head, *_LIMITS, ())
    return (words, None) if length is None else (words[at:], length)


def _limited(words: list[Word]) -> tuple[list[Word], str | None]:
    """What is waited for, and how long at most where that is said on the line."""
    for n in range(1, len(words)):
        length = _length_after(words[n:], *_LIMITS, passing=_PASSING)
        if length is not None:
            return words[: n - (words[n - 1].text == ",")], length
    return words, None


def _length_after(
    words: list[Word], *leads: tuple[str, ...], passing: frozenset[str] = frozenset()
) -> str | None:
    """The length of time that the words are, after one of the leads."""
    for lead in leads:
        if tuple(word.low for word in words[: len(lead)]) == lead:
            rest = [word for word in words[len(lead) :] if word.low not in passing]
            length = duration_of(strip(rest))
            if length is not None:
                return length
    return None


def _slipped_verb(reading: Reading, words: Sequence[Word]) -> bool:
    """`the fan piad`: what happens, with a slip in it; told."""
    known = {*_VERBS, *_PAST, *_PAST.values(), *_TIMED, *_SHORT}
    for word in words[1:]:
        near = sorted(one for one in known if len(one) > 3 and slipped(word.low, one))
        if near and len(word.low) > 3 and word.low not in known and reading.find(word.text) is None:
            fix = Fix(f"Write {near[0]}", (Edit(word.span, near[0]),), Applies.MAYBE)
            said = f"I don't understand “{word.text}”. Did you mean {near[0]}?"
            reading.error("E205", said, fix, names=near[:1], at=word.span)
            return True
    return False


_MOMENTS = frozenset({"before", "after", "start", "starts", "end", "ends"})


def _is_moment(words: Sequence[Word]) -> bool:
    """Whether the words speak of a time, and so name no signal."""
    low = {word.low for word in words}
    owned = any(word.kind is Is.POSSESSIVE for word in words)
    return len(words) > 2 and bool(low & _MOMENTS) and (owned or bool(low & {*_LENGTHS}))


_TIMED = frozenset({"starts", "begins", "ends"})
_ENDING = frozenset({"leaves", "leave", "unfollows", "unfollow", "unsubscribes", "quits"})


def _unnoted(reading: Reading, words: Sequence[Word]) -> bool:
    """The end of a relation, which no WAIT sees: told, for such a wait would never end."""
    bare = normal(words)
    verb = next((word for word in bare[1:] if word.low in _ENDING), None)
    held = verb is None and _held(reading, bare)
    if verb is None and not (held and held.negated):
        return False
    said = "A WAIT sees what comes about, and not that something ends."
    why = "Let EVERY DAY look who is still there, or WAIT some days and ask with IF."
    reading.error("E205", said, why=why, at=whole(list(words)))
    return True


_SHORT = {
    "joins": ["is", "member", "of"],
    "join": ["is", "member", "of"],
    "follows": ["follows"],
    "follow": ["follows"],
    "subscribes": ["follows"],
}
"""What makes a relation → the relation, which is there at the latest then."""


def _stated(words: Sequence[Word]) -> list[Word]:
    """`fan joins the club` → `fan is member of the club`."""
    found: list[Word] = []
    for n, word in enumerate(words):
        said = _SHORT.get(word.low) if n and word.kind is Is.WORD else None
        after = words[n - 1].low if n else ""
        if word.low == "to" and after == "subscribes":
            continue
        found += [replace(word, text=one, low=one) for one in said] if said else [word]
    return found


def _held(reading: Reading, words: Sequence[Word]) -> Predicate | None:
    """What the words say of a relation between two."""
    at, found = find_predicate(reading, words)
    if found is None or found.op != "relation" or found.sort or found.relation not in TIES:
        return None
    who = phrase(strip(words[:at]))
    name = lookup(reading, who) if who else None
    someone = words[0].low in THEY or (name.kind.person if name else False)
    someone = someone or (bool(who) and reading.vocabulary.is_person_word(words[at - 1].text))
    return found if someone and at + found.count < len(words) else None


def _relation(reading: Reading, words: list[Word]) -> WaitForEvent | None:
    """`fan is a member of my community`, `fan owns the course`: until it is so."""
    stated = _stated(normal(words))
    done = any(word.low in _VERBS for word in words[1:])
    if done or _held(reading, stated) is None:
        return None
    match condition(reading, stated, whole(words)):
        case Call("connected", (one, Lit("completed"), Ref(name) as other)) if (
            known := reading.find(name)
        ) and known.kind.types == frozenset({"lesson"}):
            all_of_it: dict[str, Expr] = {"progress": Lit(1)}
            return WaitForEvent(type="progress_updated", actor=one, entity=other, where=all_of_it)
        case Call("connected", (one, Lit(str(type)), other)) if not isinstance(other, Lit):
            return WaitForEvent(type=type, actor=one, entity=other)
        case Call("owns", (one, other)):
            return WaitForEvent(type="owns", actor=one, entity=other)
        case _:
            return None


def _offset(reading: Reading, words: list[Word]) -> Expr | None:
    """`1 day before the date`, `2 hours after the stream's start`."""
    at = next((n for n, word in enumerate(words) if n and word.low in {"before", "after"}), 0)
    length = duration_of(words[:at])
    if length is None or at + 1 >= len(words):
        return None
    after = words[at + 1 :]
    moment = _begun(reading, after)
    if moment is None:
        found = value(reading, after, whole(after), expected=DATETIME)
        if found.kind.base is not Base.DATETIME:
            if not isinstance(found.tree, Hole):
                said = f"“{phrase(after)}” is no moment."
                reading.error("E502", said, at=whole(after))
            return Hole()
        moment = found.tree
    return Binary("-" if words[at].low == "before" else "+", moment, Lit(length))


_BEGINNING = {
    "starts": "starts at",
    "begins": "starts at",
    "ends": "ends at",
    "finishes": "ends at",
}


def _begun(reading: Reading, words: list[Word]) -> Expr | None:
    """`the livestream starts`: when a thing begins or ends, where it has such a moment."""
    key = _BEGINNING.get(words[-1].low) if len(words) > 1 else None
    base = attempt(reading, words[:-1]) if key and attempt_quietly(reading, words[:-1]) else None
    if key is None or base is None or base.kind.base is not Base.THING:
        return None
    found = reading.vocabulary.property_kind(base.kind.types, key)
    return Get(base.tree, found[0]) if found else None


def _event(reading: Reading, words: Sequence[Word]) -> WaitForEvent | None:
    """`payment completed`, `the fan replies`, `course is published`."""
    bare = [
        word
        for word in words
        if word.low not in {"is", "has", "been", "was", "are", "the", "a", "an", "by", "up"}
    ]
    for n in range(len(bare), 0, -1):
        event = _named(reading, bare[:n])
        if event is not None:
            _tell_rest(reading, bare[n:])
            return _matched(reading, event, bare[n:], bare[:n])
    if len(bare) == 1 and bare[0].low in _ANSWERS:  # `for a reply`
        event = WaitForEvent(type="entity_created", where={"entityType": Lit("message")})
        return _matched(reading, event, [], [])
    for n in range(1, len(bare)):
        if bare[n].low in _VERBS:
            type_name, metadata = _VERBS[bare[n].low]
            where: dict[str, Expr] = {key: Lit(one) for key, one in metadata.items()}
            actor = value(reading, bare[:n], whole(list(bare[:n])))
            bill = type_name == "payment_processed" and _is_bill(reading, actor.tree)
            if bill:
                where["paymentId"] = Get(actor.tree, "id")
            event = WaitForEvent(
                type=type_name,
                actor=None if bill or isinstance(actor.tree, Hole) else actor.tree,
                where=where,
            )
            _tell_rest(reading, bare[n + 1 :])
            return _of_course(reading, _matched(reading, event, bare[n + 1 :], []))
    return None


def _of_course(reading: Reading, event: WaitForEvent) -> WaitForEvent:
    """Who completes a course stands in that relation to it; of a lesson it is progress."""
    entity = reading.find(event.entity.name) if isinstance(event.entity, Ref) else None
    course = entity is not None and entity.kind.types == frozenset({"course"})
    if event.type != "progress_updated" or event.actor is None or not course:
        return event
    return WaitForEvent(type="completed", actor=event.actor, entity=event.entity)


_BESIDE = frozenset(
    {"on", "in", "to", "for", "of", "with", "from", "at", "through", "via", "out", "off", "back"}
    | {"me", "my", "our", "us", "their", "his", "her", "its", "it", "them", "him", "that", "'s"}
    | {"you", "your", "all", "fully", "successfully", "finally", "again", "new"}
)


def _tell_rest(reading: Reading, words: Sequence[Word]) -> None:
    """Words after what happens that name nothing: a WAIT does not choose by them."""
    strange = [word for word in left_of(words, _BESIDE) if not names_something(reading, word)]
    why = "A WAIT sees what happens, by whom and to what; IF asks of it afterwards."
    tell_left(reading, strange, why)


_LONGEST_NAME = 20


def _named(reading: Reading, words: Sequence[Word]) -> WaitForEvent | None:
    if len(words) > _LONGEST_NAME:
        return None
    said = [
        _PAST.get(word.low, word.text) if n == len(words) - 1 else word.text
        for n, word in enumerate(words)
    ]
    while (
        len(said) > 1
        and reading.find(said[0])
        and reading.vocabulary.ontology.words.event_alias(" ".join(said)) is None
        and len(said) > 2
    ):
        said = said[1:]
    alias = reading.vocabulary.ontology.words.event_alias(" ".join(said))
    if alias is None or alias.type not in reading.vocabulary.event_types:
        return None
    where: dict[str, Expr] = {
        key: Lit(one)
        for key, one in alias.metadata.items()
        if isinstance(one, str | int | float | bool)
    }
    return WaitForEvent(type=alias.type, where=where)


def _matched(
    reading: Reading, event: WaitForEvent, rest: Sequence[Word], said: Sequence[Word]
) -> WaitForEvent:
    """By the nouns of the phrase, else by the run's person."""
    for word in [*said, *rest]:
        found = reading.find(word.text)
        if found and found.kind.base is Base.THING:
            reading.use(found)
            if found.kind.person:
                event.actor = event.actor or Ref(found.name)
            elif event.entity is None:
                event.entity = Ref(found.name)
        elif found and event.type == "payment_processed" and _is_bill(reading, Ref(found.name)):
            reading.use(found)
            event.where["paymentId"] = Get(Ref(found.name), "id")
    people = reading.people()
    named = event.entity is not None or "paymentId" in event.where
    if event.actor is None and not named and people:
        event.actor = Ref(people[0].name)
    if event.actor is None and event.type in _DEEDS and len(people) == 1:
        event.actor = Ref(people[0].name)
        who = f"Only what the {spaced(people[0].name)} does ends this wait."
        reading.note("E323", who, at=whole([*said, *rest]))
    return event


def _is_bill(reading: Reading, tree: Expr) -> bool:
    """Whether a value is what a checkout gave: to be paid by somebody."""
    return isinstance(tree, Ref) and reading.calls.get(tree.name) == ("stripe", "createCheckout")


_DEEDS = frozenset({"progress_updated", "content_viewed", "content_downloaded"}) | {
    *("content_interacted", "assessment_completed", "certificate_earned", "course_enrolled"),
}
"""What somebody does to a thing: of the feature's person, where nobody else is named."""


def _emit(command: Command, reading: Reading, event: WaitForEvent) -> None:
    if event.timeout is None and command.clause("TIMEOUT") is None:
        reading.warn(
            "E612", "This waits 30 days at most; say TIMEOUT to choose how long.", at=command.span
        )
        event.timeout = "30d"
    step = Step(wait_for_event=event)
    otherwise = command.clause("OTHERWISE")
    if otherwise and otherwise.body:
        step.on_error = OnError(rollback=reading.block(otherwise.body).steps)
    elif otherwise:
        step.on_error = OnError(return_={"error": message_of(reading, otherwise.words)})
    step.output = _bind(command, reading, event)
    reading.emit(step, command.span)
    reading.awaited = (step, event)


def _bind(command: Command, reading: Reading, event: WaitForEvent | None) -> str | None:
    saved = saved_name(reading, command)
    if saved is None:
        return None
    kind = kind_of(event) if event else UNKNOWN
    return reading.save(saved[0], kind, span=saved[1])


VERBS = (
    Verb(
        name="WAIT",
        read=read,
        clauses=frozenset({"TIMEOUT", "SAVE AS", "OTHERWISE", "BETWEEN TRIES"}),
        pattern=frozenset({"until", "for", "by"}),
        says="Pauses; survives restarts.",
        example="""FEATURE: Ask again later
INPUT:
  - guest: who wrote
WAIT 3 days
NOTIFY guest ABOUT "Still interested?"
""",
    ),
)
