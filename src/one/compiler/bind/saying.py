"""What a condition says: where its predicate stands, and which comparison or relation it is."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.names import ARTICLES, lookup
from one.compiler.bind.session import Reading
from one.compiler.light import frozen
from one.compiler.reader import Is, Word
from one.compiler.vocabulary import key_of
from one.ontology.types import Role

_CONTRACTIONS = {
    "isn't": ["is", "not"],
    "aren't": ["is", "not"],
    "wasn't": ["is", "not"],
    "weren't": ["is", "not"],
    "doesn't": ["does", "not"],
    "don't": ["does", "not"],
    "didn't": ["does", "not"],
    "hasn't": ["has", "not"],
    "haven't": ["has", "not"],
    "can't": ["can", "not"],
    "cannot": ["can", "not"],
    "isnt": ["is", "not"],
    "arent": ["is", "not"],
    "wasnt": ["is", "not"],
    "doesnt": ["does", "not"],
    "dont": ["does", "not"],
    "didnt": ["does", "not"],
    "hasnt": ["has", "not"],
    "havent": ["has", "not"],
    **{f"{who}'re": [who, "is"] for who in ("they", "we", "you", "there")},
    **{f"{who}'ve": [who, "has"] for who in ("they", "we", "you", "i")},
    "am": ["is"],
    "are": ["is"],
    "was": ["is"],
    "were": ["is"],
    "be": ["is"],
    "have": ["has"],
    "had": ["has"],
    "do": ["does"],
    "did": ["does"],
}


_FILLERS = frozenset(
    {
        "already",
        "still",
        "currently",
        "also",
        "really",
        "actually",
        "ever",
        "yet",
        "both",
        "all",
        "successfully",
    }
)


_COMPARE: tuple[tuple[str, str], ...] = (
    ("is at least", ">="),
    ("is not less than", ">="),
    ("is no less than", ">="),
    ("is not below", ">="),
    ("is at most", "<="),
    ("is not more than", "<="),
    ("is not longer than", "<="),
    ("is not over", "<="),
    ("is not higher than", "<="),
    ("is not shorter than", ">="),
    ("is not under", ">="),
    ("is not lower than", ">="),
    ("is not older than", "!older"),
    ("is not newer than", "!newer"),
    ("is cheaper than", "<"),
    ("is more expensive than", ">"),
    ("is no more than", "<="),
    ("is not above", "<="),
    ("is up to", "<="),
    ("is within", "<="),
    ("is more than", ">"),
    ("is greater than", ">"),
    ("is higher than", ">"),
    ("is bigger than", ">"),
    ("is larger than", ">"),
    ("is longer than", ">"),
    ("is over", ">"),
    ("is above", ">"),
    ("is after", ">"),
    ("is later than", ">"),
    ("is older than", "older"),
    ("is newer than", "newer"),
    ("is younger than", "newer"),
    ("exceeds", ">"),
    ("exceed", ">"),
    ("is less than", "<"),
    ("is lower than", "<"),
    ("is smaller than", "<"),
    ("is fewer than", "<"),
    ("is shorter than", "<"),
    ("is below", "<"),
    ("is under", "<"),
    ("is before", "<"),
    ("is earlier than", "<"),
    ("reaches", ">="),
    ("reach", ">="),
    ("has reached", ">="),
    ("has at least", "#>="),
    ("has no less than", "#>="),
    ("has at most", "#<="),
    ("has no more than", "#<="),
    ("has more than", "#>"),
    ("has over", "#>"),
    ("has less than", "#<"),
    ("has fewer than", "#<"),
    ("has exactly", "#=="),
    ("is between", "between"),
    ("is not between", "!between"),
    ("is neither", "!in"),
    ("is none of", "!in"),
    ("is not one of", "!in"),
    ("is one of", "in"),
    ("is among", "in"),
    ("is amongst", "in"),
    ("is either", "in"),
    ("is any of", "in"),
    ("does not contain", "!contains"),
    ("does not include", "!contains"),
    ("contains", "contains"),
    ("contain", "contains"),
    ("includes", "contains"),
    ("include", "contains"),
    ("mentions", "contains"),
    ("does not start with", "!starts"),
    ("starts with", "starts"),
    ("start with", "starts"),
    ("begins with", "starts"),
    ("does not exist", "missing"),
    ("not exists", "missing"),
    ("not exist", "missing"),
    ("is not there", "missing"),
    ("is missing", "missing"),
    ("is not set", "missing"),
    ("is not given", "missing"),
    ("is not found", "missing"),
    ("exists", "exists"),
    ("exist", "exists"),
    ("is set", "exists"),
    ("is there", "exists"),
    ("is given", "exists"),
    ("is present", "exists"),
    ("is found", "exists"),
    ("is not empty", "!empty"),
    ("is empty", "empty"),
    ("is blank", "empty"),
    ("is not blank", "!empty"),
    ("did not fail", "ok"),
    ("does not fail", "ok"),
    ("failed", "failed"),
    ("fails", "failed"),
    ("has failed", "failed"),
    ("is failed", "failed"),
    ("succeeded", "ok"),
    ("succeeds", "ok"),
    ("has succeeded", "ok"),
    ("is successful", "ok"),
    ("is not successful", "failed"),
    ("worked", "ok"),
    ("does not succeed", "failed"),
    ("does not equal", "!="),
    ("equals", "=="),
    ("equal", "=="),
    ("is equal to", "=="),
    ("is exactly", "=="),
    ("is not equal to", "!="),
    ("is not the same as", "!="),
    ("is the same as", "=="),
    ("matches", "=="),
    ("is not", "!="),
    ("is", "=="),
    (">=", ">="),
    ("<=", "<="),
    ("=>", ">="),
    ("=<", "<="),
    ("≥", ">="),
    ("≤", "<="),
    (">", ">"),
    ("<", "<"),
    ("==", "=="),
    ("=", "=="),
    ("!=", "!="),
)


_COUNTED = (
    ("at least", "#>="),
    ("at most", "#<="),
    ("more than", "#>"),
    ("less than", "#<"),
    ("fewer than", "#<"),
    ("over", "#>"),
)
_HOLDING = tuple(
    (f"{verb} {said}", op) for verb in ("own", "owns", "hold", "holds") for said, op in _COUNTED
)
_SPENDING = tuple(
    (f"{verb} {said}", op.replace("#", "$"))
    for verb in ("spent", "has spent", "spends")
    for said, op in _COUNTED
)
_COSTING = tuple(
    (f"{verb} {said}", op[1:])
    for verb in ("cost", "costs", "lasts")
    for said, op in (*_COUNTED, ("longer than", "#>"), ("under", "#<"))
)


_UPWARD = ("more", "greater", "higher", "bigger", "larger")
_DOWNWARD = ("less", "lower", "smaller", "fewer")
_OR_EQUAL = tuple(
    (said, op)
    for words, op in (((*_UPWARD, "above"), ">="), ((*_DOWNWARD, "below"), "<="))
    for word in words
    for said in (
        f"is {word} than or equal to",
        f"is {word} or equal to",
        f"is equal to or {word} than",
    )
)
"""Their `or` is no other condition."""


def _indexed() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """The comparisons by their first word, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for said, op in sorted(
        _COMPARE + _OR_EQUAL + _HOLDING + _COSTING + _SPENDING, key=lambda one: -len(one[0].split())
    ):
        parts = tuple(said.split())
        found.setdefault(parts[0], []).append((parts, op))
    return found


