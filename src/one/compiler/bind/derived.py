"""Nouns that no row carries: a fan's token balance, a course's lessons, a thing's owner, my clone.

Each becomes an expression, or a query step before the command that speaks of it.
"""

import re
from collections.abc import Iterable, Sequence

from one.compiler.bind.literals import Typed
from one.compiler.bind.measures import counted, measured
from one.compiler.bind.names import BALANCES, taken_as
from one.compiler.bind.session import Reading
from one.compiler.expression import Call, Expr, Get, Items, Lit, Ref, names_in
from one.compiler.kinds import (
    INTEGER,
    PEOPLE,
    PERSON,
    TEXT,
    Base,
    Kind,
    list_of,
    thing,
)
from one.compiler.light import frozen
from one.compiler.program import Filter, Order, Query, Step, Tie
from one.compiler.reader import Span
from one.compiler.vocabulary import camel, key_of, singular, spaced

ME = Call("me", ())
ROLES = {
    # noun for people → the relation by which they are someone's
    "follower": "following",
    "subscriber": "following",
    "fan": "following",
    "member": "member_of",
    "student": "enrolled_in",
    "learner": "enrolled_in",
    "attendee": "enrolled_in",
    "holder": "holds",
    "collector": "holds",
    "customer": "transacted",
    "buyer": "transacted",
    "owner": "owns",
    "creator": "owns",
    "author": "authored",
    "writer": "authored",
    "teacher": "manages",
    "instructor": "manages",
    "manager": "manages",
    "graduate": "completed",
    "collaborator": "collaborates_with",
    "moderator": "member_of",
    "seller": "owns",
    "host": "owns",
    "artist": "owns",
}
TOWARDS = frozenset({"following", "enrolled_in", "member_of", "holds", "transacted", "completed"})
"""Relations by which people are somebody's: followers, students, members, holders, buyers."""
_ENGAGED = {
    "viewer": "viewed",
    "listener": "viewed",
    "reader": "viewed",
    "commenter": "commented",
    "reviewer": "rated",
    "sharer": "shared",
}
"""People by what they did with a thing."""
_DOERS = {
    "inviter": "referred_by",
    "referrer": "referred_by",
    "maker": "created_by",
    "assignee": "assigned_to",
}
"""People that a relation runs to: `the friend's inviter`."""
BROUGHT = frozenset({"referral", "invitee", "recruit"})
"""Whom somebody referred: `the fan's referrals`."""
_SURE = {"owner", "creator", "author", "seller", "host"}
HISTORIES = frozenset({"conversationhistory", "chathistory", "messagehistory"})
"""What was said in a conversation, in its order."""


def type_filter(types: Iterable[str]) -> Filter:
    """Rows of these types."""
    names = [Lit(name) for name in sorted(types)]
    if len(names) == 1:
        return Filter(field="type", operator="eq", value=names[0])
    return Filter(field="type", operator="in", value=Items(tuple(names)))


def newest() -> list[Order]:
    return [Order(field="createdAt", descending=True)]


def property_of(reading: Reading, base: Typed, noun: str, *, span: Span) -> Typed | None:
    """`A's B`: a property, a column, a derived noun or a relation of A."""
    kind = base.kind
    key = key_of(noun)
    if kind.base in {Base.RECORD, Base.JSON, Base.UNKNOWN, Base.OUTCOME}:
        named = {key_of(name): name for name, _ in kind.fields}
        name = named.get(key) or named.get(_ADDRESSES.get(key, ""), camel(noun))
        field = kind.field(name)
        if field is None and kind.fields:
            return None
        return Typed(Get(base.tree, name), field or Kind(Base.UNKNOWN))
    if kind.base is Base.LIST:
        return _of_list(base, key)
    if kind.base is Base.EVENT:
        return _of_event(reading, base, noun)
    if kind.base is not Base.THING:
        return _of_plain(base, key)
    types = kind.types or frozenset(reading.vocabulary.entity_types)
    if kind.person and key in BALANCES | HISTORIES:
        return _of_person(reading, base, key, span)
    found = reading.vocabulary.property_kind(types, noun)
    if found is None and key in {"id", "identifier", "title"}:
        found = ("name" if key == "title" else "id", TEXT)
    if found:
        return Typed(Get(base.tree, found[0]), _optional(found, kind))
    if key in {"personality", "style", "aipersonality", "voice"} and "ai_clone" in types | {
        "ai_clone" if kind.person else ""
    }:
        return _personality(reading, base, span)
    if key in reading.free:
        return Typed(Get(base.tree, "x_" + camel(noun)), reading.free[key])
    if (count := measured(reading, base, noun, span=span)) is not None:
        return count
    if key.startswith("numberof"):
        several = _related(reading, base, re.sub(r"(?i)number\s*of\s*", "", noun), span)
        return counted(reading, several) if several else None
    return _related(reading, base, noun, span)


