"""Every phrase that the compiler knows, with its meaning: for looking up and for completing."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from one.compiler.diagnosis import nearest
from one.compiler.grammar import CLAUSES, HEADS
from one.compiler.light import frozen
from one.compiler.meant import MEANT
from one.compiler.verbs import grammar
from one.compiler.vocabulary import COLUMNS, Vocabulary, key_of, singular, spaced
from one.ontology.types import ConnectionType, EntityType


@frozen
class Phrase:
    """`kind` is command, clause, part, type, relation, event, service, action or tag."""

    words: str
    kind: str
    meaning: str
    also: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.words, *self.also)


PART_WORDS = {
    "FEATURE": "Begins a feature and names it.",
    "INPUT": "Lists what the caller gives, each as a name, a colon and what it is.",
    "OUTPUT": "Lists what the feature gives back.",
    "FLOW": "Begins the commands; it may be left out.",
    "WHEN": "Runs the feature when something happens.",
    "EVERY": "Runs the feature again and again.",
}
CLAUSE_WORDS = {
    "OTHERWISE": "What to say or do when the command before does not hold or fails.",
    "THEN": "What to do when the condition holds.",
    "ELSE": "What to do when the condition does not hold.",
    "ELSE IF": "Another condition, when those before do not hold.",
    "WITH": "Values that go with the command: name and value, several with commas.",
    "SAVE AS": "Gives the result a name for later lines.",
    "BY": "Who did it.",
    "FOR": "What it is about.",
    "TO": "Who or what it goes to.",
    "WHERE": "Chooses rows by a condition.",
    "ABOUT": "What it is about, in words.",
    "VIA": "The ways to reach someone: email, push, sms, app.",
    "IN": "The list to go through.",
    "AS": "What a phrase means, or which role is meant.",
    "INTO": "What the parts become.",
    "RETRY": "How often to try again when a call fails.",
    "TIMEOUT": "How long to wait at most.",
    "REWARD": "How many tokens the inviter gets.",
    "RECORD": "The value to write down.",
    "CALCULATE": "What to work out: growth rate, trend, average, total, projection.",
    "MIX WITH": "Who joins the stream.",
    "CONTINUE IF ONE FAILS": "Goes on with the other items when one fails.",
    "AT SAME TIME": "Does it for all items at once.",
    "BETWEEN TRIES": "How long to wait between two tries.",
    "ADD": "Adds to a number.",
    "SUBTRACT": "Takes from a number.",
    "SET": "Gives a property a new value.",
    "ORDER BY": "In which order the rows come.",
    "LIMIT": "How many rows come at most.",
    "AND STOP HERE": "Ends the flow at once.",
    "DO": "What to do with each item.",
    "IF": "Under which condition.",
    "IF ANY FAIL": "What undoes the steps that were done when one fails.",
    "IF IT FAILS": "What to do when the commands under TRY fail.",
    "IF ALL FAIL": "What to do when every try has failed.",
    "ALWAYS DO": "What to do in any case at the end.",
    "WAIT FOR ALL": "Goes on when all branches are done.",
    "PROCESS WHEN": "When the queue is worked off: idle, at night, within 1 hour.",
}
"""What each clause says."""


KINDS = {
    "part": "Parts of a feature",
    "command": "Commands",
    "clause": "Clauses, which go with a command",
    "type": "Types of things",
    "relation": "Relations, with the words that mean them",
    "event": "What can happen",
    "service": "Services outside",
    "action": "What services do",
    "tag": "Categories of tags",
}
"""Each kind of phrase with its title."""


def describe(vocabulary: Vocabulary) -> str:
    """All phrases as one Markdown document."""
    parts = ["# The words", ""]
    for kind, title in KINDS.items():
        parts += [f"## {title}", ""]
        for one in phrases(vocabulary):
            if one.kind == kind:
                also = f" Also: {', '.join(one.also)}." if one.also else ""
                parts.append(f"- **{one.words}**: {one.meaning}{also}")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


@cache
def phrases(vocabulary: Vocabulary) -> tuple[Phrase, ...]:
    """All of them: commands first, then types, relations, events, services, tags."""
    return tuple(
        phrase
        for part in (_grammar, _types, _relations, _events, _services, _tags)
        for phrase in part(vocabulary)
    )


def search(vocabulary: Vocabulary, wanted: str) -> Sequence[Phrase]:
    """Phrases that these words lead to: by a spelling, by what people call it, by its meaning.

    Those that have all the words come first, else those that have any; else the nearest ones.
    """
    known = phrases(vocabulary)
    low = wanted.casefold()
    asked = [word for word in low.split() if word not in _SMALL] or low.split()
    found = [(phrase, [_weight(phrase, word) for word in asked]) for phrase in known]
    whole = [(phrase, weights) for phrase, weights in found if all(weights)]
    any_of = [(phrase, weights) for phrase, weights in found if max(weights, default=0) > 1]
    if ranked := whole or any_of:
        best = sorted(ranked, key=lambda one: (_rank(one[0], low), -sum(one[1])))
        return [phrase for phrase, _ in best][: None if whole else _MOST]
    close = nearest(wanted, {word for phrase in known for word in phrase.spellings}, count=6)
    return [phrase for phrase in known if set(close) & set(phrase.spellings)]


_SMALL = frozenset(
    ["a", "an", "the", "for", "to", "of", "my", "me", "with", "on", "at", "in", "is"]
)
_MOST = 12


def _weight(phrase: Phrase, asked: str) -> int:
    """What a word says of a phrase: 3 in its spelling, 2 what people call it, 1 in its meaning."""
    one = singular(asked)
    spelt = {word for spelling in phrase.spellings for word in spelling.casefold().split()}
    if any(word.startswith(one) for word in spelt):
        return 3
    if {asked, one} & _called(phrase):
        return 2
    return int(bool(re.search(rf"\b{re.escape(one)}", phrase.meaning.casefold())))


@cache
def _called(phrase: Phrase) -> frozenset[str]:
    """What people call it who don't know its word."""
    said = CALLED.get((phrase.kind, phrase.words), "")
    meant = (word for word, verb in MEANT.items() if verb == phrase.words)
    return frozenset([*said.split(), *(meant if phrase.kind == "command" else ())])