_PREDICATES = _indexed()


MADE = frozenset({"created", "made", "updated", "changed"})
"""Moments of a row, which are before or after without an `is`."""
ALONE = frozenset({"missing", "exists", "empty", "!empty", "failed", "ok"})


@frozen
class Predicate:
    """What is said: an operator or a relation, with how many words it took.

    `flipped` says whether the subject is the end that a relation runs to, whatever its role word
    says of CONNECT; `words` are a comparison's.
    """

    op: str
    count: int
    relation: str = ""
    flipped: bool = False
    negated: bool = False
    role: Role | None = None
    words: tuple[str, ...] = ()

    @property
    def denies(self) -> bool:
        """Whether it says that something is not so."""
        return self.negated or self.op.startswith("!")

    @property
    def sort(self) -> str:
        """What the word says beside the relation: `liked`."""
        said = (self.role.metadata or {}).values() if self.role else ()
        return next((one for one in said if isinstance(one, str)), "")


def normal(words: Sequence[Word]) -> list[Word]:
    """Contractions spelt out, `are` as `is`, adverbs left out."""
    found: list[Word] = []
    for n, word in enumerate(words):
        low = word.low.replace("’", "'")
        if word.kind is Is.WORD and low in _CONTRACTIONS:
            found.extend(replace(word, text=part, low=part) for part in _CONTRACTIONS[low])
        elif word.kind is Is.WORD and low in _FILLERS and n:
            continue
        elif word.kind is Is.POSSESSIVE and n and _is_short(words, n):
            found.append(replace(word, text="is", low="is", kind=Is.WORD))  # `it's older`
        elif low == "longer" and found and found[-1].low == "no":
            found[-1] = replace(word, text="not", low="not")  # `is no longer a member`
        elif word.kind is Is.WORD and low == "never" and n:
            does = () if found and found[-1].low in {"has", "is", "does"} else ("does",)
            found.extend(replace(word, text=part, low=part) for part in (*does, "not"))
        else:
            found.append(word)
    return found