_ADDRESSES = {"link": "url", "url": "link", "address": "url"}
"""What people call where something is found, and how a service calls it."""


def _of_person(reading: Reading, base: Typed, key: str, span: Span) -> Typed:
    if key in BALANCES:
        return Typed(Call("balance", (base.tree,)), INTEGER)
    talk = said_in(reading, span=span) or talk_of(reading, [base], span=span)
    return history(reading, talk, span)


def _optional(found: tuple[str, Kind], of: Kind) -> Kind:
    return found[1].maybe if of.optional else found[1]


def _personality(reading: Reading, base: Typed, span: Span) -> Typed:
    if base.kind.person:
        clone = _query(
            reading,
            _Sought(
                "myClone",
                thing("ai_clone"),
                [
                    type_filter(["ai_clone"]),
                    Filter(connected=Tie(type="clone_of", to=base.tree)),
                ],
            ),
            span,
        )
        return Typed(Get(clone.tree, "systemPrompt"), TEXT)
    return Typed(Get(base.tree, "systemPrompt"), TEXT)


def _of_list(base: Typed, key: str) -> Typed | None:
    item = base.kind.item or Kind(Base.UNKNOWN)
    if key in {"length", "count", "size", "number", "total"}:
        return Typed(Call("length", (base.tree,)), INTEGER)
    if key in {"first", "firstone", "firstitem"}:
        return Typed(Call("first", (base.tree,)), item.maybe)
    if key in {"last", "lastone", "lastitem"}:
        return Typed(Call("last", (base.tree,)), item.maybe)
    return None


def _of_plain(base: Typed, key: str) -> Typed | None:
    if key == "length" and base.kind.base is Base.TEXT:
        return Typed(Call("length", (base.tree,)), INTEGER)
    if base.kind.base is Base.MONEY and key in {"amount", "currency"}:
        return Typed(Get(base.tree, key), INTEGER if key == "amount" else TEXT)
    return None


def _of_event(reading: Reading, base: Typed, noun: str) -> Typed | None:
    if key_of(noun) in {"actor", "person"}:
        return Typed(Get(base.tree, "actor"), PERSON)
    if key_of(noun) in {"entity", "thing"}:
        return Typed(Get(base.tree, "entity"), Kind(Base.THING))
    for name in sorted(base.kind.types & reading.vocabulary.event_types.keys()):
        words = reading.vocabulary.event(name)
        if found := words.key(noun):
            return Typed(Get(base.tree, found), words.kinds[found])
    return Typed(Get(base.tree, camel(noun)), Kind(Base.UNKNOWN))


def lies_between(reading: Reading, one: Kind, noun: str, *, other: Kind) -> list[tuple[str, str]]:
    """The relations between two kinds that have a key of this name."""
    found: list[tuple[str, str]] = []
    for name, kind in reading.vocabulary.connection_types.items():
        key = reading.vocabulary.connection(name).key(noun)
        if key and any(kind.fits(a, b) for a in one.types for b in other.types):
            found.append((name, key))
    return found


def between(reading: Reading, base: Typed, noun: str, *, other: Typed, span: Span) -> Typed | None:
    """`the student's progress in the course`: a key of the relation between the two."""
    for name, key in lies_between(reading, base.kind, noun, other=other.kind):
        words = reading.vocabulary.connection(name)
        where = [
            Filter(field="type", operator="eq", value=Lit(name)),
            Filter(field="fromEntityId", operator="eq", value=base.tree),
            Filter(field="toEntityId", operator="eq", value=other.tree),
        ]
        wanted = reading.fresh(f"{next(iter(names_in(base.tree)), 'my')} {name}")
        output = reading.bind(
            wanted, Kind(Base.CONNECTION, frozenset({name})), source="derived", span=span
        )
        query = Query(from_="connections", where=where, limit=1, required=True)
        reading.emit(Step(query=query, output=output), span)
        return Typed(Get(Ref(output), key), words.kinds[key])
    return None


