"""WHEN: what sets a feature off, and the names that it binds.

A word that chooses among what happens is refused: CHECK and IF choose.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from one.compiler.bind.addressees import to_whom
from one.compiler.bind.happening import as_it_happens
from one.compiler.bind.names import ARTICLES, phrase, strip
from one.compiler.bind.schedules import read_every
from one.compiler.bind.session import Reading
from one.compiler.bind.subjects import (
    Noun,
    bind_noun,
    note_any,
    plain,
    plain_end,
    too_much,
    whose,
)
from one.compiler.bind.thresholds import reaches
from one.compiler.diagnosis import Applies, Edit, Fix, listed, slipped
from one.compiler.expression import Expr, Lit
from one.compiler.grammar import find_phrase
from one.compiler.kinds import PEOPLE, PERSON, Base, Kind, read_kind, thing
from one.compiler.layout import Head
from one.compiler.program import Trigger
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import camel, key_of, singular, spaced
from one.ontology.types import ConnectionType
from one.ontology.words import article

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


_FIRSTS = frozenset(said.split()[0] for said, _, _ in _VERBS)
_INTERACTIONS = {"commented", "shared", "rated", "saved", "liked"}
_PASSIVE = {
    "created": "created",
    "uploaded": "created",
    "submitted": "created",
    "sent": "created",
    "received": "created",
    "added": "created",
    "posted": "created",
    "arrives": "created",
    "published": "published",
    "released": "published",
}


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
        return read_every(reading, head, words)
    words, reading.clone = to_whom(reading, as_it_happens(reading, words))
    words = _voiced(reading, words)
    found = (
        reaches(reading, words)
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
    "engaged_with": ("fan", "follower", "liker"),
    "completed": ("student", "graduate", "learner"),
    "progress_updated": ("student", "learner"),
    "assessment_completed": ("student", "learner"),
    "content_interacted": ("commenter", "liker", "sharer", "reviewer", "rater"),
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
        free = slot.optional or slot.default is not None
        there = key_of(name) in known or free or trigger.signal is not None
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


def _active(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a fan completes a course`."""
    words = _third(words)
    for said, what, type_name in sorted(_VERBS, key=lambda one: -len(one[0])):
        parts = said.split()
        for at in range(1, len(words)):
            if what == "metric" or not find_phrase(words, parts, at=at):
                continue  # a measure comes with its number
            rest = strip(words[at + len(parts) :])
            trigger = _of(reading, what, type_name, words[:at], right=rest)
            if trigger is not None:
                return trigger
    return None


_DONE = {
    **dict.fromkeys(("bought", "sold", "purchased"), "buys"),
    **dict.fromkeys(("viewed", "watched"), "views"),
    "liked": "likes",
    "shared": "shares",
    "downloaded": "downloads",
}


def _voiced(reading: Reading, words: list[Word]) -> list[Word]:
    """`my song is bought by a fan` → `a fan buys my song`; by whomever, where nobody is named, as
    in `my song gets a like`.
    """
    if (got := _got(words)) is not None:
        return got
    at = next((n for n, word in enumerate(words) if n > 1 and word.low in _DONE), 0)
    is_ = at and words[at - 1].low in {"is", "was", "gets", "are"}
    by = words[at + 1 : at + 2]
    if not is_ or (by and by[0].low != "by"):
        return words
    thing_ = words[: at - 1]
    if reading.vocabulary.entity_of(thing_[-1].text) in {None, "payment"}:
        return words
    verb = replace(words[at], text=_DONE[words[at].low], low=_DONE[words[at].low])
    who = words[at + 2 :] or [replace(words[at], text="somebody", low="somebody")]
    return [*who, verb, *thing_]


_GOT = {"like": "likes", "share": "shares", "rating": "rates", "review": "reviews"} | {
    "download": "downloads",
    "view": "views",
    "comment": "comments on",
    "sale": "buys",
    "buyer": "buys",
}


