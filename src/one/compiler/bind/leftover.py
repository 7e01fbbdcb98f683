"""Words that nothing used: told where they stand, with the edit that leaves them out.

What is dropped without a word may be what matters: `SEND only "…"`, `RETRY 3 times twice`.
"""

from collections.abc import Collection, Iterator, Sequence

from one.compiler.bind.literals import count_of, duration_of
from one.compiler.bind.names import ARTICLES
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.grammar import Command
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import singular, spaced

_POLITE = frozenset({"please", "then", "also", "just", "now", "and", "kindly", "simply", "so"})
TURNING = frozenset({"not", "never", "only", "twice", "without", "except", "unless", "nobody"})
"""Words that turn a meaning around: nowhere free."""
_ASKING = frozenset({"unless", "if", "when", "while"})
"""Words that set a condition, which no command takes at its end."""
_MARKS = frozenset({",", ":", ".", ";", "-", "–", "!", "(", ")"})

_ALONE: dict[str, frozenset[str]] = {
    "DO TOGETHER": frozenset({"all", "of", "everything"}),
    "DO AT SAME TIME": frozenset({"all", "of", "everything"}),
    "ADD TO QUEUE": frozenset({"for", "later"}),
    "AND STOP HERE": frozenset({"here", "it", "flow", "feature", "there", "everything"}),
    "AT SAME TIME": frozenset(),
    "CONTINUE IF ONE FAILS": frozenset(),
    "WAIT FOR ALL": frozenset({"to", "be", "finish", "done", "of", "them", "finished"}),
}
"""Heads and clauses that stand alone, with the words that may fill them up."""


_LISTING = frozenset({"CREATE", "CHECK", "COMBINE", "GIVE", "FOR EACH", "SHOW", "TAG", ""})
_EITHER = frozenset({"DELETE", "RESTORE", "ARCHIVE", "PUBLISH"})
"""Commands that take a list beside their words, and in the place of them."""
_LISTED = frozenset({"WITH", "VIA", "WHERE", "SET", "ADD", "SUBTRACT"})
_FIRST = frozenset({"ABOUT", "OTHERWISE"})
"""Clauses that take a list, and those that take its first line in the place of words."""


def check_alone(reading: Reading, command: Command) -> None:
    """Reports words beside what stands alone, and lines under what takes no list."""
    name = command.verb.name
    if command.words and name in _ALONE:
        tell_left(reading, left_of(command.words, _ALONE[name]))
    if command.items and (name not in _EITHER or command.words) and name not in _LISTING:
        tell_lines(reading, command.items)
    for clause in command.clauses:
        if clause.words and clause.name in _ALONE:
            tell_left(reading, left_of(clause.words, _ALONE[clause.name]))
        if clause.items and clause.name not in _LISTED:
            first = int(clause.name in _FIRST and not clause.words)
            tell_lines(reading, clause.items[first:])


def tell_lines(reading: Reading, lines: Sequence[Sequence[Word]]) -> None:
    """Reports listed lines that nothing used."""
    for words in lines:
        at = whole(list(words))
        fix = Fix("Leave this line out", (Edit(Span(at.line, 1, 1, at.line + 1), ""),))
        said = f"I don't understand “{join(list(words))}” here."
        why = "The command above takes no list. WITH lists what goes along, WHERE what must hold."
        reading.error("E205", said, fix, why=why, at=at)


def left_of(words: Sequence[Word], known: Collection[str]) -> list[Word]:
    """The words that are neither known nor empty; those that turn a meaning are never empty."""
    return [word for word in words if word.low not in known and not is_empty(word)]


def is_empty(word: Word) -> bool:
    """An article, a word of politeness, a mark: it says nothing."""
    if word.kind is Is.MARK:
        return word.text in _MARKS
    return word.kind is Is.WORD and (word.low in ARTICLES or word.low in _POLITE)


def names_something(reading: Reading, word: Word) -> bool:
    """Whether the word is of a name in scope, or a noun of people or things."""
    vocabulary, low = reading.vocabulary, singular(word.low)
    if vocabulary.is_person_word(low) or vocabulary.entity_of(low) is not None:
        return True
    names = (spaced(one.name).casefold().split() for one in reading.names.values())
    return any(word.low in parts for parts in names)


def turns(word: Word) -> bool:
    """Whether the word turns a meaning around."""
    return word.kind is Is.WORD and word.low in TURNING


def tell_left(reading: Reading, words: Sequence[Word], why: str = "") -> bool:
    """Reports words that nothing used, each run of them once; whether there were any."""
    if not words:
        return False
    for run in _runs(words):
        at = whole(run)
        fixes = [Fix("Leave it out", (Edit(_with_space(run), ""),), Applies.MAYBE)]
        if run[0].low in _ASKING:
            fixes, why = [], "What must hold stands before: IF fan follows me THEN NOTIFY fan …"
        elif len(run) > 1 and run[0].kind is Is.WORD and run[0].text.isupper():
            edit = Edit(Span(at.line, _with_space(run).start, at.start), "\n")
            fixes = [Fix("Put it on a line of its own", (edit,), Applies.MAYBE)]
        said = f"I don't understand “{join(run)}” here."
        reading.error("E205", said, *fixes, why=why, at=at)
    return True


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words that stand side by side."""
    run: list[Word] = []
    for word in words:
        near = run and word.span.line == run[-1].span.line
        if near and word.span.start - run[-1].span.end > 1:
            near = False
        if run and not near:
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _with_space(words: Sequence[Word]) -> Span:
    """The words with the space before them."""
    span = whole(list(words))
    bare = words[0].glued or span.start == 1
    return span if bare else Span(span.line, span.start - 1, span.end)


def length_in(words: Sequence[Word]) -> tuple[str | None, list[Word]]:
    """The first length of time among the words, and the others."""
    for n in range(len(words) - 1):
        if found := duration_of(words[n : n + 2]):
            return found, [*words[:n], *words[n + 2 :]]
    return None, list(words)


def count_in(words: Sequence[Word]) -> tuple[int | None, list[Word]]:
    """The first number among the words, and the others."""
    for n, word in enumerate(words):
        if (found := count_of(word)) is not None:
            return found, [*words[:n], *words[n + 1 :]]
    return None, list(words)