def _related(reading: Reading, base: Typed, noun: str, span: Span) -> Typed | None:
    """The people or things tied to a thing: `the course's lessons`, `the lesson's course`."""
    vocabulary = reading.vocabulary
    one = singular(noun.casefold())
    many = one != noun.casefold()
    if reading.rows is not None and "row" in names_in(base.tree):
        return None
    if one in _ENGAGED and many and not base.kind.person:
        said: dict[str, Expr] = {"engagementType": Lit(_ENGAGED[one])}
        tie = Filter(connected=Tie(type="engaged_with", to=base.tree, metadata=said))
        where = [type_filter(PEOPLE), tie]
        return _query(reading, _Sought(_of(base, noun), PERSON, where, many), span)
    if one in _DOERS or (one in BROUGHT and many and base.kind.person):
        brought = Tie(type="referred_by", to=base.tree)
        tie = Tie(type=_DOERS[one], from_=base.tree) if one in _DOERS else brought
        where = [type_filter(PEOPLE), Filter(connected=tie)]
        return _query(reading, _Sought(_of(base, noun), PERSON, where, many), span)
    if vocabulary.is_person_word(one) and one in ROLES:
        relation = ROLES[one]
        paid = relation == "transacted" and base.kind.types <= _PAID and base.kind.types
        if not many and one not in _SURE and relation not in {"manages"} and not paid:
            return None
        where = [type_filter(PEOPLE), people_tie(one, base.tree)]
        return _query(reading, _Sought(_of(base, noun), PERSON, where, many), span)
    other = vocabulary.entity_of(noun)
    if other is None:
        return None
    tie = tie_between(reading, base, other)
    if tie is None:
        return None
    where = [type_filter([other]), Filter(connected=tie)]
    if other == "membership" and tie.type == "member_of":  # joined, or given access to
        entered = tie.model_copy(update={"type": "enrolled_in"})
        where[1] = Filter(any=[Filter(connected=tie), Filter(connected=entered)])
    return _query(reading, _Sought(_of(base, noun), thing(other), where, many), span)


_PAID = frozenset({"payment", "invoice", "subscription"})
_PARTS = {"conversation": "message", "course": "lesson"}


def parent(reading: Reading, wanted: str, *, span: Span) -> Typed | None:
    """`the conversation`, `the course`, of the only message or lesson in scope."""
    own = [
        one
        for one in {name.name: name for name in reading.things()}.values()
        if one.kind.types == frozenset({_PARTS.get(wanted, "")})
    ]
    if len(own) != 1:
        return None
    return _related(reading, Typed(Ref(own[0].name), own[0].kind), wanted, span)


def said_in(reading: Reading, *, span: Span) -> Typed | None:
    """The conversation of the only message that set the feature off."""
    own = {one.name: one for one in reading.names.values() if one.source == "trigger"}
    messages = [one for one in own.values() if one.kind.types == frozenset({"message"})]
    if len(messages) != 1:
        return None
    return _related(reading, Typed(Ref(messages[0].name), messages[0].kind), "conversation", span)


def in_talk(end: Typed) -> Tie:
    """Who or what a conversation is with, as a tie of it."""
    if end.kind.types and not end.kind.person and end.kind.types != frozenset({"creator"}):
        return Tie(type="powers", from_=end.tree)
    return Tie(type="member_of", from_=end.tree)


def talk_of(reading: Reading, ends: Sequence[Typed], *, span: Span) -> Typed:
    """The conversation between two; between one and the owner where only one is named. Before the
    first word there is none, and nothing was said in it.
    """
    several = list(ends) if len(ends) > 1 else [*ends, Typed(ME, PERSON)]
    ties = [Filter(connected=in_talk(one)) for one in several]
    name = f"{next(iter(names_in(several[0].tree)), 'my')} conversation"
    where = [type_filter(["conversation"]), *ties]
    return _query(reading, _Sought(name, thing("conversation"), where, required=False), span)