CALLED = {
    ("part", "EVERY"): "monday tuesday wednesday thursday friday saturday sunday daily weekly"
    " monthly schedule scheduled recurring cron morning evening timer",
    ("part", "WHEN"): "trigger event happens automatically whenever joins follows buys enrolls",
    ("part", "INPUT"): "parameter argument form field ask question",
    ("command", "CHECK"): "seat capacity limit minimum maximum permission only age rule must",
    ("command", "GET"): "filter sort query top recent yesterday",
    ("command", "REWARD"): "point xp loyalty coin credit bonus",
    ("command", "GIVE"): "point access invite enroll ticket seat",
    ("command", "NOTIFY"): "reminder newsletter mailing",
    ("command", "CALL"): "charge refund split discount coupon pay payout service api",
    ("command", "WAIT"): "reminder later after approval deadline",
    ("command", "FOR EACH"): "all everyone list batch",
    ("command", "CONNECT"): "role moderator admin join follow member",
    ("command", "DISCONNECT"): "unfollow leave cancel ban kick",
    ("command", "REMOVE"): "ban kick unfollow leave",
    ("command", "TRACK"): "statistic analytics",
    ("command", "IF"): "condition choose branch",
    ("clause", "WITH"): "discount price",
    ("type", "token"): "point coin credit xp loyalty currency",
    ("type", "membership"): "tier seat plan pass",
    ("type", "consultation"): "seat slot appointment session booking",
    ("type", "livestream"): "seat ticket event concert show webinar",
    ("relation", "owns"): "split share royalty royalties percent percentage half cut revenue",
    ("relation", "collaborates with"): "split share partner royalty royalties",
    ("relation", "enrolled in"): "seat place ticket spot",
    ("relation", "member of"): "role moderator admin",
}
"""(kind, words of a phrase) → words by which it is looked for."""