ENDS = frozenset({",", ".", ":", ";", "→", "->", "=>"})
"""Marks between a condition and what is done then."""

OR_MORE = {
    "more": ">=",
    "higher": ">=",
    "above": ">=",
    "older": ">=",
    "later": ">=",
    "longer": ">=",
} | {"less": "<=", "fewer": "<=", "lower": "<=", "below": "<=", "younger": "<=", "earlier": "<="}
"""What follows `or` in `30 or more`."""


def or_more(words: Sequence[Word]) -> bool:
    """`30 or more`, with nothing of the comparison after it."""
    ends = len(words) == 2 or words[2].low in {"and", "or", ",", ")"} if len(words) > 1 else False
    return words[0].low == "or" and ends and words[1].low in OR_MORE


def or_more_of(words: list[Word]) -> list[Word]:
    """`10 or more tokens` → `at least 10 tokens`."""
    for n, word in enumerate(words[:-3]):
        counted = (
            word.kind is Is.NUMBER and words[n + 1].low == "or" and words[n + 2].low in OR_MORE
        )
        if counted and words[n + 3].low not in {"and", "or", ",", ")"}:
            op = "least" if OR_MORE[words[n + 2].low] == ">=" else "most"
            lead = [replace(words[n + 1], text=one, low=one) for one in ("at", op)]
            return or_more_of([*words[:n], *lead, word, *words[n + 3 :]])
    return words


_ABOUT_IT = frozenset({"it", "he", "she", "there", "that", "who"})
_STATED = frozenset(
    {"older", "newer", "longer", "shorter", "more", "less", "at", "not", "over", "under", "between"}
    | {"empty", "missing", "published", "active", "a", "an", "the", "still", "already"}
)


def _is_short(words: Sequence[Word], n: int) -> bool:
    """Whether `'s` is short for `is` there."""
    after = words[n + 1].low if n + 1 < len(words) else ""
    return words[n - 1].low in _ABOUT_IT and after in _STATED