def history(reading: Reading, talk: Typed, span: Span) -> Typed:
    """What was said in a conversation, the first first."""
    where = [type_filter(["message"]), Filter(connected=Tie(type="part_of", to=talk.tree))]
    kind = list_of(thing("message"))
    output = reading.bind(reading.fresh("conversation history"), kind, source="derived", span=span)
    query = Query(from_="entities", where=where, order_by=[Order(field="createdAt")])
    reading.emit(Step(query=query, output=output), span)
    return Typed(Ref(output), kind)


def tie_between(reading: Reading, base: Typed, other: str) -> Tie | None:
    """How things of a type hang on the base: part_of first, ownership for people."""
    types = base.kind.types
    vocabulary = reading.vocabulary
    if base.kind.person:
        kinds = vocabulary.connection_types
        preferred = {
            "course": "enrolled_in",
            "lesson": "enrolled_in",
            "token": "holds",
            "community": "member_of",
            "conversation": "member_of",
            "membership": "member_of",
        }
        if (
            base.tree != ME
            and base.kind.types != frozenset({"creator"})  # a creator's course is theirs
            and other in preferred
            and kinds[preferred[other]].fits("audience_member", other)
        ):
            return Tie(type=preferred[other], from_=base.tree)
        if other in {"ai_clone"}:
            return Tie(type="clone_of", to=base.tree)
        if other in {"message"}:
            return Tie(type="authored", from_=base.tree)
        if other in {"payment", "invoice", "subscription"} and base.tree != ME:
            return Tie(type="transacted", from_=base.tree)
        return None if other in PEOPLE else Tie(type="owns", from_=base.tree)
    if other in _PAID or types & _PAID:  # what was paid for hangs on the buyer
        return None
    relation = "part_of"
    fits = vocabulary.connection_types[relation].fits
    if any(not fits(other, own) for own in types):
        return None
    if other in {"course", "community", "conversation", "podcast", "website", "campaign"} and not (
        types & {other, "community", "website"}
    ):
        return Tie(type=relation, from_=base.tree)
    return Tie(type=relation, to=base.tree)


@frozen
class _Sought:
    """A derived noun: its name in the program, its kind, its rows."""

    wanted: str
    kind: Kind
    where: list[Filter]
    many: bool = False
    required: bool = True


_MAY_LACK = frozenset({"enrolled_in", "member_of", "transacted", "holds", "following"})
"""Relations that a person may well not have: `IF fan's tier is "gold"`, of one who joined none."""


def _query(reading: Reading, sought: _Sought, span: Span) -> Typed:
    known = reading.find(sought.wanted)
    if known and known.source == "derived" and (reading.asking or not known.kind.optional):
        return Typed(Ref(known.name), known.kind)
    kind = list_of(sought.kind) if sought.many else sought.kind
    ties = {one.connected.type for one in sought.where if one.connected is not None}
    ties |= {tie.connected.type for one in sought.where for tie in one.any or () if tie.connected}
    required = sought.required
    if reading.asking and not sought.many and ties & _MAY_LACK:
        required, kind = False, kind.maybe
    output = reading.bind(reading.fresh(sought.wanted), kind, source="derived", span=span)
    if sought.many:
        query = Query(from_="entities", where=sought.where, limit=1000)
    else:
        query = Query(
            from_="entities",
            where=sought.where,
            order_by=newest(),
            limit=1,
            required=required,
        )
    reading.emit(Step(query=query, output=output), span)
    return Typed(Ref(output), kind)


def _of(base: Typed, noun: str) -> str:
    """`courseLessons` for the lessons of $course."""
    return camel(f"{next(iter(names_in(base.tree)), 'my')} {noun}")


_JOINING = frozenset({"for", "with", "in", "on", "to", "from", "by", "who", "that", "of"})


