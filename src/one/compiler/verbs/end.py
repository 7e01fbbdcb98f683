"""END: a relation is over (unfollow, leave, cancel)."""

from one.compiler.bind.changes import life
from one.compiler.bind.endings import end_between
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.relations import candidates
from one.compiler.bind.saving import cut_at
from one.compiler.bind.saying import find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Edit, Fix
from one.compiler.grammar import Command, Verb
from one.compiler.reader import Is, Span, Word


def read(command: Command, reading: Reading) -> None:
    """`END fan follows creator`, `END the membership of fan in choir`, `END fan's subscription`."""
    words = strip(command.words)
    if not words:
        gone = Span(command.line.number, 1, 1, command.line.number + 1)
        fix = Fix("Leave this line out", (Edit(gone, ""),))
        reading.error(
            "E204",
            "END what? Say the relation, such as END fan follows creator.",
            fix,
            why="Where it was to close a block: nothing is closed here, the next line ends it.",
            at=command.key,
        )
        return
    if {word.low for word in words} <= _BLOCKS:
        line = command.key.line
        fix = Fix("Leave this line out", (Edit(Span(line, 1, 1, line + 1), ""),))
        why = "What is indented under a command belongs to it; the next line ends it."
        reading.error("E204", "Nothing has to be closed here.", fix, why=why, at=command.span)
        return
    plain = normal(words)
    at, predicate = find_predicate(reading, plain)
    if (
        predicate
        and predicate.op in {"relation", "has"}
        and at
        and at + predicate.count < len(plain)
    ):
        said = [
            word
            for word in plain[at : at + predicate.count]
            if word.low not in {"is", "has", "a", "an", "the"}
        ] or plain[at : at + 1]
        end_between(
            reading, plain[:at], plain[at + predicate.count :], role=said, span=command.span
        )
        return
    if _named(command, reading, words):
        return
    life(command, reading, "archive")


_BLOCKS = frozenset({"if", "for", "each", "loop", "while", "try", "step", "block", "do", "when"})
_NOUNS = {
    "membership": "member_of",
    "enrollment": "enrolled_in",
    "enrolment": "enrolled_in",
    "following": "following",
    "follow": "following",
    "subscription": "transacted",
    "collaboration": "collaborates_with",
    "assignment": "assigned_to",
    "like": "engaged_with",
}


def _named(command: Command, reading: Reading, words: list[Word]) -> bool:
    """`membership of a in b`, `a's membership in b`."""
    low = [word.low for word in words]
    noun = next((n for n, word in enumerate(low) if word in _NOUNS), None)
    if noun is None:
        return False
    role = [Word(_NOUNS[low[noun]], _NOUNS[low[noun]], words[noun].span)]
    if not candidates(reading.vocabulary, phrase(role)):
        return False
    if noun and words[noun - 1].kind is Is.POSSESSIVE:
        left, right = words[: noun - 1], words[noun + 2 :]
    else:
        left, _, right = cut_at(words[noun + 2 :], "in", "to", "with", "of", "and")
    if not left or not right:
        return False
    end_between(reading, left, right, role=role, span=command.span)
    return True


VERBS = (
    Verb(
        name="END",
        read=read,
        pattern=frozenset({"in", "to", "for", "as"}),
        says="Ends a relation.",
        example="""FEATURE: Unfollow
INPUT:
  - fan: who had enough
  - singer: who they followed
END fan follows singer
""",
    ),
)
