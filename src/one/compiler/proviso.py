"""A condition behind its command: `GIVE fan 5 tokens if fan follows me`, `… unless …`."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.grammar import Body, Grammar, Verb, is_upper, place_of
from one.compiler.reader import Is, Line, Word

ASKING = frozenset({"if", "unless"})
_FREE = frozenset({"DEFINE", "EXACTLY", "CHECK IF"})
"""Commands whose words may be any."""
_TOLD = frozenset({"CALL", "TRACK", "STREAM", "CREATE", "STEP"})
"""Commands whose own words may be any, up to their first clause."""
_CHOOSING = frozenset({"where", "who", "that", "which", "whose"})
"""What a condition on each row follows: `unless` behind it is of the row."""
_NAME = 2
"""From ABOUT to the end of a name: longer ones are free words."""
_PARTS = frozenset({"even", "as", "what", "know", "see", "check", "whether", "and", "or", "else"})
"""What `if` belongs to when it stands before it."""


def asked_first(line: Line, grammar: Grammar, *, at: int, verb: tuple[str, int]) -> Line | None:
    """The line as IF says it: the condition, THEN, and the command with its clauses."""
    words = line.words
    start = at + verb[1]
    n = next((n for n in range(start + 1, len(words) - 1) if _asks(words[n])), 0)
    if not n or not _may_end(words[start:n], grammar, grammar.verbs[verb[0]]):
        return None
    if any(
        words[m].text == "," and grammar.verb_phrases.match(words, m + 1)
        for m in range(n, len(words))
    ):
        return None  # `wait 2 days, then only if they follow me, send them …`
    end = next((m for m in range(n + 2, len(words)) if _goes_on(words, m, grammar)), len(words))
    head = words[at:n]
    while head[-1].text == "," or head[-1].low in {"only", "but"}:
        head = head[:-1]
    then = replace(words[n], text="THEN", low="then")
    return line.with_words([*words[n:end], then, *head, *words[end:]])


def _asks(word: Word) -> bool:
    return word.kind is Is.WORD and word.low in ASKING


def _may_end(words: Sequence[Word], grammar: Grammar, verb: Verb) -> bool:
    """Whether these are all that a command says."""
    last = words[-1]
    if verb.body is not Body.NONE or "IF" in verb.clauses or verb.name in _FREE:
        return False
    if last.kind is Is.WORD and last.low in _PARTS:
        return False
    clauses = [
        found[0] for n in range(len(words)) if (found := grammar.clause_phrases.match(words, n))
    ]
    if verb.name == "GET" and not _CHOOSING.isdisjoint(word.low for word in words):
        return False
    about = place_of(words, {"about"}) or len(words)
    free = len(words) - about > _NAME
    if free and last.kind is not Is.TEXT and "VIA" not in clauses:
        return False
    quoted = last.kind is Is.TEXT and verb.name != "CALL"
    return verb.name not in _TOLD or quoted or not {"WITH", "SAVE AS", "VIA"}.isdisjoint(clauses)


def _goes_on(words: Sequence[Word], n: int, grammar: Grammar) -> bool:
    """Whether a clause of the command begins behind its condition."""
    found = grammar.clause_phrases.match(words, n)
    return found is not None and (
        is_upper(words[n : n + 1]) or found[0] in {"OTHERWISE", "ELSE", "SAVE AS", "AND STOP HERE"}
    )