def find_predicate(reading: Reading, words: Sequence[Word]) -> tuple[int, Predicate | None]:
    """The first predicate in the words: comparisons and relations, the longest at its place."""
    for at, word in enumerate(words):
        if word.kind not in {Is.WORD, Is.MARK}:
            continue
        relation = _relation(reading, words, at) if at or len(words) > 1 else None
        if relation and not _is_counted(words[at + relation.count :]):
            return at, relation
        for parts, op in _PREDICATES.get(word.low, ()):
            if len(parts) <= len(words) - at and all(
                words[at + n].low == part and words[at + n].kind in {Is.WORD, Is.MARK}
                for n, part in enumerate(parts)
            ):
                alone = len(words) == 1 and op in {"failed", "ok"}
                said = len(words) > 1 and words[1].low in {"is", "has", "does"}
                if at == 0 and (alone or said) and lookup(reading, word.text):
                    continue
                return at, Predicate(op, len(parts), words=parts)
    return len(words), None


def _is_counted(after: Sequence[Word]) -> bool:
    """`likes are more than 3`: a number of them, where it could be who likes what."""
    return bool(after) and after[0].low in {"is", "=", ">", "<", ">=", "<=", "=="}


_RELATION_STARTS = frozenset({"is", "has", "does", "can"})


def _relation(reading: Reading, words: Sequence[Word], at: int) -> Predicate | None:
    """`owns`, `is not enrolled in`, `has bought`, `does not follow`."""
    n, negated, article = at, False, 0
    auxiliary = words[n].low in _RELATION_STARTS
    verb = words[n].low
    if auxiliary:
        n += 1
        if n < len(words) and words[n].low == "not":
            negated, n = True, n + 1
        if n < len(words) and words[n].low == "been":  # `has been invited by`
            verb, n = "is", n + 1
        article = int(n < len(words) and words[n].low in {"a", "an", "the"})
        n += article
    if not auxiliary and (at == 0 or words[at - 1].low in ARTICLES):
        return None
    if verb == "does" and n + 1 < len(words) and words[n].low == "has":
        return Predicate("has", n - at + 1, negated=negated)
    if (auxiliary and n < len(words) and words[n].kind is Is.WORD) or not auxiliary:
        found = _role_at(reading, words, n, after=verb if auxiliary else "")
        one_of_many = article and words[n - 1].low != "the"
        if found and (verb != "is" or one_of_many or not _is_named(reading, words[n:], found[2])):
            name, role, count = found
            said = words[n : n + count]
            done = bool(words[n + count :]) and _is_past(said[0])
            flipped = _turns(name, role, said, after=verb) if done else role.flipped
            return Predicate("relation", n - at + count, name, flipped, negated, role)
    if verb == "has" and _lacks(words[n:]):
        return Predicate("has", n - at + 1, negated=not negated)
    if verb == "has" and n - at - article == (2 if negated else 1) and n < len(words):
        if words[n].low in {
            "at",
            "more",
            "less",
            "over",
            "fewer",
            "exactly",
            "no",
            "reached",
            "spent",
            "failed",
            "succeeded",
        }:
            return None
        if words[n].kind is Is.NUMBER:
            return Predicate("#>=", n - at, negated=negated)
        return Predicate("has", n - at, negated=negated)
    return None


def _is_named(reading: Reading, words: Sequence[Word], count: int) -> bool:
    """Whether a role word alone is somebody in scope: `they are not writer`, who is an input."""
    return (
        count == len(words) and lookup(reading, " ".join(word.text for word in words)) is not None
    )


def _is_past(word: Word) -> bool:
    low, plain = word.low, _PLAIN_FORMS.get(word.low, "")
    return low.endswith("ed") or plain.endswith("ed") or low in _PAST or plain in _PAST


def _turns(relation: str, role: Role, said: Sequence[Word], *, after: str) -> bool:
    """Whether the subject is the end that the relation runs to.

    `a invited b` says who did it, `b was invited by a` to whom it was done. Of a relation that is
    named for what was done (`referred_by`), whoever does it is the end it runs to; of the others
    (`bought`, `rated`) the end it runs from.
    """
    by = said[-1].low == "by"
    if by and not role.word.endswith(" by"):
        return not relation.endswith("_by")
    if not by and after != "is" and relation.endswith("_by"):
        return True
    return role.flipped


