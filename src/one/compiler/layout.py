"""Lines to outlines: features with their slots, triggers and trees of commands.

A clause belongs to the command before it. A block is what is indented or bulleted under its
head; flat text gives a head its next command, or everything up to its closing head.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from one.compiler.amounts import as_written_here
from one.compiler.assembly import Assembler
from one.compiler.braces import without_braces
from one.compiler.diagnosis import (
    Applies,
    Diagnostic,
    Edit,
    Findings,
    Fix,
    Severity,
    within_one,
)
from one.compiler.elsewhere import is_foreign, without_tables
from one.compiler.grammar import (
    Command,
    Grammar,
    is_upper,
    lead_of,
    split_words,
    strip_colon,
)
from one.compiler.meant import ABROAD, is_meant
from one.compiler.often import as_every
from one.compiler.pairs import in_pairs
from one.compiler.pasted import without_code
from one.compiler.pieces import Cutter, Piece
from one.compiler.reader import MAX_LINE, MAX_TEXT, Is, Line, Span, Stuff, Word, read

_OPEN_NAME = re.compile(r"\[\w[^\[\]]*$|\{\w[^{}]*$")


_DASHES = frozenset({"-", "–", "—"})
_KINDS = frozenset(
    {"how", "which", "who", "what", "whether", "when", "where", "text", "number", "date", "list"}
)
"""What a gloss begins with."""


@dataclass(slots=True)
class SlotLine:
    """`name: gloss` of INPUT or OUTPUT."""

    words: list[Word]
    line: Line

    @property
    def span(self) -> Span:
        return self.words[0].span.to(self.words[-1].span)


@dataclass(slots=True)
class Head:
    """WHEN or EVERY with its words."""

    name: str
    key: Span
    words: list[Word]
    loud: bool = False

    @property
    def span(self) -> Span:
        return self.key.to(self.words[-1].span) if self.words else self.key


@dataclass(slots=True)
class Outline:
    """One feature as it stands in the text."""

    title: str
    span: Span
    title_span: Span
    triggers: list[Head] = field(default_factory=list[Head])
    inputs: list[SlotLine] = field(default_factory=list[SlotLine])
    outputs: list[SlotLine] = field(default_factory=list[SlotLine])
    commands: list[Command] = field(default_factory=list[Command])
    has_inputs: bool = False
    has_outputs: bool = False
    shouting: bool = True
    last_line: int = 0
    ends: Span | None = None


def lay_out(lines: Sequence[Line], grammar: Grammar, *, findings: Findings) -> list[Outline]:
    """The features of a file, in order."""
    lines = without_code(headings(lines, grammar, findings=findings), grammar, findings=findings)
    within = _check_lines(lines, findings)
    lines = [line for line in lines if line.number not in within]
    lines = without_tables(without_braces(lines, findings), grammar, findings=findings)
    spoken = [line for line in lines if line.kind is Stuff.WORDS and line.words]
    spoken = [in_pairs(as_written_here(line, findings), findings) for line in spoken]
    spoken = _unwrapped(spoken, grammar)
    outlines: list[Outline] = []
    blanks = _after_blank(lines)
    for title, group in _features(spoken, grammar, findings):
        outline = _begin(title, group)
        outlines.append(outline)
        if not is_foreign(group, grammar, findings=findings):
            _Feature(grammar, findings, outline, blanks).fill(group)
    return outlines


def _unwrapped(lines: Sequence[Line], grammar: Grammar) -> list[Line]:
    """Lines that were broken at an `and`, an `or` or a comma, whole again."""
    found: list[Line] = []
    for line in lines:
        alone = line.bullet or lead_of(line, grammar).known
        if found and not alone and _goes_on(found[-1], line, grammar):
            found[-1] = found[-1].with_words([*found[-1].words, *line.words])
        else:
            found.append(line)
    return found


def _goes_on(before: Line, line: Line, grammar: Grammar) -> bool:
    first, last = line.words[0], before.words[-1]
    if first.kind is not Is.WORD:
        return False
    open_ = last.low in {"and", "or", ","} and last.kind in {Is.WORD, Is.MARK}
    more = first.low in {"and", "or"} and not grammar.verb_phrases.match(line.words, 1)
    slot = any(word.text == ":" for word in line.words[1:])
    return (open_ or (more and len(line.words) > 1)) and not slot and head_or_verb(before, grammar)


def headings(lines: Sequence[Line], grammar: Grammar, *, findings: Findings) -> Sequence[Line]:
    """`# FEATURE: …` where no other line names a feature: told once, and read as meant. It is a
    fault where all of it is a remark.
    """
    written = {line.number: _unmarked(line) for line in lines if line.kind is Stuff.COMMENT}
    heads = {
        number: line
        for number, line in written.items()
        if line.words and _is_heading(line, grammar)
    }
    titles = [number for number, line in heads.items() if line.words[0].low == "feature"]
    named = any(line.words and line.words[0].low == "feature" for line in lines)
    if not titles or named:
        return lines
    marks = {number: Span(number, 1, heads[number].words[0].span.start) for number in heads}
    fix = Fix("Take the # away", tuple(Edit(at, "") for at in marks.values()), Applies.MAYBE)
    at = heads[titles[0]].span
    if any(line.words and lead_of(line, grammar).verb for line in lines):
        said = "A line that begins with # is a remark. As nothing else names a feature, this does."
        findings.say(Severity.WARNING, ("E101", at, said), fixes=[fix])
    else:
        said = "A line that begins with # is a remark, so this names no feature."
        _say(findings, "E101", (at, said), fix)
    return [heads.get(line.number, line) for line in lines]


def _is_heading(line: Line, grammar: Grammar) -> bool:
    """Whether it is a head; `### When` alone is the title of what follows."""
    head = lead_of(line, grammar).head
    return head is not None and (head[0] not in {"WHEN", "EVERY"} or len(line.words) > head[1])


def _unmarked(line: Line) -> Line:
    """The line without the marks of a heading, every word in its place."""
    bare = line.raw.lstrip().lstrip("#")
    blank = " " * (len(line.raw) - len(bare))
    return replace(read(blank + bare)[0], raw=line.raw, indent=0).moved(line.number)


def _check_lines(lines: Sequence[Line], findings: Findings) -> set[int]:
    """Tells what no line may hold; the lines that stand inside a quote of the line above."""
    within: set[int] = set()
    above, opened, size = "", 0, 0
    for line in lines:
        length = len(line.raw)
        size += length + 1
        if length > MAX_LINE:
            span = Span(line.number, MAX_LINE, MAX_LINE + 1)
            _say(findings, "E108", (span, f"This line is longer than {MAX_LINE:,} characters."))
        if line.kind is Stuff.WORDS:
            lead = line.raw[:1]
            lead = lead if lead in {" ", "\t"} else ""
            if line.mixed or (above != lead and above and lead):
                span = Span(line.number, 1, line.span.start)
                said = "Tabs and spaces are mixed here; I count a tab as four columns."
                findings.add(Diagnostic("E109", Severity.WARNING, span, said))
            above = lead
        elif line.kind is Stuff.UNWRITTEN:
            _say(findings, "E104", (line.span, "This part is not written yet."))
        if not line.halves:
            continue
        exact = line.words[0].low == "exactly"
        broken = any(word.broken for word in line.halves)
        told = broken and line.number == opened + 1 and not exact
        opened = line.number if broken and not told else 0
        if told:
            within.add(line.number)
        for word in () if exact or told else line.halves:
            _check_word(word, line, findings)
    if size > MAX_TEXT:
        _say(findings, "E108", (lines[-1].span, f"Longer than {MAX_TEXT:,} characters."))
    return within


def _check_word(word: Word, line: Line, findings: Findings) -> None:
    if word.broken:
        end = Span(word.span.line, word.span.end, word.span.end)
        fix = Fix('Close the text with "', (Edit(end, '"'),), Applies.MAYBE)
        _say(findings, "E102", (word.span, "This text has no closing quote on its line."), fix)
    elif word.kind is Is.TEXT and (found := _OPEN_NAME.search(word.text)):
        start = line.raw.find(found.group(), word.span.start - 1) + 1 or word.span.start
        span = Span(line.number, start, start + len(found.group()))
        mark, other = found.group()[0], "]" if found.group()[0] == "[" else "}"
        _say(findings, "E103", (span, f"This {mark} has no closing {other} on its line."))
    elif word.kind is Is.MARK and word.text in {"'", "‘"} and not word.glued:
        end = len(line.raw.rstrip()) + 1
        place = Span(word.span.line, word.span.start, end)
        mark = "'" if word.text == "'" else "’"
        fix = Fix(f"Close the text with {mark}", (Edit(Span(place.line, end, end), mark),))
        _say(findings, "E102", (place, "This text has no closing quote on its line."), fix)
    elif word.kind is Is.MARK and word.low in {"'s", "’s"}:
        _say(findings, "E204", (word.span, f"Whose? Nothing stands before this {word.text}."))
    elif word.text == "[":
        span = Span(line.number, word.span.start, len(line.raw) + 1)
        _say(findings, "E103", (span, "This [ has no closing ] on its line."))


def _say(findings: Findings, code: str, said: tuple[Span, str], *fixes: Fix) -> None:
    findings.say(Severity.ERROR, (code, *said), fixes=fixes)


def _after_blank(lines: Sequence[Line]) -> set[int]:
    """Numbers of the lines that stand after a blank line or a section."""
    found: set[int] = set()
    blank = False
    for line in lines:
        if line.kind in {Stuff.BLANK, Stuff.SECTION}:
            blank = True
        elif line.kind is Stuff.WORDS:
            if blank:
                found.add(line.number)
            blank = False
    return found


def _features(
    spoken: Sequence[Line], grammar: Grammar, findings: Findings
) -> list[tuple[Line | None, list[Line]]]:
    groups: list[tuple[Line | None, list[Line]]] = []
    abroad = bool(spoken) and ABROAD.get(spoken[0].words[0].low) == "FEATURE"
    if abroad and is_foreign(spoken, grammar, findings=findings):
        return [(spoken[0], [])]
    for written in spoken:
        line = _mended_head(written, grammar, findings)
        head = lead_of(line, grammar).head
        if head and head[0] == "FEATURE":
            groups.append((line, []))
        elif groups:
            groups[-1][1].append(line)
        else:
            groups.append((None, [line]))
    if len(groups) > 1 and groups[0][0] is None and _is_letter(groups[0][1], grammar):
        last = groups.pop(0)[1][-1]
        fix = Fix("Make them remarks", tuple(_remarks(spoken, last)), Applies.MAYBE)
        said = "What stands before the first FEATURE is part of none."
        _say(findings, "E101", (spoken[0].span, said), fix)
    if groups and groups[0][0] is None and not _only_definitions(groups[0][1], grammar):
        line = groups[0][1][0]
        if not head_or_verb(line, grammar):
            groups[0] = (line, groups[0][1][1:])
        where = Span(line.number, 1, 1)
        fix = Fix("Give it a name", (Edit(where, "FEATURE: <name>\n"),), Applies.PLACEHOLDER)
        said = "This has no name. A feature begins with FEATURE: and its name."
        _say(findings, "E101", (line.span, said), fix)
    return groups


def _is_letter(lines: Sequence[Line], grammar: Grammar) -> bool:
    """Whether no line of these begins with a word of the language: a pasted letter."""
    return not any(head_or_verb(line, grammar) for line in lines)


def _remarks(lines: Sequence[Line], last: Line) -> Iterator[Edit]:
    for line in lines:
        if line.number <= last.number:
            yield Edit(Span(line.number, 1, 1), "# ")


def _mended_head(line: Line, grammar: Grammar, findings: Findings) -> Line:
    """`FEATUE:`, `INPT:`, `WEN a fan …`: the head that was meant, told."""
    if len(line.words) > 1 and line.words[0].text == ":" and not line.bullet:
        rest = line.with_words(line.words[1:])
        line = rest if lead_of(rest, grammar).head else line
    line = as_every(line)
    if line.bullet or lead_of(line, grammar).known or line.words[0].kind is not Is.WORD:
        return line
    first = line.words[0]
    colon = len(line.words) > 1 and line.words[1].text == ":"
    for name in ("FEATURE", "INPUT", "OUTPUT", "FLOW", "WHEN", "EVERY"):
        section = name not in {"WHEN", "EVERY"}
        alone = colon or len(line.words) == 1 or not section
        if alone and within_one(first.low, name.lower()) and (section or is_upper([first])):
            said = f"“{first.text}” is not a word I know here. Did you mean {name}?"
            fix = Fix(f"Write {name}", (Edit(first.span, name),), Applies.SAFE)
            _say(findings, "E201", (first.span, said), fix)
            right = replace(first, text=name, low=name.lower())
            return line.with_words([right, *line.words[1:]])
    return line


def head_or_verb(line: Line, grammar: Grammar) -> bool:
    """Whether the line begins with a word that the language knows."""
    return lead_of(line, grammar).known


def _only_definitions(lines: Sequence[Line], grammar: Grammar) -> bool:
    return all(
        (found := lead_of(line, grammar).verb) is not None and found[0] == "DEFINE"
        for line in lines
    )


def _begin(line: Line | None, group: list[Line]) -> Outline:
    if line is None:
        span = group[0].span
        return Outline("", span, span)
    known = line.words[0].low == "feature"
    words = line.words[1:] if known else line.words
    if len(words) > 1 and words[0].low == "name" and words[1].text == ":":
        words = words[1:]
    while words and words[0].kind is Is.MARK and words[0].text in {":", "-", "–", "—"}:
        words = words[1:]
    if not words:
        return Outline("", line.span, line.span)
    span = words[0].span.to(words[-1].span)
    title = line.raw[span.start - 1 : span.end - 1].replace("**", "").strip().strip('"“”`')
    return Outline(title, line.span, span)


def _defines(pieces: Sequence[Piece]) -> bool:
    """Whether nothing was said yet but DEFINE, whose place is free."""
    last = next((piece for piece in reversed(pieces) if piece.verb), None)
    return last.verb is not None and last.verb.name == "DEFINE" if last else not pieces


def _several(words: list[Word]) -> list[list[Word]]:
    """`fan, course (optional)`, `fan: who, course: which`: each by itself, where no gloss or choice
    goes on behind the comma. `low, high: number` is said of both, `fan, course: which` of one.
    """
    runs = split_words(words, ",", ";")
    if len(runs) < 2:
        return [words]
    if all(any(word.text == ":" for word in run[1:5]) for run in runs):
        return runs
    at = next((n for n, word in enumerate(words) if word.text in {":", "-", "="}), len(words))
    names = split_words(words[:at], ",", ";", "and")
    several = len(names) > 1 and all(_length(name) <= _NAME for name in names)
    if not several:
        return [words]
    gloss = words[at:]
    of_one = len(gloss) > 1 and gloss[1].low in _OF_ONE
    said = [[], gloss] if of_one else [gloss, gloss]
    return [[*name, *said[name is names[-1]]] for name in names]


def _length(name: Sequence[Word]) -> int:
    """How many words it has before a bracket."""
    return next((n for n, word in enumerate(name) if word.text == "("), len(name))


_OF_ONE = frozenset({"who", "what", "which", "whose", "the", "a", "an"})
_NAME = 4
"""Words of the longest name of an input."""


def said_after(line: Line, grammar: Grammar, *, head: tuple[str, int]) -> tuple[Line, Line | None]:
    """`WHEN a fan follows me, send them "hi"`: what sets it off, and the command after it."""
    words = line.words if head[0] in {"WHEN", "EVERY"} else []
    for n, word in enumerate(words):
        if n <= head[1] or not (word.text in {",", ":"} or word.low == "then"):
            continue
        at = n + 1
        while at < len(words) and words[at].low in {"then", "and", "please", "just"}:
            at += 1
        if grammar.verb_phrases.match(words, at):
            return line.with_words(words[:n]), line.with_words(words[at:])
    return line, None


@dataclass(slots=True)
class _Feature:
    """Reads one feature's lines."""

    grammar: Grammar
    findings: Findings
    outline: Outline
    blanks: set[int]

    def fill(self, lines: list[Line]) -> None:
        outline = self.outline
        outline.shouting = self._shouting(lines)
        cutter = Cutter(self.grammar, self.findings, shouting=outline.shouting)
        if lines:
            outline.last_line, outline.ends = lines[-1].number, lines[-1].span
        pieces: list[Piece] = []
        section, level, started = "", 0, False
        for written in lines:
            line, said = written, None
            head = self._head(line, started=started)
            if head and section in {"INPUT", "OUTPUT"} and self._is_named_slot(line, level):
                head = None
            if head:
                line, said = said_after(written, self.grammar, head=head[:2])
                section, level = self._take_head(head, line), line.level
                if said:
                    section = "FLOW"
                    pieces.extend(cutter.cut(said))
                if section == "FLOW" and head[2]:
                    pieces.extend(cutter.cut(self._rest(line, head[2])))
                started = started or not _defines(pieces)
                continue
            if section in {"INPUT", "OUTPUT"}:
                line = self._with_colon(line, level)
            if section in {"INPUT", "OUTPUT"} and self._is_slot(line, level):
                slots = outline.inputs if section == "INPUT" else outline.outputs
                words = strip_colon(line.words)[0] or line.words
                slots.extend(SlotLine(run, line) for run in _several(words))
                continue
            section = "FLOW"
            pieces.extend(cutter.cut(line))
            started = started or not _defines(pieces)
        outline.commands = Assembler(pieces, cutter, self.findings, self.blanks).whole()

    def _with_colon(self, line: Line, level: int) -> Line:
        """`show - which podcast`: a dash, spaced on both sides, in the place of the colon."""
        words = line.words
        loud = is_upper(words[:1]) and self.grammar.verb_phrases.match(words)
        if loud or not (line.bullet or line.level > level):
            return line
        for n, word in enumerate(words[1:5], 1):
            if word.text == ":" or n + 1 == len(words):
                return line
            after = words[n + 1]
            apart = word.kind is Is.MARK and not word.glued and not after.glued
            dash = word.text in _DASHES or (word.text == "=" and after.low in _KINDS)
            if apart and dash:
                colon = replace(word, text=":", low=":", glued=True)
                return line.with_words([*words[:n], colon, *words[n + 1 :]])
        return line

    def _shouting(self, lines: list[Line]) -> bool:
        """Whether the keywords at the starts of lines are mostly in capitals."""
        loud = quiet = 0
        for line in lines:
            lead = lead_of(line, self.grammar)
            if lead.verb is not None:
                loud, quiet = loud + lead.loud, quiet + (not lead.loud)
        if not loud and not quiet:  # all of it in one sentence
            heads = [line for line in lines if line.words[0].low in {"when", "every"}]
            return all(is_upper(line.words[:1]) for line in heads)
        return loud >= quiet

    def _head(self, line: Line, *, started: bool) -> tuple[str, int, int] | None:
        """Name, words it takes, and 0 or the first word after it."""
        found = lead_of(line, self.grammar).head
        if found is None:
            return None
        name, count = found
        rest = line.words[count:]
        if name in {"WHEN", "EVERY"}:
            return (name, count, 0) if not started else None
        colon = bool(rest) and rest[0].text == ":"
        if rest and not colon:
            return None
        after = count + colon
        return name, after, after if len(line.words) > after else 0

    def _take_head(self, head: tuple[str, int, int], line: Line) -> str:
        name, count, after = head
        outline = self.outline
        if name in {"WHEN", "EVERY"}:
            words, _ = strip_colon(line.words[count:])
            while words and words[0].text == ":":
                words = words[1:]
            key = line.words[0].span.to(line.words[count - 1].span)
            loud = is_upper(line.words[:count])
            outline.triggers.append(Head(name, key, words, loud))
            return ""
        if name in {"INPUT", "OUTPUT"}:
            slots = outline.inputs if name == "INPUT" else outline.outputs
            outline.has_inputs = outline.has_inputs or name == "INPUT"
            outline.has_outputs = outline.has_outputs or name == "OUTPUT"
            if after:
                for run in split_words(line.words[after:], ",", "and", ";"):
                    slots.append(SlotLine(run, line))
        return name

    def _rest(self, line: Line, after: int) -> Line:
        words = line.words[after:]
        return Line(line.number, line.raw, line.kind, line.indent, line.bullet, words, line.comment)

    def _is_named_slot(self, line: Line, level: int) -> bool:
        """`- when: which day`, `- when`: a slot that goes by the word of a head."""
        found = lead_of(line, self.grammar).head
        if found is None or line.level <= level:
            return False
        rest = line.words[found[1] :]
        alone = not rest and found[0] in {"WHEN", "EVERY"}
        glossed = len(rest) > 1 and rest[0].text == ":"
        return alone or (glossed and not is_upper(line.words[:1]))

    def _is_slot(self, line: Line, level: int) -> bool:
        """`name: gloss`, or a bare name that is no command."""
        verb = lead_of(line, self.grammar).verb
        marks = [n for n, word in enumerate(line.words[:8]) if word.text == ":"]
        if line.bullet and line.words[0].text == ":":
            return True
        if not marks and len(line.words) > 3 and self._is_near_verb(line.words[0].low):
            return False
        if not verb and not marks and len(_several(line.words)) > 1:
            return True
        if line.bullet or line.level > level:
            if marks and not (verb and is_upper(line.words[: verb[1]])):
                return marks[0] >= 1
            return verb is None or (line.bullet != "" and len(line.words) <= verb[1])
        if verb and (not marks or is_upper(line.words[: verb[1]])):
            return False
        if marks and marks[0] == len(line.words) - 1 and is_meant(line.words[0].low):
            return False  # `REPEAT 3 TIMES:`
        clause = lead_of(line, self.grammar).clause
        return bool(marks) and marks[0] >= 1 and clause is None

    def _is_near_verb(self, first: str) -> bool:
        verbs = self.grammar.verb_phrases.firsts
        return len(first) > 3 and any(within_one(first, one) for one in verbs)
