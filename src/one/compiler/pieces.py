"""Lines to pieces: each verb or clause with the words that follow it on its line.

Keywords count in any case at the start of a line; inside a line clauses are upper case, or any
case where they can be nothing else, or where the file writes its keywords in lower case.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from one.compiler.diagnosis import (
    Applies,
    Diagnostic,
    Edit,
    Findings,
    Fix,
    Severity,
    slipped,
    within_one,
)
from one.compiler.grammar import (
    ANY_CASE,
    CARRYING,
    CLAUSES,
    NEEDS_OWNER,
    Body,
    Grammar,
    Verb,
    is_upper,
    lead_of,
    strip_colon,
)
from one.compiler.meant import is_meant
from one.compiler.proviso import ASKING, asked_first
from one.compiler.reader import KEPT_LINES, Is, Line, Span, Word, whole

_FILLERS = frozenset({"then", "next", "finally", "also", "and", "please", "first", "afterwards"})


_ORDINARY = frozenset({"all", "any", "and", "not", "the", "they", "then", "for", "are"})
"""Plain words that are no slip of a keyword."""


_JOINING = frozenset({"and", "&", ",", ";", "."})
"""What leads from one command to the next of its line."""
_OWN_WORDS = frozenset({"DEFINE", "EXACTLY", ""})
"""Commands whose words are no English of the flow."""
_FREE_WORDS = frozenset({"CALL", "ABOUT", "OTHERWISE", "IF", "ELSE IF"})
"""What may hold any words: only capitals begin a command among them."""
_DOING = frozenset(
    {"GIVE", "SEND", "NOTIFY", "CREATE", "CONNECT", "PUBLISH", "SHOW", "TAG", "GET", "ADD", "SET"}
    | {"SUBTRACT", "REMOVE", "DISCONNECT", "DELETE", "ARCHIVE", "RESTORE", "RECORD", "REWARD"}
    | {"UPDATE", "WAIT", "CHECK"}
)
"""What small letters may begin, where its object follows."""
_LEADS_ON = frozenset({",", ":", "→", "->", "=>"})
"""Marks between what is asked and what is done then."""
_LEADING_ON = frozenset({"about", "to", "with", "via", "as", "called"})
"""What follows the object of a command: `and notify fan about …`."""
_COMPARING = frozenset(
    {"more", "less", "greater", "fewer", "higher", "lower", "older", "newer", "bigger", "smaller"}
    | {"larger", "longer", "shorter", "earlier", "later", "younger", "cheaper"}
)
_POINTING = frozenset(
    {"the", "a", "an", "my", "our", "it", "them", "this", "that", "these", "those", "him", "her"}
    | {"their", "all", "each", "every", "me", "us", "everyone", "everybody"}
)
"""Words that the object of a command begins with."""


@dataclass(slots=True)
class Piece:
    """A verb or a clause (`name`), or words that begin with neither (`name` is empty)."""

    name: str
    words: list[Word]
    line: Line
    key: Span
    verb: Verb | None = None
    asked: str = ""
    starts: bool = True
    colon: bool = False
    also_clause: str = ""
    level: int = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.line.level

    @property
    def is_clause(self) -> bool:
        return self.verb is None and bool(self.name)

    @property
    def span(self) -> Span:
        return self.key.to(self.words[-1].span) if self.words else self.key


class Cutter:
    """Cuts lines into pieces. `shouting` says that the file writes its keywords in capitals."""

    def __init__(self, grammar: Grammar, findings: Findings, *, shouting: bool) -> None:
        self.grammar = grammar
        self.findings = findings
        self.shouting = shouting

    def cut(self, line: Line) -> Sequence[Piece]:
        """The pieces of a line, at least one; other readings of the line share them."""
        pieces, told = _cut(line, self.grammar, shouting=self.shouting)
        for one in told:
            self.findings.add(one)
        return pieces

    def cut_anew(self, line: Line) -> list[Piece]:
        """The pieces of a line that nobody read before."""
        at = self._filler(line.words)
        words = line.words
        if "save" in line.lows:
            words = self._with_as(words)
        if not _COMPARING.isdisjoint(line.lows):
            words = self._with_than(words)
        words = self._mended(words, at)
        if words is not line.words:
            line = line.with_words(words)
        verb, clause = self._begun(line, at)
        if verb and not ASKING.isdisjoint(line.lows):
            turned = asked_first(line, self.grammar, at=at, verb=verb)
            if turned is not None:
                return self.cut_anew(turned)
        if verb and (clause is None or verb[1] >= clause[1]):
            first = self._verb_piece(line, at, verb, starts=True)
            first.also_clause = clause[0] if clause and clause[1] == verb[1] else ""
        elif clause:
            first = self._clause_piece(line, at, clause, starts=True)
        else:
            first = self._unknown(line, words)
        return self._split(first)

    def _begun(self, line: Line, at: int) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
        """The command and the clause that begin there."""
        if not at:
            return lead_of(line, self.grammar)[:2]
        verbs, clauses = self.grammar.verb_phrases, self.grammar.clause_phrases
        return verbs.match(line.words, at), clauses.match(line.words, at)

    def _with_as(self, words: list[Word]) -> list[Word]:
        """`SAVE total AS`: told, and read as SAVE AS total."""
        at = next((n for n, word in enumerate(words) if word.text == "SAVE"), -1)
        end = next((n for n in range(at + 2, min(at + 5, len(words))) if words[n].text == "AS"), 0)
        between = words[at + 1 : end]
        goes_on = end + 1 < len(words) and not is_upper(words[end + 1 : end + 2])
        if at < 0 or not end or goes_on or not self.shouting:
            return words
        if any(word.kind is not Is.WORD or word.text.isupper() for word in between):
            return words
        gone = Span(words[end].span.line, words[end - 1].span.end, words[end].span.end)
        edits = (Edit(words[at].span, "SAVE AS"), Edit(gone, ""))
        fix = Fix("Write SAVE AS", edits, Applies.SAFE)
        said = "SAVE AS stands together: the name comes behind it."
        self.findings.say(Severity.ERROR, ("E203", words[at].span, said), fixes=[fix])
        return [*words[: at + 1], words[end], *between, *words[end + 1 :]]

    def _with_than(self, words: list[Word]) -> list[Word]:
        """`is more then 10`: THAN, told."""
        for n in range(2, len(words) - 1):
            word = words[n]
            if word.low not in {"then", "that"} or words[n - 1].low not in _COMPARING:
                continue
            if (self.shouting and is_upper([word])) or self.grammar.verb_phrases.match(
                words, n + 1
            ):
                continue
            said = f"“{words[n - 1].text} {word.text}” compares nothing. Did you mean than?"
            fix = Fix("Write than", (Edit(word.span, "than"),), Applies.SAFE)
            why = "What is compared stands behind THAN: is more than 10."
            self.findings.say(Severity.ERROR, ("E205", word.span, said), fixes=[fix], why=why)
            return [*words[:n], replace(word, text="than", low="than"), *words[n + 1 :]]
        return words

    def _mended(self, words: list[Word], at: int) -> list[Word]:
        """A phrase of several words with one of them misspelt (`DO TOGETER`), mended and told."""
        if at + 1 >= len(words) or words[at].kind is not Is.WORD:
            return words
        phrases = self.grammar.long_phrases
        near = [*phrases.get(words[at].low, ()), *phrases.get(words[at + 1].low + " ", ())]
        if not near:
            return words
        verb = self.grammar.verb_phrases.match(words, at)
        clause = self.grammar.clause_phrases.match(words, at)
        longest = max(found[1] if found else 0 for found in (verb, clause))
        for parts, owner in near:
            if len(parts) <= longest or (verb and verb[0] == owner):
                continue  # GIVE pack is no misspelt GIVE BACK
            wrong = _one_wrong(words[at : at + len(parts)], parts)
            if wrong is not None:
                word, right = words[at + wrong], parts[wrong]
                self._report(word, right.upper(), "E201")
                place = at + wrong
                return [*words[:place], replace(word, text=right, low=right), *words[place + 1 :]]
        return words

    def _filler(self, words: Sequence[Word]) -> int:
        """Skip `then`, `and`, … where a verb follows; THEN before a verb stays a clause."""
        at = 0
        while at < len(words) and words[at].low in _FILLERS and not is_upper(words[at : at + 1]):
            at += 1
            if at < len(words) and words[at].text == ",":
                at += 1
        return at if at and self.grammar.verb_phrases.match(words, at) else 0

    def _verb_piece(self, line: Line, at: int, found: tuple[str, int], *, starts: bool) -> Piece:
        name, count = found
        words = line.words
        said, rest = words[at : at + count], words[at + count :]
        asked = " ".join([word.text.upper() for word in said])
        while _leads(rest):
            rest = rest[1:]
        key = whole(said)
        return Piece(name, rest, line, key, self.grammar.verbs[name], asked, starts)

    def _clause_piece(self, line: Line, at: int, found: tuple[str, int], *, starts: bool) -> Piece:
        name, count = found
        words = line.words
        said, rest = words[at : at + count], words[at + count :]
        colon = False
        while _leads(rest):
            colon = colon or rest[0].text == ":"
            rest = rest[1:]
        asked = " ".join([word.text.upper() for word in said])
        return Piece(name, rest, line, whole(said), None, asked, starts, colon=colon)

    def _unknown(self, line: Line, words: list[Word]) -> Piece:
        return Piece("", words, line, words[0].span)

    def misspelt(self, piece: Piece) -> list[Piece] | None:
        """The pieces of a line whose unknown first word was meant to be another, reported."""
        words = piece.line.words
        if words and words[0].text == "FI":
            return self._respell(piece.line, 0, "if")
        if not words or words[0].kind is not Is.WORD or len(words[0].low) < 3:
            return None
        if (right := self.grammar.joined.get(words[0].low)) is not None:
            return self._parted(piece.line, right)
        if (
            words[0].low in _ORDINARY
            or is_meant(words[0].low)
            or self.grammar.head_phrases.match(words)
            or not (is_upper(words[:1]) or len(words[0].low) > 3)
        ):
            return None
        firsts = self.grammar.firsts
        root = next((one for one in _roots(words[0].low) if one in firsts), None)
        if root is not None and (found := self._respell(piece.line, 0, root)):
            return found
        near = [name for name in sorted(firsts) if within_one(words[0].low, name)]
        if not near and len(words[0].low) > 5:
            near = difflib.get_close_matches(words[0].low, sorted(firsts), n=1, cutoff=0.8)
        if not near:
            return None
        return self._respell(piece.line, 0, near[0])

    def _parted(self, line: Line, right: str) -> list[Piece]:
        """`SAVEAS total`: the words of one phrase written as one, told."""
        first, *rest = line.words
        self._report(first, right, "E203")
        words = [replace(first, text=one, low=one.lower()) for one in right.split()]
        return [*self.cut(line.with_words([*words, *rest]))]

    def _respell(self, line: Line, at: int, right: str) -> list[Piece] | None:
        word = line.words[at]
        trial = Word(right, right, word.span, word.kind, word.glued)
        words = [*line.words[:at], trial, *line.words[at + 1 :]]
        verb = self.grammar.verb_phrases.match(words, at)
        clause = self.grammar.clause_phrases.match(words, at)
        if not verb and not clause:
            return None
        bare = verb is not None and self.grammar.verbs[verb[0]].body is Body.NONE
        code = "E203" if clause and not verb else "E201"
        self._report(word, right.upper(), code, whole=not bare or len(line.words) > 1)
        changed = line.with_words(words)
        if verb:
            return self._split(self._verb_piece(changed, at, verb, starts=at == 0))
        return self._split(self._clause_piece(changed, at, clause or ("", 1), starts=at == 0))

    def _report(self, word: Word, right: str, code: str, *, whole: bool = True) -> None:
        loud = is_upper([word]) or not self.shouting  # `Sent from my telephone` is no command
        sure = Applies.SAFE if loud and whole else Applies.MAYBE
        self.findings.add(
            Diagnostic(
                code,
                Severity.ERROR,
                word.span,
                f"“{word.text}” is not a word I know here. Did you mean {right}?",
                "Every line begins with a command or a clause that I know.",
                (Fix(f"Write {right}", (Edit(word.span, right),), sure),),
                (right,),
            )
        )

    def _split(self, first: Piece) -> list[Piece]:
        """Cut the words of a piece at the clauses and commands inside them."""
        done: list[Piece] = []
        current = first
        owners: list[Verb] = [first.verb] if first.verb else []
        while True:
            cut = self._next_cut(current, owners)
            if cut is None:
                current.words, colon = strip_colon(current.words)
                current.colon = current.colon or colon
                done.append(current)
                return done
            at, following = cut
            current.words, colon = strip_colon(current.words[:at])
            if at > 1 and current.words:
                current.words = _without_and(current.words)
            current.colon = current.colon or (colon and not following.starts)
            done.append(current)
            if following.verb:
                owners.append(following.verb)
            current = following

    def _next_cut(self, piece: Piece, owners: list[Verb]) -> tuple[int, Piece] | None:
        words = piece.words
        offset = len(piece.line.words) - len(words)
        carries = piece.name in CARRYING - {"ELSE IF"}
        depth, firsts = 0, self.grammar.firsts
        for n, word in enumerate(words):
            if word.kind is not Is.WORD:
                depth += (word.text == "(") - (word.text == ")") if word.kind is Is.MARK else 0
                continue
            loud = word.text.isupper()
            if not (loud or word.low in firsts) or depth > 0:
                continue
            if (n == 0 and carries) or self._may_begin(piece, words, n, loud=loud):
                verb = self.grammar.verb_phrases.match(words, n)
                said = word.low == "say" and piece.name in {"OTHERWISE", "IF IT FAILS"}
                if verb and not said and not (n == 0 and verb[0] == piece.name):
                    at = offset + n
                    return n, self._verb_piece(piece.line, at, verb, starts=False)
            if n and (verb := self._sequel(piece, words, n, owners=owners)):
                return n, self._verb_piece(piece.line, offset + n, verb, starts=False)
            if n and loud and (verb := self._unjoined(piece, words, n, owners=owners)):
                return n, self._verb_piece(piece.line, offset + n, verb, starts=False)
            if n and word.glued and words[n - 1].text == ".":
                continue
            clause = self._clause_at(piece, words, n, owners=owners)
            if clause:
                return n, self._clause_piece(piece.line, offset + n, clause, starts=False)
        return None

    def _may_begin(self, piece: Piece, words: Sequence[Word], n: int, *, loud: bool) -> bool:
        """A command inside the head of IF or FOR EACH: in capitals, or after a comma or colon."""
        verb = piece.verb
        if verb is None and piece.name == "ELSE IF":
            return n > 0 and words[n - 1].text in _LEADS_ON
        if verb is None or verb.body is Body.NONE:
            return False
        if verb.name == "FOR EACH" and (
            (n and words[n].low in ASKING) or (not self.shouting and _for_each_of(words, n))
        ):
            return True
        if n == 0:
            return verb.body is Body.RUN
        return (loud and self.shouting) or (
            verb.body is not Body.STEP and words[n - 1].text in _LEADS_ON
        )

    def _sequel(
        self, piece: Piece, words: Sequence[Word], n: int, *, owners: Sequence[Verb]
    ) -> tuple[str, int] | None:
        """`… and GIVE fan 10 tokens`: one more command on the line, where nothing else is meant."""
        before = words[n - 1]
        if before.low not in _JOINING or before.kind not in {Is.WORD, Is.MARK}:
            return None
        verb = self.grammar.verb_phrases.match(words, n)
        owner = owners[-1] if owners else None
        if verb is None or owner is None or owner.name in _OWN_WORDS:
            return None
        said = words[n : n + verb[1]]
        clause = self.grammar.clause_phrases.match(words, n)
        taken = clause is not None and clause[1] >= verb[1] and clause[0] in owner.clauses
        if taken or (verb[1] == 1 and said[0].low in owner.pattern):
            return None
        if self.shouting and is_upper(said):
            return verb
        heads = owner.body is not Body.NONE or self.grammar.verbs[verb[0]].body is not Body.NONE
        quoted = not self.shouting and n > 1 and words[n - 2].kind is Is.TEXT
        free = owner.name in _FREE_WORDS or (piece.name in _FREE_WORDS and not quoted)
        if heads or free or before.low == "," or verb[0] not in _DOING:
            return None
        after = words[n + verb[1] :]
        led = not self.shouting and len(after) > 2 and after[1].low in _LEADING_ON
        return verb if _has_object(after) or (led and after[0].kind is Is.WORD) else None

    def _unjoined(
        self, piece: Piece, words: Sequence[Word], n: int, *, owners: Sequence[Verb]
    ) -> tuple[str, int] | None:
        """`CHECK fan exists NOTIFY fan …`: a second command that nothing leads to, told."""
        owner = owners[-1] if owners else None
        if not self.shouting or owner is None or owner.name in _OWN_WORDS:
            return None
        verb = self.grammar.verb_phrases.match(words, n)
        if verb is None:
            return None
        said = words[n : n + verb[1]]
        clause = self.grammar.clause_phrases.match(words, n)
        own = clause is not None and any(clause[0] in one.clauses for one in owners)
        if own or not is_upper(said) or len(words[n].text) < 3:
            return None
        after = words[n + verb[1] :]
        quoted = words[n - 1].kind is Is.TEXT
        if (piece.name in _FREE_WORDS and not quoted) or (verb[0] == "SAVE"):
            return None
        if len(after) < 1 + (piece.name != "SAVE AS") or after[0].kind is Is.MARK:
            return None
        if words[n - 1].low in _LEADING_ON | _POINTING or is_upper(words[n - 1 : n]):
            return None  # `called GET FIT`
        self._tell_unjoined(piece, whole(list(said)), inside=owners[0].body is not Body.NONE)
        return verb

    def _tell_unjoined(self, piece: Piece, at: Span, *, inside: bool) -> None:
        raw = piece.line.raw
        lead = raw[: piece.line.span.start - 1]
        before = raw[: at.start - 1]
        place = Span(at.line, len(before.rstrip()) + 1, at.start)
        sure = Applies.MAYBE if inside else Applies.SAFE
        fixes = [Fix("Put it on a line of its own", (Edit(place, f"\n{lead}"),), sure)]
        if inside:
            fixes.insert(0, Fix("Join them with AND", (Edit(place, " AND "),), sure))
        said = "A second command begins here. Each stands on a line of its own."
        self.findings.say(Severity.ERROR, ("E118", at, said), fixes=fixes)

    def _clause_at(
        self, piece: Piece, words: Sequence[Word], n: int, *, owners: list[Verb]
    ) -> tuple[str, int] | None:
        found = self.grammar.clause_phrases.match(words, n)
        if (count := self._half_said(words, n, owners)) is not None:
            return "SAVE AS", count
        if found is None:
            return self._misspelt_clause(words, n, owners)
        name, _ = found
        owner = owners[-1] if owners else None
        taken = [verb for verb in owners if name in verb.clauses]
        loud = is_upper(words[n : n + 1])
        if owner and words[n].low in owner.pattern and name not in owner.clauses:
            return None
        if name in NEEDS_OWNER and not taken and owner is not None:
            return None
        if n == 0 and piece.is_clause and not loud:
            return None
        if loud or name in ANY_CASE:
            return found
        if owner and name in owner.loose:
            return found
        return found if not self.shouting and taken else None

    def _half_said(self, words: Sequence[Word], n: int, owners: Sequence[Verb]) -> int | None:
        """`SAVE total`, `AS total`, `AS SAVE total`: SAVE AS, with how many words were said."""
        if not self.shouting or not n or words[n].text not in {"SAVE", "AS"}:
            return None
        said = [word.text for word in words[n : n + 2]]
        if len(said) < 2:
            return None
        owner = owners[-1] if owners else None
        if owner is None or "SAVE AS" not in owner.clauses:
            return None
        if said == ["AS", "SAVE"]:
            both = replace(words[n], text="AS SAVE", span=words[n].span.to(words[n + 1].span))
            self._report(both, "SAVE AS", "E203")
            return 2
        alone = said[0] == "SAVE" or (said[0] == "AS" and not {"as", "AS"} & _taken(owner))
        if (
            not alone
            or sorted(said[1]) in (["A", "S"], sorted("SAVE"))
            or words[n + 1].kind is not Is.WORD
        ):
            return None
        parted = any(word.text == "SAVE" for word in words[:n])
        self._report(words[n], "SAVE AS", "E203", whole=not parted)
        return 1

    def _misspelt_clause(
        self, words: Sequence[Word], n: int, owners: list[Verb]
    ) -> tuple[str, int] | None:
        """A word in capitals that is one letter away from a clause of the command."""
        word = words[n]
        if not self.shouting or len(word.text) < 2 or not is_upper([word]) or not owners:
            return None
        if word.low == "and":
            return None
        for name in sorted(owners[-1].clauses):
            parts = CLAUSES[name][0].split()
            if len(parts) == 2 and _swapped(words[n : n + 2], parts):
                self._report(words[n + 1], parts[1], "E203")
                return name, 2
            rest = [other.low for other in words[n + 1 : n + len(parts)]]
            if _one_off(word.low, parts[0].lower()) and rest == [p.lower() for p in parts[1:]]:
                self._report(word, parts[0], "E203")
                return name, len(parts)
        return None


@lru_cache(maxsize=KEPT_LINES)
def _cut(
    line: Line, grammar: Grammar, *, shouting: bool
) -> tuple[Sequence[Piece], Sequence[Diagnostic]]:
    """The pieces of a line, and what is told of it."""
    findings = Findings()
    return Cutter(grammar, findings, shouting=shouting).cut_anew(line), findings.found


def _roots(said: str) -> Iterator[str]:
    """`creates`, `created`, `creating`, `notifies`, `sent`: the command in another form."""
    if said in _IRREGULAR:
        yield _IRREGULAR[said]
    for ending in ("ies", "ied", "ing", "es", "ed", "s", "d"):
        stem = said.removesuffix(ending)
        if stem != said and len(stem) > 1:
            yield from (stem, stem + "e", stem + "y")
            if len(stem) > 2 and stem[-1] == stem[-2]:
                yield stem[:-1]


_IRREGULAR = {"sent": "send", "gave": "give", "given": "give", "got": "get", "found": "find"} | {
    "shown": "show",
    "done": "do",
    "tried": "try",
    "elif": "elseif",
    "elsif": "elseif",
}


def _has_object(words: Sequence[Word]) -> bool:
    """Whether what a command speaks of follows: `the fan …`, `"Hello"`, `fan 10 tokens`."""
    if not words:
        return False
    if words[0].kind is not Is.WORD:
        return words[0].kind in {Is.TEXT, Is.NUMBER, Is.MONEY}
    counted = len(words) > 1 and words[1].kind in {Is.NUMBER, Is.TEXT, Is.POSSESSIVE}
    return counted or words[0].low in _POINTING


def _without_and(words: list[Word]) -> list[Word]:
    """`the fan's name and save as name`: the word that only leads on is nothing of the name."""
    last = words[-1]
    leads = last.low in {"and", "&"} and last.kind in {Is.WORD, Is.MARK}
    return strip_colon(words[:-1])[0] if leads else words


def _for_each_of(words: Sequence[Word], n: int) -> bool:
    """`draft in old drafts archive draft`: a command that speaks of the item of its loop."""
    low = [word.low for word in words]
    return "in" in low[1 : n - 1] and low[0] in low[n + 1 :]


def _leads(words: Sequence[Word]) -> bool:
    """Whether a mark stands first that only leads on; the sign of a number is its own."""
    if not words or words[0].kind is not Is.MARK or words[0].text not in {":", ",", "-", "–"}:
        return False
    number = len(words) > 1 and words[1].kind in {Is.NUMBER, Is.MONEY} and words[1].glued
    return not (number and words[0].text == "-")


def _taken(owner: Verb) -> frozenset[str]:
    return owner.pattern | owner.clauses


def _one_off(said: str, right: str) -> bool:
    """One letter away; of two letters only where the third is left out."""
    if len(said) > 2:
        return within_one(said, right)
    return len(right) == 3 and said in {right[1:], right[0] + right[2], right[:2]}


def _swapped(said: Sequence[Word], parts: Sequence[str]) -> bool:
    """`SAVE SA`: the second word of a clause with two letters swapped."""
    if len(said) < 2 or said[0].text != parts[0] or said[1].text == parts[1]:
        return False
    return sorted(said[1].text) == sorted(parts[1])


def _one_wrong(said: Sequence[Word], parts: Sequence[str]) -> int | None:
    """Which word of a phrase is one letter off, all others being right."""
    if len(said) < len(parts):
        return None
    wrong = -1
    for n, part in enumerate(parts):
        if said[n].low != part:
            if wrong >= 0 or len(part) < 4 or said[n].kind is not Is.WORD:
                return None
            wrong = n
    return wrong if wrong >= 0 and _alike(said[wrong].low, parts[wrong]) else None


@lru_cache(maxsize=4096)
def _alike(said: str, right: str) -> bool:
    """One letter off, the same letters in another order, or nearly so in a long word."""
    if slipped(said, right):
        return True
    return len(right) > 6 and difflib.SequenceMatcher(None, said, right).ratio() > 0.85
