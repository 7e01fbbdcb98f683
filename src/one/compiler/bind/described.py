"""Things and lists that a command describes amid its words: looked up before it."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.choosing import Asked
from one.compiler.bind.derived import ROLES, TOWARDS
from one.compiler.bind.literals import Typed
from one.compiler.bind.measures import counted
from one.compiler.bind.names import is_chosen, phrase, strip, words_of
from one.compiler.bind.queries import emit_query, query_of, read_get
from one.compiler.bind.rephrasing import by_me, everyone
from one.compiler.bind.sequel import sequel
from one.compiler.bind.session import Reading
from one.compiler.expression import Call, Ref
from one.compiler.kinds import INTEGER, UNKNOWN, Base, Kind
from one.compiler.program import Step
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import key_of, singular, spaced


def seek(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`everyone who follows me`, `all members of my community`: the list that is described."""
    bare = everyone(list(words))
    if not bare:
        return None
    if (mine := _all_mine(reading, bare)) is not None:
        return mine
    if (chosen := _chosen(reading, bare)) is not None:
        return chosen
    if (own := by_me(bare)) is not bare:
        return read_list(reading, own)
    if (following := sequel(reading, bare)) is not None:
        return _looked_up(reading, following, bare, sure=False)
    if [word.low for word in bare[:2]] == ["number", "of"]:
        of = seek(reading, strip(bare[2:]))
        return (counted(reading, of) or Typed(Call("length", (of.tree,)), INTEGER)) if of else None
    if len(bare) > 2 and any(word.low in _CHOOSING for word in bare[:3]):
        found = spoken_of(reading, bare, people=True)
        return found if found and found.kind.base is Base.LIST else None
    ends = next((n for n, word in enumerate(bare) if n and word.low in _DESCRIBES), 0)
    noun = bare[ends - 1].low if ends else ""
    if key_of(noun) not in reading.vocabulary.plurals or reading.rows is not None:
        return None
    return read_list(reading, bare)


def _chosen(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`the course's first lesson`, `first lesson of the course`; of the only thing in scope that
    has such, where none is named.
    """
    at = next((n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE), -1)
    of = replace(words[-1], text="of", low="of", kind=Is.WORD)
    said = [*words[at + 1 :], of, *words[:at]] if at > 0 else list(words)
    if not is_chosen(reading, said[:2]) or reading.rows is not None:
        return None
    name = reading.vocabulary.entity_of(said[1].text) or ""
    if len(said) == 2:
        wholes = _WHOLES.get(name, frozenset())
        holders = {
            one.name for one in reading.things() if one.kind.types and one.kind.types <= wholes
        }
        if len(holders) != 1:
            return None
        (holder,) = holders
        note = f"“{phrase(words)}” is taken as the one of the {spaced(holder)}."
        reading.note("E323", note, at=whole(list(words)))
        said += [of, *words_of(spaced(holder), words[-1].span)]
    before, take_back = len(reading.findings.found), reading.trial()
    asked = read_get(reading, said, whole(list(words)))
    if not isinstance(asked, Asked) or reading.findings.open_since(before):
        take_back()
        return None
    return _looked_up(reading, asked, said[:2], sure=True)


_WHOLES = {"lesson": frozenset({"course"}), "message": frozenset({"conversation"})}


def _all_mine(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """`all members`, `all my fans`: the list of that name, else those of the owner's, said."""
    bare = [word for word in words[1:] if word.low not in {"the", "of"}]
    if words[0].low != "all" or len(bare) != 1 or reading.rows is not None:
        return None
    known = reading.find(bare[0].text)
    if known is not None and known.kind.base is Base.LIST:
        reading.use(known)
        return Typed(Ref(known.name), known.kind)
    role = ROLES.get(singular(bare[0].low))
    if role not in TOWARDS or key_of(bare[0].low) not in reading.vocabulary.plurals:
        return None
    my = replace(words[0], text="my", low="my")
    said = f"“{phrase(words)}” is taken as my {bare[0].low}."
    reading.note("E323", said, at=whole(list(words)))
    return read_list(reading, [my, *bare])


def read_list(
    reading: Reading, words: Sequence[Word], *, wanted: Kind | None = None
) -> Typed | None:
    """What the words already are, else all that they describe, looked up under its own noun."""
    span = whole(list(words))
    found = read_get(reading, words, span, wanted=wanted)
    if not isinstance(found, Asked):
        return found
    found.many = True
    output = reading.fresh(found.noun)
    return Typed(Ref(output), emit_query(reading, found, output, span=span))


_CHOOSING = frozenset({"first", "last", "newest", "latest", "oldest", "top", "best"})


def spoken_of(reading: Reading, words: Sequence[Word], *, people: bool = False) -> Typed | None:
    """`my newest post`, `number of my followers`, `everything I published`, in what is sent: what
    it describes, not these words. Without a trace where nothing is found so.
    """
    bare = strip(words)
    low = [word.low for word in bare[:5]]
    if low[:2] in (["list", "of"], ["link", "to"]):
        bare = bare[2:]
    if following := sequel(reading, bare):
        return _looked_up(reading, following, bare, sure=False)
    counted = bare[2:] if low[:2] == ["number", "of"] else bare
    named = {"my", "our"} & {*low} or low[0] in {"total", "average"}
    if by_me(counted) is counted and not named:
        return None
    before, take_back = len(reading.findings.found), reading.trial()
    found = read_get(reading, bare, whole(bare))
    if isinstance(found, Asked):
        found = _looked_up(reading, found, bare, sure=True)
    kind = (found.kind.item or found.kind).sure if found else UNKNOWN
    doubt = kind is UNKNOWN or (kind.person and not people) or kind.types == frozenset({"message"})
    if doubt or reading.findings.open_since(before):
        take_back()
        return None
    return found


def _looked_up(reading: Reading, asked: Asked, words: Sequence[Word], *, sure: bool) -> Typed:
    """The query before the command, under the words that describe it."""
    span = whole(list(words))
    query, kind = query_of(reading, asked, span)
    query.required = sure and query.limit == 1 and not asked.many
    kind = kind.sure if sure else kind
    wanted = reading.fresh(phrase([word for word in words[:5] if word.kind is Is.WORD]))
    output = reading.bind(wanted, kind, source="derived", span=span)
    reading.emit(Step(query=query, output=output), span)
    return Typed(Ref(output), kind)


_DESCRIBES = frozenset(
    {"who", "that", "which", "whose", "with", "without", "of", "in", "by", "enrolled"}
)
