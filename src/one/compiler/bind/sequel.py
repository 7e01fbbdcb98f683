"""What comes after: `the next lesson`, of the course that the lesson in scope is part of."""

from collections.abc import Sequence

from one.compiler.bind.choosing import Asked
from one.compiler.bind.derived import parent, type_filter
from one.compiler.bind.session import Reading
from one.compiler.expression import Get, Ref
from one.compiler.kinds import thing
from one.compiler.program import Filter, Order, Tie
from one.compiler.reader import Is, Word, whole

_AFTER = frozenset({"in", "of", "the", "that", "their", "course", "after", "it", "this", "lesson"})


def sequel(reading: Reading, words: Sequence[Word]) -> Asked | None:
    """The lesson with the lowest order above that of the only lesson in scope."""
    at = next((n for n, word in enumerate(words[:-1]) if word.low == "next"), -1)
    owned = at < 1 or words[at - 1].kind is Is.POSSESSIVE or words[0].low == "their"
    if at < 0 or not owned or reading.vocabulary.entity_of(words[at + 1].text) != "lesson":
        return None
    lessons = {one.name: one for one in reading.things() if one.kind.types == _LESSON}
    if len(lessons) != 1 or not {word.low for word in words[at + 2 :]} <= _AFTER:
        return None
    course = parent(reading, "course", span=whole(list(words)))
    if course is None:
        return None
    passed = Get(Ref(next(iter(lessons))), "order")
    where = [
        type_filter(["lesson"]),
        Filter(connected=Tie(type="part_of", to=course.tree)),
        Filter(field="order", operator="gt", value=passed),
    ]
    return Asked(thing("lesson"), False, "next lesson", where, [Order(field="order")], limit=1)


_LESSON = frozenset({"lesson"})
