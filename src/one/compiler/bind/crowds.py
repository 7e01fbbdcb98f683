"""`everyone`, `all singers`, `all tasks`: many that nothing says whose they are."""

from collections.abc import Iterator

from one.compiler.meant import AKIN
from one.compiler.vocabulary import Vocabulary, plural, singular


def crowd(vocabulary: Vocabulary, said: str) -> Iterator[str]:
    """The people or things of the owner's that they may be."""
    lead, *rest = said.casefold().split()
    last = rest[-1] if rest else lead
    if (lead == "all" and len(rest) < 3 and vocabulary.is_person_word(last)) or last in _ALL:
        yield from ("my followers", "my members", "my customers")
    elif lead == "my":
        yield from (f"my {one}" for one in AKIN.get(singular(last), ()))
    elif is_sought(said):
        akin = (AKIN.get(singular(word), ()) for word in rest)
        yield from (f"my {plural(one)}" for one in next(filter(None, akin), ()))


_ALL = frozenset({"everyone", "everybody", "people"})


def is_sought(said: str) -> bool:
    """`all tasks`, `top 3 entries`: rows that are looked for, and nothing that anybody gives."""
    lead, *rest = said.casefold().split()
    return bool(rest) and lead in {"all", "every", "top", "newest", "latest", "last", "most"}
