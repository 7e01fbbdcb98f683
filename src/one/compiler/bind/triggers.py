"""WHEN and EVERY: what sets a feature off, and the names that it binds."""

from collections.abc import Sequence
from typing import Literal

from one.compiler.bind.derived import is_role_of_people
from one.compiler.bind.literals import Typed, duration_of, literal, time_of, weekday_of
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, slipped, within_one
from one.compiler.expression import Expr, Lit
from one.compiler.grammar import find_phrase
from one.compiler.kinds import PERSON, Base, Kind, read_kind, thing
from one.compiler.layout import Head
from one.compiler.program import Every, Trigger
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import camel, key_of, singular, spaced

_Unit = Literal["minute", "hour", "day", "week", "month"]

_VERBS: tuple[tuple[str, str, str], ...] = (
    # words → what kind of trigger, and its type
    ("enrolls in", "connection", "enrolled_in"),
    ("enrols in", "connection", "enrolled_in"),
    ("enrolled in", "connection", "enrolled_in"),
    ("signs up for", "connection", "enrolled_in"),
    ("registers for", "connection", "enrolled_in"),
    ("starts following", "connection", "following"),
    ("subscribes to", "connection", "following"),
    ("follows", "connection", "following"),
    ("joins", "connection", "member_of"),
    ("becomes a member of", "connection", "member_of"),
    ("buys", "connection", "transacted"),
    ("purchases", "connection", "transacted"),
    ("pays for", "connection", "transacted"),
    ("likes", "connection", "engaged_with"),
    ("completes", "event", "completed"),
    ("finishes", "event", "completed"),
    ("comments on", "event", "commented"),
    ("shares", "event", "shared"),
    ("views", "event", "content_viewed"),
    ("watches", "event", "content_viewed"),
    ("reads", "event", "content_viewed"),
    ("listens to", "event", "content_viewed"),
    ("downloads", "event", "content_downloaded"),
    ("passes", "event", "assessment_completed"),
    ("fails", "event", "failed"),
    ("earns", "event", "earned"),
    ("rates", "event", "rated"),
    ("reviews", "event", "rated"),
    ("saves", "event", "saved"),
    ("sends", "created", ""),
    ("writes", "created", ""),
    ("posts", "created", ""),
    ("creates", "created", ""),
    ("makes", "created", ""),
    ("uploads", "created", ""),
    ("submits", "created", ""),
    ("asks", "created", "message"),
    ("signs up", "created", "audience_member"),
    ("registers", "created", "audience_member"),
    ("publishes", "published", ""),
    ("releases", "published", ""),
    ("reaches", "metric", ""),
    ("passes the mark of", "metric", ""),
    ("hits", "metric", ""),
    ("gets", "metric", ""),
)


def happenings() -> tuple[str, ...]:
    """The verbs that WHEN knows."""
    return tuple(sorted({said for said, _, _ in _VERBS}))


_INTERACTIONS = {"commented", "shared", "rated", "saved", "liked"}
_PASSIVE = {
    "created": "created",
    "sent": "created",
    "received": "created",
    "added": "created",
    "posted": "created",
    "arrives": "created",
    "published": "published",
    "released": "published",
}
_UNITS = {
    "minute": "minute",
    "min": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "morning": "day",
    "evening": "day",
    "night": "day",
    "weekday": "day",
}
_AT = {"morning": "09:00", "evening": "18:00", "night": "21:00"}


def read_trigger(reading: Reading, head: Head) -> Trigger | None:
    """The trigger, with its nouns bound; reports what it cannot read."""
    words = [word for word in head.words if word.kind is not Is.MARK or word.text not in {":", ","}]
    if not words:
        reading.error(
            "E204",
            "WHEN what? Say what happens." if head.name == "WHEN" else "How often?",
            at=head.span,
        )
        return None
    if head.name == "EVERY":
        return _every(reading, head, words)
    found = (
        _reaches(reading, words)
        or _active(reading, words)
        or _passive(reading, words)
        or _signal(reading, head, words)
    )
    if found is not None:
        _roles(reading, found)
        _made_too(reading, found, head)
    return found


_ROLES: dict[str, tuple[str, ...]] = {
    "member_of": ("member", "new member", "joiner"),
    "following": ("follower", "fan"),
    "enrolled_in": ("student", "learner"),
    "transacted": ("buyer", "customer"),
    "engaged_with": ("fan", "follower"),
    "completed": ("student", "graduate", "learner"),
    "content_viewed": ("viewer", "reader", "listener"),
    "audience_member": ("user", "new user", "member", "fan", "person"),
    "message": ("sender", "fan", "author"),
    "payment_processed": ("buyer", "payer", "customer"),
}
_ANYONE = frozenset({"someone", "somebody", "anyone", "anybody", "everyone", "person"})