def _got(words: list[Word]) -> list[Word] | None:
    """`my song gets a like` → `somebody likes my song`."""
    at = next((n for n, word in enumerate(words) if n and word.low in {"gets", "receives"}), 0)
    said = [word for word in strip(words[at + 1 :]) if word.low != "new"] if at else []
    if len(said) != 1 or said[0].low not in _GOT:
        return None
    whole_ = ["somebody", *_GOT[said[0].low].split()]
    return [*(replace(words[at], text=one, low=one) for one in whole_), *words[:at]]


_PERSONS = frozenset({"fan", "student", "customer", "user", "member", "follower", "buyer"})


def _third(words: Sequence[Word]) -> list[Word]:
    """`fans join my community`, `I publish a video`, with the verb as of one person."""
    found = list(words)
    for n, (before, word) in enumerate(pairwise(words), 1):
        several = before.low in {"i", "we", "people"} or singular(before.low) != before.low
        several = several or before.low in _PERSONS  # `fan buy course`
        said = next((w for w in (word.low + "s", word.low + "es") if w in _FIRSTS), None)
        if several and said:
            found[n] = replace(word, text=said, low=said)
            break
    return found


def _of(
    reading: Reading, what: str, type_name: str, left: Sequence[Word], *, right: list[Word]
) -> Trigger | None:
    if what in {"created", "published"}:
        return _made(reading, what, type_name, left, right=right)
    quiz = type_name in {"failed", "assessment_completed"}
    if (quiz and right and right[-1].low not in _QUIZZES) or (
        quiz and not _is_person(reading, left)
    ):
        return None  # `a payment fails`
    if what == "connection" and not right:
        return None
    actor = bind_noun(reading, left, person=True)
    follows = type_name == "following"
    any_ = not right or [word.low for word in right] in (["anything"], ["something"])
    entity = Noun("", Kind(Base.THING)) if any_ else bind_noun(reading, right, person=follows)
    trigger = Trigger(
        actor=actor.name,
        entity=entity.name or None,
        entity_type=entity.type,
        mine=entity.mine,
    )
    if what == "connection":
        trigger.connection = type_name
        trigger.where = {"engagementType": Lit("liked")} if type_name == "engaged_with" else {}
        _check_end(reading, trigger, right)
    else:
        _event(type_name, trigger)
    return _by_mine(reading, trigger, actor, left)


_QUIZZES = frozenset({"quiz", "test", "exam", "assessment"})


def _is_person(reading: Reading, words: Sequence[Word]) -> bool:
    bare = whose(words)[0]
    last = bare[-1].text if bare else ""
    return reading.vocabulary.is_person_word(last) or reading.vocabulary.entity_of(last) is None


def _check_end(reading: Reading, trigger: Trigger, words: Sequence[Word]) -> None:
    """A relation that nobody can have to such a thing never comes about."""
    ties, name = reading.vocabulary.connection_types, trigger.entity_type
    kind = ties[trigger.connection or ""]
    near = ties.get(_NEAR.get(kind.name, ""))
    if name is not None and near is not None and not _fits(kind, name) and _fits(near, name):
        trigger.connection, kind = near.name, near
    if name is not None and not _fits(kind, name):
        said = f"Nobody can be {spaced(kind.name)} {article(spaced(name))}, so this never happens."
        why = _what_happens(reading, name)
        reading.error(
            "E208", said.replace("be following", "follow"), why=why, at=whole(list(words))
        )


_NEAR = {"member_of": "enrolled_in", "following": "member_of"}
"""What is meant of a thing that the relation can't run to: who joins a livestream is enrolled."""


def _fits(kind: ConnectionType, name: str) -> bool:
    """Whether a person can be so tied to a thing of that type."""
    return any(kind.fits(one, name) for one in sorted(PEOPLE))


