"""Who is one of mine: `my student`, `one of my followers`, `a member of mine`: asked of the one
person, as there may be more of them than a list holds.
"""

from collections.abc import Sequence

from one.compiler.bind.derived import ME, ROLES, TOWARDS, people_tie
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase
from one.compiler.bind.nouns import attempt
from one.compiler.bind.saying import Predicate
from one.compiler.bind.session import Reading
from one.compiler.expression import Call, Expr, Lit
from one.compiler.predicates import chained
from one.compiler.reader import Word
from one.compiler.vocabulary import plural, singular

_MINE = frozenset({"my", "our"})
_ONE_OF = frozenset({"among", "amongst", "one", "any", "of", "in", "a", "an"})


def is_mine(reading: Reading, left: Typed, words: Sequence[Word]) -> Expr | None:
    """That somebody is `my student`, `one of my students`; None where the words say no such."""
    at = next((n for n, word in enumerate(words) if word.low not in _ONE_OF), len(words))
    if len(words) != at + 2 or words[at].low not in _MINE or not left.kind.person:
        return None
    said, noun = phrase(words[at:]), words[at + 1]
    role = singular(noun.low)
    named = (lookup(reading, said), reading.find(plural(said)), reading.find(plural(role)))
    if any(one is not None and one.source != "derived" for one in named):
        return None
    return _stands_to_me(left, role)


def is_of_mine(
    reading: Reading, left: Typed, predicate: Predicate, *, rest: Sequence[Word]
) -> Expr | None:
    """`is a student of mine`, `is enrolled with me`: in anything that is mine."""
    if predicate.relation == "part_of":  # `is in my followers`
        return is_mine(reading, left, rest)
    role = _ROLES.get(predicate.sort or predicate.relation, "")
    if not role or predicate.flipped or not left.kind.person or len(rest) != 1:
        return None
    to = attempt(reading, rest)
    if to is None or to.tree != ME:
        return None
    return _stands_to_me(left, role)


_ROLES = {"enrolled_in": "student", "member_of": "member", "subscription": "subscriber"}
"""Relations to what is mine, and who stands in them to me."""


def _stands_to_me(left: Typed, role: str) -> Expr | None:
    if ROLES.get(role) not in TOWARDS:
        return None
    tie = people_tie(role, ME)
    ties = [one.connected for one in (tie.any or [tie]) if one.connected is not None]
    asked = (
        Call("connected", (left.tree, Lit(one.type), ME, *one.metadata.values())) for one in ties
    )
    return chained("or", asked)