def _made_too(reading: Reading, trigger: Trigger, head: Head) -> None:
    """What the happening made: the comment, the review, the payment."""
    said = {word.low for word in head.words}
    interaction = trigger.where.get("interactionType")
    kinds = {"commented": ("comment", "message"), "rated": ("review", "message")}
    name, kind = (
        kinds.get(str(interaction.value), ("", "")) if isinstance(interaction, Lit) else ("", "")
    )
    if trigger.connection == "transacted" or trigger.event == "payment_processed":
        name, kind = "payment", "payment"
    if name and reading.find(name) is None and (name == "payment" or said):
        trigger.with_ = {reading.bind(name, thing(kind), source="trigger", span=head.span): kind}


def step_aside(reading: Reading, trigger: Trigger) -> None:
    """An input that says of another kind what the trigger names is that input."""
    slot = reading.inputs.get(trigger.entity or "")
    kind = read_kind(slot.type) if slot else None
    if kind is not None and kind.base is not Base.THING:
        trigger.entity = None


def ask_unfilled(reading: Reading, trigger: Trigger) -> None:
    """An input comes from what happened: its own facts, its thing or its actor."""
    bound = (trigger.actor, trigger.entity, *trigger.with_)
    known = {key_of(one) for one in bound if one}
    if trigger.event:
        known |= reading.vocabulary.event(trigger.event).keys.keys()
    if trigger.connection:
        known |= reading.vocabulary.connection(trigger.connection).keys.keys()
    if trigger.entity_type and trigger.entity_type in reading.vocabulary.entity_types:
        known |= reading.vocabulary.entity(trigger.entity_type).keys.keys()
    for name, slot in reading.inputs.items():
        kind = read_kind(slot.type)
        there = key_of(name) in known or slot.optional or trigger.signal is not None
        if there or (kind is not None and kind.base is Base.THING and trigger.every is None):
            continue
        reading.ask(
            "E305",
            f"Where does “{spaced(name)}” come from? Nobody is asked when this runs by itself.",
            why="What happened brings its own facts, its thing and its person, by name.",
            at=reading.spans[name],
        )


def _roles(reading: Reading, trigger: Trigger) -> None:
    """The trigger's person goes by every role word that fits, where nobody else does."""
    named = trigger.connection or trigger.event or trigger.created or trigger.published or ""
    roles = _ROLES.get(named, ())
    actor = reading.find(trigger.actor) if trigger.actor else None
    if actor is None:
        return
    if key_of(actor.name) in _ANYONE and roles:
        trigger.actor = reading.bind(roles[0], PERSON, source="trigger", span=actor.span)
        del reading.names[key_of(actor.name)]
        actor = reading.find(trigger.actor) or actor
    for word in (*roles, "someone", "person"):
        if reading.find(word) is None:
            reading.names[key_of(word)] = actor


def _every(reading: Reading, head: Head, words: Sequence[Word]) -> Trigger | None:
    at: str | None = None
    rest: list[Word] = []
    for n, word in enumerate(words):
        if word.kind is Is.TIME:
            at = time_of(word.text)
            if at is None:
                reading.error("E512", f"“{word.text}” is no time of day.", at=word.span)
        elif word.low in {"noon", "midnight"}:
            at = "12:00" if word.low == "noon" else "00:00"
        elif word.low == "at" and n + 1 < len(words) and words[n + 1].kind is Is.NUMBER:
            at = time_of(words[n + 1].text + ":00")
        elif word.low == "at" and n + 1 == len(words):
            reading.error("E204", "At what time?", why="Write EVERY DAY at 9am.", at=word.span)
        elif word.low not in {"at", "on"} and not (n and words[n - 1].low == "at"):
            rest.append(word)
    every = _period(rest)
    if every is None:
        reading.error(
            "E208",
            "I don't understand how often this is.",
            why="Write EVERY DAY at 9am, EVERY MONDAY, EVERY 15 minutes.",
            at=head.span,
        )
        return None
    return Trigger(every=every.model_copy(update={"at": at or every.at}))


