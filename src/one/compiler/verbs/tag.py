"""TAG: words that a thing is found by."""

from collections.abc import Sequence

from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import attempt, text, value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, nearest
from one.compiler.expression import Expr, Hole, Lit, Ref, Template
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import Base
from one.compiler.program import ForEach, Step, Tagging
from one.compiler.reader import Is, Span, Word, join, whole


def read(command: Command, reading: Reading) -> None:
    """`TAG course WITH industry:fitness, breathing`."""
    head, mark, rest = cut_at(command.words, "with", "as")
    clause = command.clause("WITH")
    words = rest if mark else (clause.words if clause else [])
    items = [*split_words(words, ",", "and"), *(clause.items if clause else []), *command.items]
    if not head or not items:
        reading.error(
            "E204",
            "TAG what with which words?",
            why="Write TAG course WITH topic:breathing.",
            at=command.span,
        )
        return
    target = value(reading, head, command.span)
    names = [name for item in items if (name := _name(reading, item)) is not None]
    if isinstance(target.tree, Hole) or not names:
        return
    if target.kind.base is Base.LIST:
        inner = Step(tag=Tagging(target=Ref("each"), names=names))
        reading.mark(inner, "", span=command.span)
        reading.emit(Step(for_each=ForEach(in_=target.tree, as_="each", do=[inner])), command.span)
        return
    reading.emit(Step(tag=Tagging(target=target.tree, names=names)), command.span)


def _name(reading: Reading, words: Sequence[Word]) -> Expr | None:
    bare = strip(words)
    marks = [n for n, word in enumerate(words) if word.text == ":" and word.kind is Is.MARK]
    if len(marks) > 1:
        reading.error("E204", "A comma is missing between these tags.", at=whole(bare))
        return None
    colon = next((n for n, word in enumerate(bare) if word.text == ":"), 0)
    if colon and colon + 1 == len(bare):
        reading.error("E204", "A tag needs a name after its category.", at=whole(bare))
        return None
    if colon:
        category, known = bare[0].low, reading.vocabulary.ontology.tag_categories
        if category not in known:
            close = nearest(category, known)
            fixes = [
                Fix(f"Write {name}", (Edit(bare[0].span, name),), Applies.MAYBE) for name in close
            ]
            if not fixes and colon + 1 < len(bare):
                name = phrase(bare[colon + 1 :])
                fixes = [Fix(f"Write {name}", (Edit(whole(bare), name),), Applies.MAYBE)]
            names = ", ".join(known)
            reading.error(
                "E407",
                f"There is no tag category “{bare[0].text}”. There are {names}.",
                *fixes,
                names=close,
                at=bare[0].span,
            )
            return None
        return _in_category(reading, category, bare[colon + 1 :])
    if len(bare) == 1 and bare[0].low in reading.vocabulary.ontology.tag_categories:
        reading.error("E204", "A tag needs a name after its category.", at=whole(bare))
        return None
    if len(bare) == 1 and bare[0].kind is Is.TEXT:
        return text(reading, bare[0]).tree
    if reading.find(phrase(bare)):
        found = attempt(reading, bare)
        if found and found.kind.base in {Base.TEXT, Base.UNKNOWN, Base.LIST}:
            return found.tree
    if any(word.kind is Is.SLOT for word in bare):
        return _filled(reading, join(bare), whole(bare))
    return Lit(join(bare)) if bare else None


def _filled(reading: Reading, said: str, span: Span) -> Expr:
    """`topic:[name]-x`: the words with what the names in brackets hold."""
    return text(reading, Word(said, said, span, Is.TEXT)).tree


def _in_category(reading: Reading, category: str, words: list[Word]) -> Expr:
    """`topic:breathing`; `topic:option` is the option's own words where it is a name."""
    if any(word.kind is Is.SLOT for word in words):
        return _filled(reading, f"{category}:{join(words)}", whole(words))
    known = reading.find(phrase(words))
    if known is None or known.kind.sure.base is not Base.TEXT:
        return Lit(f"{category}:{join(words)}")
    reading.use(known)
    reading.note("E323", f"“{phrase(words)}” is taken as what it holds.", at=whole(words))
    return Template((f"{category}:", Ref(known.name)))


VERBS = (
    Verb(
        name="TAG",
        read=read,
        clauses=frozenset({"WITH"}),
        loose=frozenset({"WITH"}),
        pattern=frozenset({"as"}),
        says="Marks a thing with words to find it by.",
        example="""FEATURE: Sort it
INPUT:
  - video: which one
TAG video WITH topic:breathing, format:short
""",
    ),
)