def _lacks(words: Sequence[Word]) -> bool:
    """`no AI clone`, `no lessons`; not `no more than 3`."""
    low = [word.low for word in words[:2]]
    return len(low) == 2 and low[0] == "no" and low[1] not in {"more", "less", "fewer"}


_PLAIN_FORMS = {
    "buys": "bought",
    "purchases": "purchased",
    "completes": "completed",
    "watches": "watched",
    "joins": "joined",
    "finishes": "finished",
    "own": "owns",
    "owned": "owns",
    "held": "holds",
    "followed": "follows",
    "managed": "manages",
    "moderated": "moderates",
    "operated": "operates",
    "powered": "powers",
    "analysed": "analyzed",
    "taught": "teaches",
    "attended": "attends",
    "invite": "invited",
    "invites": "invited",
    "hold": "holds",
    "follow": "follows",
    "manage": "manages",
    "like": "likes",
    "attend": "attends",
    "write": "writes",
    "buy": "bought",
    "purchase": "purchased",
    "complete": "completed",
    "join": "joined",
    "finish": "finished",
    "teach": "teaches",
    "refer": "refers",
    "moderate": "moderates",
    "collaborate": "collaborates",
    "view": "viewed",
    "watch": "watched",
    "read": "viewed",
    "reads": "viewed",
    "seen": "viewed",
    "heard": "viewed",
    "enroll": "enrolled",
    "share": "shared",
    "comment": "commented",
    "rate": "rated",
    "sent": "wrote",
    "written": "wrote",
    "send": "wrote",
    "sends": "wrote",
}


_PAST = frozenset({"bought", "wrote", "written", "made", "held", "taught", "sent", "run", "paid"})
"""Past forms that don't end in -ed."""
_TAILS = frozenset({"in", "of", "on", "to", "for", "with", "by"})


_NOT_SAID = frozenset(
    {"has", "about", "links", "runs", "features", "made", "guest", "clone", "part", "reference"}
    | {"remix"}
)
_ONLY_AFTER_IS = frozenset(
    {"in", "student", "member", "author", "owner", "customer", "buyer", "holder", "follower"}
    | {"teacher", "manager", "subscriber", "partner", "collaborator", "moderator", "admin"}
    | {"attendee", "graduate", "writer", "maker", "referrer", "inside", "featured", "assigned"}
    | {"saved", "completed"}
)
"""Role words that are nouns as well: relations only after `is` or `has`."""


def _role_at(
    reading: Reading, words: Sequence[Word], at: int, *, after: str
) -> tuple[str, Role, int] | None:
    """The relation that words name, its direction, and how many words it takes."""
    for count in range(min(3, len(words) - at), 0, -1):
        part = words[at : at + count]
        if any(word.kind is not Is.WORD for word in part):
            continue
        spelt = key_of("".join(word.low for word in part))
        if count == 1:
            spelt = key_of(_PLAIN_FORMS.get(part[0].low, part[0].low))
        entries = reading.vocabulary.roles.get(spelt)
        last = len(words) == at + count
        if not entries or not _is_said(spelt, after, last=last):
            continue
        tail = not last and words[at + count].low in _TAILS and words[at + count].kind is Is.WORD
        name, role = entries[0]
        return name, role, count + tail
    return None


def _is_said(spelt: str, after: str, *, last: bool) -> bool:
    """Whether a role word stands there as a relation, not as a noun or a status."""
    if spelt in _NOT_SAID or (after == "is" and spelt in {"published", "active"} and last):
        return False
    return bool(after) or spelt not in _ONLY_AFTER_IS or (spelt == "completed" and not last)