def _period(words: Sequence[Word]) -> Every | None:
    if not words:
        return None
    first = words[0]
    if first.kind is Is.WORD and (day := weekday_of(first.text)):
        return Every(unit="week", on=day)
    if first.low in _UNITS and len(words) == 1:
        return Every(unit=_unit(first.low), at=_AT.get(first.low))
    if first.low in {"week", "month"} and len(words) == 2 and (day := weekday_of(words[1].text)):
        return Every(unit=_unit(first.low), on=day)
    if first.low in {"second", "other"} and len(words) == 2 and words[1].low in _UNITS:
        return Every(count=2, unit=_unit(words[1].low))
    text = duration_of(words)
    if text is None:
        return None
    units = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month"}
    number = text.rstrip("smhdwo")
    unit = units.get(text[len(number) :])
    return Every(count=int(number), unit=_unit(unit)) if unit and int(number) else None


def _unit(word: str) -> _Unit:
    match _UNITS[word]:
        case "minute":
            return "minute"
        case "hour":
            return "hour"
        case "week":
            return "week"
        case "month":
            return "month"
        case _:
            return "day"


def _reaches(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a creator's video reaches 10,000 views`."""
    at = next(
        (
            n
            for n, word in enumerate(words)
            if word.low in {"reaches", "reach", "hits", "hit", "gets", "passes", "pass", "crosses"}
        ),
        0,
    )
    if not at or at + 1 >= len(words) or words[at + 1].kind not in {Is.NUMBER, Is.MONEY}:
        return None
    if _slipped_metric(reading, words, at):
        return Trigger(signal="unknown")
    count = literal(words[at + 1 : at + 2])
    if not isinstance(count, Typed):
        return None
    metric = phrase(strip(words[at + 2 :])) or (
        "revenue" if words[at + 1].kind is Is.MONEY else "count"
    )
    if at + 2 == len(words) and is_role_of_people(words[at - 1].low):  # my followers reach 1,000
        entity, kind = _owner(reading, words[0].span)
        metric = words[at - 1].low
    else:
        entity, kind = _bind_noun(reading, words[:at])
    types = sorted(kind.types)
    name = types[0] if len(types) == 1 else None
    return Trigger(metric=camel(metric), entity=entity, entity_type=name, reaches=count.tree)


_METRICS = (
    *("views", "likes", "shares", "comments", "downloads", "followers", "subscribers", "members"),
    *("students", "sales", "revenue", "plays", "listens", "tokens", "points", "completions"),
    *("enrollments", "purchases", "ratings", "saves", "visits", "backers", "pledges"),
)


def _slipped_metric(reading: Reading, words: Sequence[Word], at: int) -> bool:
    """A number of nothing, or of a measure one letter away from a usual one: reported."""
    said = words[at + 2 :]
    if not said and words[at + 1].kind is Is.NUMBER:
        asked = f"{words[at + 1].text} of what? Say for example {words[at + 1].text} views."
        reading.error("E208", asked, at=words[at + 1].span)
        return True
    if len(said) != 1 or said[0].low in _METRICS or singular(said[0].low) in _METRICS:
        return False
    near = next((one for one in _METRICS if within_one(said[0].low, one)), None)
    if near is None or reading.vocabulary.entity_of(said[0].text):
        return False
    fix = Fix(f"Write {near}", (Edit(said[0].span, near),), Applies.SAFE)
    reading.error("E208", f"Did you mean {near}?", fix, names=(near,), at=said[0].span)
    return True


def _active(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a fan completes a course`."""
    for said, what, type_name in sorted(_VERBS, key=lambda one: -len(one[0])):
        parts = said.split()
        for at in range(1, len(words)):
            if not find_phrase(words, parts, at=at):
                continue
            rest = strip(words[at + len(parts) :])
            trigger = _of(reading, what, type_name, words[:at], right=rest)
            if trigger is not None:
                return trigger
    return None


def _of(
    reading: Reading, what: str, type_name: str, left: Sequence[Word], *, right: list[Word]
) -> Trigger | None:
    rest = right
    for n, word in enumerate(right):
        if (
            n
            and word.low in {"to", "on", "in", "from", "with", "for", "by"}
            and word.kind is Is.WORD
        ):
            rest = right[:n]
            break
    if what in {"created", "published"}:
        return _made(reading, what, type_name, left, right=rest)
    actor, _ = _bind_noun(reading, left, person=True)
    if not rest:
        return (
            None if what == "connection" else _event(type_name, actor, None, kind=Kind(Base.THING))
        )
    entity, kind = _bind_noun(
        reading, rest, person=what == "connection" and type_name == "following"
    )
    name = _one_type(kind)
    if what == "connection":
        where: dict[str, Expr] = (
            {"engagementType": Lit("liked")} if type_name == "engaged_with" else {}
        )
        return Trigger(
            connection=type_name, actor=actor, entity=entity, entity_type=name, where=where
        )
    return _event(type_name, actor, entity, kind=kind)


def _event(type_name: str, actor: str, entity: str | None, *, kind: Kind) -> Trigger | None:
    name = _one_type(kind)
    if type_name == "completed":
        event = (
            "progress_updated"
            if name == "lesson"
            else "assessment_completed"
            if key_of(entity or "") in {"quiz", "test", "exam", "assessment"}
            else ""
        )
        if not event:
            return Trigger(connection="completed", actor=actor, entity=entity, entity_type=name)
        where: dict[str, Expr] = {"progress": Lit(1)} if event == "progress_updated" else {}
        return Trigger(event=event, actor=actor, entity=entity, entity_type=name, where=where)
    if type_name in _INTERACTIONS:
        return Trigger(
            event="content_interacted",
            actor=actor,
            entity=entity,
            entity_type=name,
            where={"interactionType": Lit(type_name)},
        )
    if type_name == "earned":
        word = key_of(entity or "")
        event = (
            "certificate_earned"
            if "certificate" in word
            else "token_transacted"
            if "token" in word
            else "achievement_unlocked"
        )
        return Trigger(
            event=event,
            actor=actor,
            where={"action": Lit("earned")} if event == "token_transacted" else {},
        )
    if type_name == "failed":
        return Trigger(event="assessment_completed", actor=actor, where={"passed": Lit(False)})
    if type_name == "assessment_completed":
        return Trigger(event=type_name, actor=actor, entity=None, where={"passed": Lit(True)})
    return Trigger(event=type_name, actor=actor, entity=entity, entity_type=name)


def _made(
    reading: Reading, what: str, type_name: str, left: Sequence[Word], *, right: list[Word]
) -> Trigger | None:
    if type_name == "audience_member" and not right:
        actor, _ = _bind_noun(reading, left, person=True)
        made = "creator" if key_of(actor) == "creator" else "audience_member"
        return Trigger(created=made, actor=actor)
    noun = strip(right)
    name = type_name or (reading.vocabulary.entity_of(phrase(noun)) if noun else None) or ""
    if not name and noun:
        name = reading.vocabulary.entity_of(noun[-1].text) or ""
    if not name:
        return None
    actor, _ = _bind_noun(reading, left, person=True)
    entity = reading.bind(
        phrase(noun) or name,
        thing(name),
        source="trigger",
        span=whole(right) if right else whole(list(left)),
    )
    created, published = (name, None) if what == "created" else (None, name)
    return Trigger(
        created=created, published=published, actor=actor, entity=entity, entity_type=name
    )


def _passive(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a course is published`, `a payment fails`, `payment completed`."""
    last = words[-1].low
    noun = [
        word for word in words[:-1] if word.low not in {"is", "was", "gets", "has", "been", "are"}
    ]
    bare = strip(noun)
    if not bare:
        return None
    kind = reading.vocabulary.entity_of(phrase(bare)) or reading.vocabulary.entity_of(bare[-1].text)
    if last in _PASSIVE and kind:
        entity = reading.bind(phrase(bare), thing(kind), source="trigger", span=whole(bare))
        created, published = (kind, None) if _PASSIVE[last] == "created" else (None, kind)
        return Trigger(created=created, published=published, entity=entity, entity_type=kind)
    past = {
        "fails": "failed",
        "succeeds": "completed",
        "completes": "completed",
        "starts": "started",
        "ends": "completed",
        "renews": "renewed",
        "expires": "cancelled",
    }.get(last, last)
    alias = reading.vocabulary.ontology.words.event_alias(f"{phrase(bare)} {past}")
    if alias is None:
        return None
    where: dict[str, Expr] = {
        key: Lit(value)
        for key, value in alias.metadata.items()
        if isinstance(value, str | int | float | bool)
    }
    actor = (
        ""
        if reading.find("person")
        else reading.bind("person", PERSON, source="trigger", span=whole(list(words)))
    )
    entity = reading.bind(
        phrase(bare), thing(*([kind] if kind else [])), source="trigger", span=whole(bare)
    )
    return Trigger(
        event=alias.type, actor=actor or None, entity=entity, entity_type=kind, where=where
    )


def _signal(reading: Reading, head: Head, words: Sequence[Word]) -> Trigger | None:
    """A signal by name, or nothing that is understood."""
    said = phrase(strip(words))
    if words[0].low in {"signal", "i"} or key_of(said) in {
        key_of(one) for one in reading.vocabulary.signals
    }:
        name = said.removeprefix("signal ").strip('"')
        return Trigger(signal=camel(name))
    if len(words) == 1 and words[0].kind is Is.TEXT:
        return Trigger(signal=camel(words[0].text))
    _not_understood(reading, head, words)
    for word in words:
        if word.kind is Is.WORD and reading.vocabulary.is_person_word(word.text):
            reading.bind(word.text, PERSON, source="trigger", span=word.span)
        elif word.kind is Is.WORD and (name := reading.vocabulary.entity_of(word.text)):
            reading.bind(word.text, thing(name), source="trigger", span=word.span)
    reading.lost.append(frozenset())
    return None


_ENDINGS = frozenset({"leaves", "quits", "unfollows", "unsubscribes", "exits", "departs"})


def _not_understood(reading: Reading, head: Head, words: Sequence[Word]) -> None:
    """Told, with the verb that was meant where one is a letter away."""
    if left := next((word for word in words if word.low in _ENDINGS), None):
        reading.error(
            "E208",
            f"Nothing is noted when somebody {left.low}, so nothing can be set off by it.",
            why="Let EVERY DAY look who is still there, or a feature that ends it do this as well.",
            at=head.span,
        )
        return
    firsts = sorted({said.split()[0] for said, _, _ in _VERBS})
    for word in words[1:]:
        near = [
            one
            for one in firsts
            if len(word.low) > 3 and word.low != one and slipped(word.low, one)
        ]
        if near and reading.vocabulary.entity_of(word.text) is None:
            fix = Fix(f"Write {near[0]}", (Edit(word.span, near[0]),), Applies.MAYBE)
            said = f"I don't understand “{word.text}”. Did you mean {near[0]}?"
            reading.error("E208", said, fix, names=near[:1], at=word.span)
            return
    reading.error(
        "E208",
        "I don't understand what sets this off.",
        why="Write for example WHEN a fan completes a course, or EVERY DAY at 9am.",
        at=head.span,
    )


def _bind_noun(
    reading: Reading, words: Sequence[Word], *, person: bool = False
) -> tuple[str, Kind]:
    """A noun of the trigger: its name and kind."""
    bare = strip(words)
    while bare and bare[0].low in {"new", "my", "our", "another", "one", "of"} and len(bare) > 1:
        bare = strip(bare[1:])
    marks = [n for n, word in enumerate(bare) if word.kind is Is.POSSESSIVE]
    if marks and marks[-1] + 1 < len(bare):
        _bind_noun(reading, bare[: marks[0]], person=True)
        bare = bare[marks[-1] + 1 :]
    if [word.low for word in bare] in (["me"], ["us"]):
        return _owner(reading, whole(bare), person=person)
    if not bare:
        return "", PERSON
    said = phrase(bare)
    vocabulary = reading.vocabulary
    last = bare[-1].text
    name = vocabulary.entity_of(said) or vocabulary.entity_of(last)
    if vocabulary.is_person_word(said) or (vocabulary.is_person_word(last) and name is None):
        kind = thing("creator") if key_of(said) == "creator" and not person else PERSON
    elif name is not None:
        kind = thing(name)
    else:
        kind = PERSON if person else Kind(Base.THING)
        near = [] if person else _near_nouns(reading, last)
        if person or near or said in {"a", "an", "the"}:
            fixes = [
                Fix(f"Write {one}", (Edit(bare[-1].span, one),), Applies.MAYBE) for one in near
            ]
            asked = f"Who or what is “{said}”?"
            reading.error("E208", asked, *fixes, names=near, at=whole(bare))
    return reading.bind(said, kind, source="trigger", span=whole(bare)), kind


def _owner(reading: Reading, span: Span, *, person: bool = False) -> tuple[str, Kind]:
    """`me`: the creator of a happening is always the feature's owner."""
    kind = PERSON if person else thing("creator")
    return reading.bind("creator", kind, source="trigger", span=span), kind


def _near_nouns(reading: Reading, word: str) -> list[str]:
    """Nouns of the ontology one letter away."""
    types = reading.vocabulary.entity_types.values()
    nouns = (noun for one in types for noun in (one.singular, *one.synonyms))
    return [noun for noun in nouns if len(word) > 3 and within_one(key_of(word), key_of(noun))][:2]


def _one_type(kind: Kind) -> str | None:
    return next(iter(kind.types)) if len(kind.types) == 1 else None