def _what_happens(reading: Reading, name: str) -> str:
    """What people can do with a thing, as WHEN says it."""
    ties = reading.vocabulary.connection_types
    verbs = [
        said
        for said, what, tie in _VERBS
        if what == "connection" and any(ties[tie].fits(one, name) for one in sorted(PEOPLE))
    ]
    shown = listed([f"WHEN a fan {said} {article(spaced(name))}" for said in verbs[-3:]])
    return f"Write {shown}." if verbs else ""


def _by_mine(reading: Reading, trigger: Trigger, actor: Noun, words: Sequence[Word]) -> Trigger:
    """`my student completes a course`: one of mine. Any other tie to me is no part of what happens.

    What the owner does sets nothing off: they know of it.
    """
    roles = _ROLES.get(trigger.connection or trigger.event or "", ())
    if not actor.mine:
        return trigger
    if actor.name in roles and trigger.entity:
        trigger.mine = True
        return trigger
    place = whole(list(words))
    if words[0].low in {"i", "we"}:
        why = "Write what others do, such as WHEN a fan follows me, or what you publish or create."
        reading.error("E208", "What you do yourself sets nothing off.", why=why, at=place)
        return trigger
    fix = Fix(
        f"Write {article(actor.name)}", (Edit(place, article(spaced(actor.name))),), Applies.MAYBE
    )
    why = (
        "WHEN tells of things of yours. Whose somebody is, CHECK or IF asks: CHECK they follow me."
    )
    said = f"“{phrase(words)}” is more than WHEN waits for."
    reading.error("E208", said, fix, why=why, at=place)
    return trigger


def _event(type_name: str, trigger: Trigger) -> None:
    """The event or the relation that a verb of happening means."""
    word = key_of(trigger.entity or "")
    if type_name == "completed" and trigger.entity_type == "lesson":
        trigger.event, trigger.where = "progress_updated", {"progress": Lit(1)}
    elif type_name == "completed" and word not in _QUIZZES:
        trigger.connection = "completed"
    elif type_name in _INTERACTIONS:
        trigger.event, trigger.where = "content_interacted", {"interactionType": Lit(type_name)}
    elif type_name == "earned" and "token" in word:
        trigger.event, trigger.where = "token_transacted", {"action": Lit("earned")}
    elif type_name == "earned":
        certificate = "certificate" in word
        trigger.event = "certificate_earned" if certificate else "achievement_unlocked"
    elif type_name in {"failed", "assessment_completed"}:
        trigger.event = "assessment_completed"
        trigger.where = {"passed": Lit(type_name != "failed")}
    else:
        trigger.event = "assessment_completed" if type_name == "completed" else type_name
    if type_name in {"earned", "failed", "assessment_completed"}:
        trigger.entity = trigger.entity_type = None


def _made(
    reading: Reading, what: str, type_name: str, left: Sequence[Word], *, right: list[Word]
) -> Trigger | None:
    if type_name == "audience_member" and not right:
        actor = bind_noun(reading, left, person=True)
        made = "creator" if key_of(actor.name) == "creator" else "audience_member"
        return _by_mine(reading, Trigger(created=made, actor=actor.name), actor, left)
    noun = _addressed(right)
    name = type_name or (reading.vocabulary.entity_of(phrase(noun)) if noun else None) or ""
    if not name and noun:
        end = plain_end(noun)
        name = reading.vocabulary.entity_of(end.text) or ("message" if end.low in _SAID else "")
    if not name:
        return None
    if type_name == "audience_member":
        too_much(reading, right)
        return _made(reading, what, type_name, left, right=[])
    bare, mine = whose(noun) if noun else ([], False)
    said = plain(reading, bare)
    note_any(reading, said)
    entity = reading.bind(
        phrase(said) or name,
        thing(name),
        source="trigger",
        span=whole(right) if right else whole(list(left)),
    )
    trigger = Trigger(entity=entity, entity_type=name, mine=mine)
    trigger.created, trigger.published = (name, None) if what == "created" else (None, name)
    if left[0].low in {"i", "we"}:
        trigger.mine = True
        return trigger
    actor = bind_noun(reading, left, person=True)
    trigger.actor = actor.name
    return _by_mine(reading, trigger, actor, left)


