"""A clone or an agent that is asked: `SEND question TO my clone`, `CALL my clone to answer it`."""

from collections.abc import Mapping, Sequence

from one.compiler.bind.derived import property_of
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt
from one.compiler.bind.services import Found, action_of
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr
from one.compiler.grammar import place_of
from one.compiler.kinds import thinks
from one.compiler.reader import Span, Word
from one.compiler.vocabulary import singular

_MINDS = frozenset({"clone", "agent", "assistant"})


def mind_of(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """The clone or agent that words name: one in scope, or `my clone`."""
    bare = strip(words)
    known = reading.find(phrase(bare)) if bare else None
    mine = bool(bare) and bare[0].low in {"my", "our"} and singular(bare[-1].low) in _MINDS
    if not (known and thinks(known.kind)) and not (mine and attempt_quietly(reading, bare)):
        return None
    found = attempt(reading, bare)
    return found if found is not None and thinks(found.kind) else None


def minded(reading: Reading, words: Sequence[Word]) -> tuple[Typed | None, Found | None]:
    """`my clone to answer the message`: who is asked, and the action of the model that it is."""
    at = place_of(words, {"to"})
    service = reading.vocabulary.service("openai")
    if not at or service is None or reading.vocabulary.service(phrase(words[:at])) is not None:
        return None, None
    mind = mind_of(reading, words[:at])
    return mind, action_of(reading, service, words[at + 1 :]) if mind and words[at + 1 :] else None


def as_mind(
    reading: Reading, mind: Typed | None, params: Mapping[str, Expr], *, span: Span
) -> dict[str, Expr]:
    """What a model is given besides, to speak as the one who is asked."""
    if mind is None:
        return {}
    own = property_of(reading, mind, "personality", span=span)
    speaks = {"system": own.tree} if own and "system" not in params else {}
    return {**speaks, "clone": mind.tree}