def mine(reading: Reading, noun: str, span: Span) -> Typed | None:
    """`my course`, `my followers`, `my token balance`: of the feature's owner."""
    owner = Typed(ME, PERSON)
    key = key_of(noun)
    if key in BALANCES:
        return Typed(Call("balance", (ME,)), INTEGER)
    words = noun.casefold().split()
    if not words or _JOINING & set(words):  # `my course for fans`: not all of it is the noun
        return None
    one = singular(words[-1])
    role = next((word for word in ROLES if key_of(word) == key_of(one)), None)
    if role and reading.vocabulary.is_person_word(one):
        if one == noun.casefold() or not _plain_role(noun):
            return None
        return _people_of_mine(reading, noun, role, span)
    if one in _DOERS:
        return _related(reading, owner, noun, span)
    other = reading.vocabulary.entity_of(noun)
    if other is None or other in PEOPLE:
        found = property_of(reading, owner, noun, span=span)
        own = found if found and isinstance(found.tree, Get) else None
        return own or called(reading, noun, span=span)
    if key in reading.vocabulary.plurals and key_of(singular(key)) != key:
        where = [type_filter([other]), Filter(connected=Tie(type="owns", from_=ME))]
        return _query(reading, _Sought(_of(owner, noun), thing(other), where, many=True), span)
    taken_as(reading, noun, other, span=span)
    tie = Tie(type="clone_of", to=ME) if other == "ai_clone" else Tie(type="owns", from_=ME)
    if not reading.find(f"my {noun}"):
        reading.note("E322", f"“my {noun}” is taken as your newest active one.", at=span)
    where = [
        type_filter([other]),
        Filter(field="status", operator="in", value=Items((Lit("active"), Lit("published")))),
        Filter(connected=tie),
    ]
    return _query(reading, _Sought(f"my {noun}", thing(other), where), span)


def _plain_role(noun: str) -> bool:
    """`followers`, `own fans`; `paying customers` are not all of them."""
    return set(noun.casefold().split()[:-1]) <= {"own", "dear", "lovely", "wonderful", "the", "all"}


def called(reading: Reading, noun: str, *, span: Span) -> Typed | None:
    """`VIP community`, `community called VIP`: the owner's thing of that name."""
    words = noun.split()
    if len(words) < 2 or noun.isupper():
        return None
    if len(words) > 2 and words[1].casefold() in {"called", "named", "titled"}:
        return titled(reading, words[0], [" ".join(words[2:])], span=span)
    proper = all(word[0].isupper() or word[0].isdigit() for word in words[:-1])
    if not proper or not words[0][0].isupper():
        return None
    name = " ".join(words[:-1])
    names = [noun, name] if words[-1][0].isupper() else [name]  # `Prayer Circle` is whole a name
    return titled(reading, words[-1], names, span=span)


def titled(reading: Reading, noun: str, names: list[str], *, span: Span) -> Typed | None:
    """The owner's thing of a type that has one of the names."""
    type_ = reading.vocabulary.entity_of(noun)
    if type_ is None or type_ in PEOPLE or not all(names):
        return None
    kind = spaced(type_)
    bare = names[-1].lstrip("0123456789 ")
    wanted = f"my {bare} {kind}" if len(names) == 1 else f"my {names[0]}"
    if not reading.find(wanted):
        meant = " or ".join(f"“{name}”" for name in names)
        said = f"“{names[-1]} {noun}” is taken as your {kind} called {meant}."
        reading.note("E322", said, at=span)
    one = len(names) == 1
    where = [
        type_filter([type_]),
        Filter(field="name", operator="eq", value=Lit(names[0]))
        if one
        else Filter(field="name", operator="in", value=Items(tuple(map(Lit, names)))),
        Filter(connected=Tie(type="owns", from_=ME)),
    ]
    return _query(reading, _Sought(wanted, thing(type_), where), span)


def _people_of_mine(reading: Reading, noun: str, one: str, span: Span) -> Typed:
    where = [type_filter(PEOPLE), people_tie(one, ME)]
    return _query(reading, _Sought(_of(Typed(ME, PERSON), noun), PERSON, where, many=True), span)


def people_tie(one: str, of: Expr) -> Filter:
    """Those who stand in the relation that a role word names to the owner or a thing."""
    relation = ROLES[one]
    if one == "subscriber":
        paid = Tie(type="transacted", to=of, metadata={"transactionType": Lit("subscription")})
        return Filter(any=[Filter(connected=paid), Filter(connected=Tie(type="following", to=of))])
    metadata: dict[str, Expr] = {"role": Lit("moderator")} if one == "moderator" else {}
    return Filter(connected=Tie(type=relation, to=of, metadata=metadata))


def is_role_of_people(word: str) -> bool:
    """`followers`, `students`, `holders`: people by a relation."""
    return singular(word.casefold()) in ROLES and singular(word.casefold()) != "fan"