def _rank(phrase: Phrase, wanted: str) -> tuple[bool, bool]:
    spelt = [spelling.casefold() for spelling in phrase.spellings]
    return wanted not in spelt, not any(one.startswith(wanted) for one in spelt)


def _grammar(vocabulary: Vocabulary) -> Iterator[Phrase]:
    del vocabulary
    for name, words in HEADS.items():
        yield Phrase(name, "part", PART_WORDS[name], words[1:])
    for verb in grammar().verbs.values():
        yield Phrase(verb.name, "command", verb.says, verb.phrases)
    for name, words in CLAUSES.items():
        takers = ", ".join(grammar().takers(name))
        said = CLAUSE_WORDS.get(name, "")
        yield Phrase(
            words[0], "clause", f"{said} Goes with {takers}." if takers else said, words[1:]
        )


def _types(vocabulary: Vocabulary) -> Iterator[Phrase]:
    for kind in vocabulary.entity_types.values():
        also = (kind.plural, *kind.synonyms)
        known = ", ".join(spaced(key) for key in keys_of(vocabulary, kind))
        yield Phrase(kind.singular, "type", f"{_sentence(kind.doc)} Properties: {known}.", also)


def keys_of(vocabulary: Vocabulary, kind: EntityType) -> list[str]:
    """The properties that a type may be given by name."""
    words = vocabulary.entity(kind.name)
    return [key for key in words.kinds if key not in words.private and key not in COLUMNS]


def _relations(vocabulary: Vocabulary) -> Iterator[Phrase]:
    for kind in vocabulary.connection_types.values():
        words = tuple(dict.fromkeys(role.word for role in kind.roles if role.word != kind.name))
        meaning = f"{_sentence(kind.doc)} {ends_of(kind)}"
        yield Phrase(spaced(kind.name), "relation", meaning, words)


def ends_of(kind: ConnectionType) -> str:
    """`From creator or audience member to course.`"""
    said: list[str] = []
    for left, right in kind.pairs:
        said.append(f"from {_any_of(left)} to {_any_of(right)}")
    return f"{'; '.join(said).capitalize()}." if said else ""


def _any_of(names: frozenset[str]) -> str:
    found = sorted(spaced(name) for name in names)
    return (
        ", ".join(found) if len(found) <= 6 else f"{', '.join(found[:5])} and {len(found) - 5} more"
    )


def _events(vocabulary: Vocabulary) -> Iterator[Phrase]:
    loose: dict[str, list[str]] = {}
    for alias in vocabulary.ontology.words.events.values():
        loose.setdefault(alias.type, []).append(spaced(alias.name))
    for kind in vocabulary.event_types.values():
        also = tuple(word for word in loose.get(kind.name, ()) if word != spaced(kind.name))
        yield Phrase(spaced(kind.name), "event", _sentence(kind.doc), also)


def _services(vocabulary: Vocabulary) -> Iterator[Phrase]:
    for service in vocabulary.services:
        also = tuple(word for word in service.words if key_of(word) != key_of(service.title))
        yield Phrase(service.title, "service", service.doc, also)
        for action in service.actions:
            takes = ", ".join(f"{p.name}{'' if p.required else '?'}" for p in action.params)
            said = f"CALL {service.title} to {action.phrases[0]}"
            meaning = f"{said} WITH {takes}." if takes else f"{said}."
            yield Phrase(action.phrases[0], "action", meaning, action.phrases[1:])


def _tags(vocabulary: Vocabulary) -> Iterator[Phrase]:
    for name, category in vocabulary.ontology.tag_categories.items():
        yield Phrase(f"{name}:", "tag", _sentence(category.doc))


def _sentence(doc: str) -> str:
    first = " ".join(doc.split("\n\n", maxsplit=1)[0].split())
    return first if first.endswith((".", "!", "?")) or not first else first + "."