_SAID = frozenset({"question", "reply", "answer"})
"""Messages by what they are for."""


def _addressed(words: Sequence[Word]) -> list[Word]:
    """`me a question`, `a message to me`: what is said to the owner, to whom else would it be."""
    bare = strip(words)
    if len(bare) > 1 and bare[0].low in {"me", "us"}:
        return strip(bare[1:])
    if len(bare) > 2 and bare[-2].low == "to" and bare[-1].low in {"me", "us"}:
        return bare[:-2]
    return bare


def _passive(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a course is published`, `a payment fails`, `payment completed`."""
    last = words[-1].low
    noun = [
        word for word in words[:-1] if word.low not in {"is", "was", "gets", "has", "been", "are"}
    ]
    bare, mine = whose(noun)
    if not bare:
        return None
    end = plain_end(bare).text
    kind = reading.vocabulary.entity_of(phrase(bare)) or reading.vocabulary.entity_of(end)
    if last in _PASSIVE and kind:
        bare = plain(reading, bare)
        note_any(reading, bare)
        entity = reading.bind(phrase(bare), thing(kind), source="trigger", span=whole(bare))
        created, published = (kind, None) if _PASSIVE[last] == "created" else (None, kind)
        return Trigger(
            created=created, published=published, entity=entity, entity_type=kind, mine=mine
        )
    past = {
        "fails": "failed",
        "succeeds": "completed",
        "completes": "completed",
        "starts": "started",
        "ends": "completed",
        "renews": "renewed",
        "expires": "cancelled",
    }.get(last, last)
    said = bare if kind is None else bare[: bare.index(plain_end(bare)) + 1]
    alias = reading.vocabulary.ontology.words.event_alias(f"{phrase(said)} {past}")
    if alias is None:
        return None
    if mine or len(said) < len(bare):
        too_much(reading, noun[:1] if mine else bare[len(said) :])
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
        phrase(said), thing(*([kind] if kind else [])), source="trigger", span=whole(said)
    )
    return Trigger(
        event=alias.type, actor=actor or None, entity=entity, entity_type=kind, where=where
    )


def _signal(reading: Reading, head: Head, words: Sequence[Word]) -> Trigger | None:
    """A signal by name, or nothing that is understood."""
    said = phrase(strip(words))
    if words[0].low == "signal" or key_of(said) in {
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


_BRINGING = frozenset(
    {"refers", "refer", "referred", "invites", "invite", "invited", "brings", "recruits"}
)
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
    if any(word.low in _BRINGING for word in words[1:]):
        reading.error(
            "E208",
            "Who brings whom is not watched, so nothing can be set off by it.",
            why="Ask where they are brought, after REFER: GET fan's referrals SAVE AS brought,"
            " then IF number of brought is at least 5.",
            at=head.span,
        )
        return
    firsts = sorted(_FIRSTS)
    for word in words[1:]:
        near = [
            one
            for one in firsts
            if len(word.low) > 3 and word.low not in {one, "ends"} and slipped(word.low, one)
        ]
        if near and reading.vocabulary.entity_of(word.text) is None:
            fix = Fix(f"Write {near[0]}", (Edit(word.span, near[0]),), Applies.MAYBE)
            said = f"I don't understand “{word.text}”. Did you mean {near[0]}?"
            reading.error("E208", said, fix, names=near[:1], at=word.span)
            return
    fixes: list[Fix] = []
    if all(word.kind in {Is.WORD, Is.NUMBER} for word in words) and 1 < len(words) < 12:
        told = " ".join(word.text for word in words if word.low not in ARTICLES)
        edit = Edit(whole(list(words)), f'"{told}"')
        fixes = [Fix("It is a signal that another program sends", (edit,), Applies.MAYBE)]
    reading.error(
        "E208",
        "I don't understand what sets this off.",
        *fixes,
        why="Write for example WHEN a fan completes a course, or EVERY DAY at 9am.",
        at=head.span,
    )
