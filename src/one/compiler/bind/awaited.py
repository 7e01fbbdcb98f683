"""What was waited for, asked of afterwards: `IF the fan replied`, `IF no payment came`."""

from collections.abc import Mapping, Sequence

from one.compiler.bind.names import ARTICLES
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Expr, Lit, Ref
from one.compiler.kinds import Base, Kind
from one.compiler.program import WaitForEvent
from one.compiler.reader import Is, Span, Word
from one.compiler.vocabulary import key_of, spaced

_REPLY = "answer answered answers replied replies reply respond responded response responds"
_DONE = "complete completed completes completion finish finished finishes"
_SPOKEN: Mapping[tuple[str, str], str] = {
    ("entity_created", "message"): f"{_REPLY} message messaged wrote writes",
    ("payment_processed", "completed"): "paid pay pays payment buy buys bought purchase purchased",
    ("progress_updated", "1"): _DONE,
    ("course_enrolled", ""): "enroll enrolled enrolls enrolment enrollment",
    ("content_viewed", ""): "view viewed views watch watched watches",
    ("content_interacted", "liked"): "like liked likes",
    ("content_interacted", "shared"): "share shared shares",
    ("content_interacted", "commented"): "comment commented comments",
    ("content_downloaded", ""): "download downloaded downloads",
    ("assessment_completed", "True"): "pass passed passes",
    ("member_of", ""): "join joined joins member",
    ("following", ""): "follow followed follows follower",
    ("enrolled_in", ""): "enroll enrolled enrolls enrolment enrollment",
    ("completed", ""): _DONE,
    ("owns", ""): "buy buys bought own owns purchase purchased",
}
"""An event and what must be so of it → the words that ask whether it came."""
TIES = frozenset({"member_of", "following", "enrolled_in", "completed", "owns", "transacted"})
"""Relations that a WAIT sees."""
_NOUNS = {"entity_created": "reply", "payment_processed": "payment"}
_AUXILIARY = frozenset({"has", "have", "had", "does", "do", "did", "is", "was", "there"})
_NOT = frozenset({"not", "no", "never", "nothing"})
_CAME = frozenset({"came", "comes", "come", "arrived", "arrives", "exists", "happened", "happens"})
_LATE = ("in time", "on time", "by then", "yet", "back", "at all")
_OVER = frozenset({"timed out", "it timed out", "time ran out", "time is up", "nothing came"})


def spoken_of(event: WaitForEvent) -> frozenset[str]:
    """The words that ask whether it came."""
    facts = [str(one.value) for one in event.where.values() if isinstance(one, Lit)]
    return frozenset(_SPOKEN.get((event.type, facts[0] if facts else ""), "").split())


def kind_of(event: WaitForEvent) -> Kind:
    """What a wait gives: nothing where its time ran out."""
    return Kind(Base.EVENT, frozenset({event.type}), optional=True)


def asked_of(reading: Reading, words: Sequence[Word], span: Span) -> Expr | None:
    """Whether the last wait saw what it waited for, where the words ask that; the wait's result
    gets a name if it has none.
    """
    if reading.awaited is None or any(word.kind is not Is.WORD for word in words):
        return None
    step, event = reading.awaited
    said = " ".join(word.low for word in words if word.low not in ARTICLES)
    negated = said in _OVER
    if not negated:
        for late in _LATE:
            said = said.removesuffix(f" {late}")
        rest = _without_who(event, said.split())
        refusals = sum(word in _NOT for word in rest)
        negated = refusals == 1
        plain = [word for word in rest if word not in _NOT | _AUXILIARY | _CAME]
        if refusals > 1 or len(plain) != 1 or plain[0] not in spoken_of(event):
            return None
        if len(rest) == 1 and len(words) == 1:
            return None  # a bare noun is a name, or none
    if step.output is None:
        name = reading.fresh(_NOUNS.get(event.type) or spaced(event.type))
        step.output = reading.save(name, kind_of(event), span=span)
    return Binary("==" if negated else "!=", Ref(step.output), Lit(None))


def _without_who(event: WaitForEvent, said: list[str]) -> list[str]:
    """The words after the one who was waited for, where they begin with them."""
    if said and said[0] in {"they", "he", "she", "it", "somebody", "someone", "anybody", "anyone"}:
        return said[1:]
    who = event.actor.name if isinstance(event.actor, Ref) else ""
    for n in range(min(3, len(said) - 1), 0, -1):
        if who and key_of(" ".join(said[:n])) == key_of(who):
            return said[n:]
    return said
