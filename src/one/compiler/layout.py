"""Lines to outlines: features with their slots, triggers and trees of commands.

A clause belongs to the command before it. A block is what is indented or bulleted under its
head; flat text gives a head its next command, or everything up to its closing head.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from one.compiler.diagnosis import Applies, Diagnostic, Edit, Findings, Fix, Severity, listed
from one.compiler.grammar import (
    CARRYING,
    FLOATING,
    Body,
    Clause,
    Command,
    Grammar,
    is_upper,
    split_words,
    strip_colon,
)
from one.compiler.pieces import Cutter, Piece
from one.compiler.reader import MAX_LINE, MAX_TEXT, Is, Line, Span, Stuff, Word

MAX_DEPTH = 24
MAX_COMMANDS = 500


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
    _check_lines(lines, findings)
    spoken = [line for line in lines if line.kind is Stuff.WORDS and line.words]
    outlines: list[Outline] = []
    for title, group in _features(spoken, grammar, findings):
        outline = _begin(title, group)
        outlines.append(outline)
        blanks = _after_blank(lines)
        _Feature(grammar, findings, outline, blanks).fill(group)
    return outlines


def _check_lines(lines: Sequence[Line], findings: Findings) -> None:
    if sum(len(line.raw) + 1 for line in lines) > MAX_TEXT:
        _say(findings, "E108", (lines[-1].span, f"Longer than {MAX_TEXT:,} characters."))
    for line in lines:
        if line.kind is Stuff.UNWRITTEN:
            _say(findings, "E104", (line.span, "This part is not written yet."))
        if len(line.raw) > MAX_LINE:
            span = Span(line.number, MAX_LINE, MAX_LINE + 1)
            _say(findings, "E108", (span, f"This line is longer than {MAX_LINE:,} characters."))
        if line.mixed and line.kind is Stuff.WORDS:
            span = Span(line.number, 1, line.span.start)
            said = "Tabs and spaces are mixed here; I count a tab as four columns."
            findings.add(Diagnostic("E109", Severity.WARNING, span, said))
        for word in line.words:
            _check_word(word, line, findings)


def _check_word(word: Word, line: Line, findings: Findings) -> None:
    if word.broken:
        end = Span(word.span.line, word.span.end, word.span.end)
        fix = Fix('Close the text with "', (Edit(end, '"'),), Applies.MAYBE)
        _say(findings, "E102", (word.span, "This text has no closing quote on its line."), fix)
    elif word.kind is Is.MARK and word.text == "[":
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
    for line in spoken:
        head = grammar.head_phrases.match(line.words)
        if head and head[0] == "FEATURE":
            groups.append((line, []))
        elif groups:
            groups[-1][1].append(line)
        else:
            groups.append((None, [line]))
    if groups and groups[0][0] is None and not _only_definitions(groups[0][1], grammar):
        line = groups[0][1][0]
        where = Span(line.number, 1, 1)
        fix = Fix("Give it a name", (Edit(where, "FEATURE: <name>\n"),), Applies.PLACEHOLDER)
        said = "This has no name. A feature begins with FEATURE: and its name."
        _say(findings, "E101", (line.span, said), fix)
    return groups


def _only_definitions(lines: Sequence[Line], grammar: Grammar) -> bool:
    return all(
        (found := grammar.verb_phrases.match(line.words)) is not None and found[0] == "DEFINE"
        for line in lines
    )


def _begin(line: Line | None, group: list[Line]) -> Outline:
    if line is None:
        span = group[0].span
        return Outline("", span, span)
    words = line.words[1:]
    if len(words) > 1 and words[0].low == "name" and words[1].text == ":":
        words = words[1:]
    while words and words[0].kind is Is.MARK and words[0].text in {":", "-", "–", "—"}:
        words = words[1:]
    if not words:
        return Outline("", line.span, line.span)
    span = words[0].span.to(words[-1].span)
    title = line.raw[span.start - 1 : span.end - 1].replace("**", "").strip().strip('"“”`')
    return Outline(title, line.span, span)


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
        pieces: list[Piece] = []
        section, level = "", 0
        for line in lines:
            outline.last_line, outline.ends = line.number, line.span
            head = self._head(line, started=bool(pieces))
            if head:
                section, level = self._take_head(head, line), line.level
                if section == "FLOW" and head[2]:
                    pieces.extend(self._cut(cutter, self._rest(line, head[2])))
                continue
            if section in {"INPUT", "OUTPUT"} and self._is_slot(line, level):
                slots = outline.inputs if section == "INPUT" else outline.outputs
                slots.append(SlotLine(strip_colon(line.words)[0] or line.words, line))
                continue
            section = "FLOW"
            pieces.extend(self._cut(cutter, line))
        outline.commands = _Assembler(pieces, cutter, self.findings).whole()

    def _shouting(self, lines: list[Line]) -> bool:
        """Whether the keywords at the starts of lines are mostly in capitals."""
        loud = quiet = 0
        for line in lines:
            found = self.grammar.verb_phrases.match(line.words)
            if found:
                upper = is_upper(line.words[: found[1]])
                loud, quiet = loud + upper, quiet + (not upper)
        return loud >= quiet

    def _cut(self, cutter: Cutter, line: Line) -> list[Piece]:
        pieces = cutter.cut(line)
        pieces[0].after_blank = line.number in self.blanks
        return pieces

    def _head(self, line: Line, *, started: bool) -> tuple[str, int, int] | None:
        """Name, words it takes, and 0 or the first word after it."""
        found = self.grammar.head_phrases.match(line.words)
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
            outline.triggers.append(Head(name, key, words))
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

    def _is_slot(self, line: Line, level: int) -> bool:
        """`name: gloss`, or a bare name that is no command."""
        verb = self.grammar.verb_phrases.match(line.words)
        marks = [n for n, word in enumerate(line.words[:8]) if word.text == ":"]
        if line.bullet or line.level > level:
            if marks and not (verb and is_upper(line.words[: verb[1]])):
                return marks[0] >= 1
            return verb is None or (line.bullet != "" and len(line.words) <= verb[1])
        if verb and (not marks or is_upper(line.words[: verb[1]])):
            return False
        clause = self.grammar.clause_phrases.match(line.words)
        return bool(marks) and marks[0] >= 1 and clause is None


@dataclass(slots=True)
class _Assembler:
    """Pieces to commands. `open` are the heads whose bodies are being read, outermost first."""

    pieces: list[Piece]
    cutter: Cutter
    findings: Findings
    at: int = 0
    open: list[tuple[Command, int]] = field(default_factory=list[tuple[Command, int]])
    bulleted: bool = False

    def whole(self) -> list[Command]:
        starts = [piece for piece in self.pieces if piece.starts and piece.verb]
        self.bulleted = (
            len(starts) > 1
            and len({p.level for p in starts}) == 1
            and all(p.line.bullet for p in starts)
        )
        found: list[Command] = []
        while self.peek():
            found.extend(self.run(lambda _: False, floor=-1))
            if piece := self.peek():
                self._stray(piece)
        return found

    def peek(self, ahead: int = 0) -> Piece | None:
        at = self.at + ahead
        return self.pieces[at] if at < len(self.pieces) else None

    def run(self, stop: Callable[[Piece], bool], *, floor: int) -> list[Command]:
        """Commands until `stop`, a piece at or left of `floor`, or a clause not taken here."""
        found: list[Command] = []
        while piece := self.peek():
            if piece.starts and (piece.level <= floor or stop(piece)):
                break
            if piece.name == "" and not self._respell(piece):
                self._unknown(piece)
                continue
            piece = self.peek() or piece
            if piece.verb is None:
                if self._sequence(piece):
                    continue
                if piece.name in FLOATING and self._wanted(piece.name):
                    break
                self._stray(piece)
                continue
            found.append(self.command())
        return found

    def _wanted(self, name: str) -> bool:
        return any(name in command.verb.clauses for command, _ in self.open)

    def _sequence(self, piece: Piece) -> bool:
        """THEN with nothing open before it only says what comes next."""
        following = self.peek(1)
        if piece.name != "THEN" or self._wanted("THEN"):
            return False
        if following and not following.starts and following.verb:
            self.at += 1
            return True
        return False

    def _respell(self, piece: Piece) -> bool:
        right = self.cutter.misspelt(piece)
        if right is None:
            return False
        right.after_blank = piece.after_blank
        self.pieces[self.at] = right
        return True

    def _unknown(self, piece: Piece) -> None:
        self.at += 1
        while (following := self.peek()) and not following.starts:
            self.at += 1
        first = piece.words[0].text if piece.words else ""
        said = f"“{first}” does not begin a command that I know."
        why = "A line begins with a command such as CHECK, CREATE, CONNECT, GET, CALL or GIVE."
        span = piece.words[0].span if piece.words else piece.key
        self.findings.add(Diagnostic("E202", Severity.ERROR, span, said, why))

    def _stray(self, piece: Piece) -> None:
        """A clause that the command before it does not take."""
        self.at += 1
        takers = self.cutter.grammar.takers(piece.name)
        why = f"{piece.name} belongs to {listed(takers[:8])}." if takers else ""
        if piece.name in {"ELSE", "ELSE IF"}:
            why = "With nothing indented, IF takes one command. Indent what belongs to it."
        code = "E106" if piece.name in CARRYING - {"OTHERWISE"} else "E105"
        said = f"{piece.asked or piece.name} has no command before it that takes it."
        self.findings.add(Diagnostic(code, Severity.ERROR, piece.key, said, why))
        if piece.name in CARRYING:
            self._skip_inline()

    def _skip_inline(self) -> None:
        while (following := self.peek()) and not following.starts:
            self.at += 1

    def command(self) -> Command:
        """The command at hand with its clauses and its body."""
        piece = self.pieces[self.at]
        self.at += 1
        verb = piece.verb
        if verb is None:  # callers look first
            raise AssertionError(piece.name)
        command = Command(verb, piece.key, piece.words, piece.line, asked=piece.asked)
        command.inline = not piece.starts
        if len(self.open) >= MAX_DEPTH:
            self._say("E113", piece.key, f"Blocks lie more than {MAX_DEPTH} deep here.")
            return command
        self.open.append((command, piece.level))
        self._inline(command)
        if verb.body is not Body.NONE:
            command.body = self._body(piece, verb.body, verb.closers)
        self._clauses(command, piece)
        self.open.pop()
        return command

    def _inline(self, command: Command) -> None:
        """Clauses of a head on its own line, before its body."""
        if command.verb.body is Body.NONE:
            return
        while (following := self.peek()) and not following.starts and following.is_clause:
            if following.name in CARRYING or following.name not in command.verb.clauses:
                return
            self.at += 1
            command.clauses.append(
                Clause(following.name, following.key, following.words, following.line)
            )

    def _clauses(self, command: Command, piece: Piece) -> None:
        last: Clause | None = None
        while following := self.peek():
            if following.name == "" and following.starts:
                if not self._item(command, piece, last, following=following):
                    return
                continue
            name = self._clause_name(command, following)
            if not name:
                return
            if name in FLOATING and self._belongs_outside(command, piece.level, following):
                return
            self.at += 1
            last = Clause(name, following.key, following.words, following.line)
            command.clauses.append(last)
            if name in CARRYING:
                self._fill_clause(command, last, following)

    def _clause_name(self, command: Command, piece: Piece) -> str:
        """The clause that the piece is for this command, or nothing."""
        name = piece.also_clause if piece.verb else piece.name
        if name in {"ELSE", "ELSE IF"} and command.verb.body is Body.NONE and not command.body:
            return ""
        if not name or name not in command.verb.clauses:
            if piece.is_clause and piece.starts and piece.line.words:
                return self._own_word(command, piece)
            return ""
        if piece.verb and piece.starts and piece.line.indent <= command.line.indent:
            return name if name in {"RECORD", "REWARD"} else self._if_bare(command, name)
        return name

    def _if_bare(self, command: Command, name: str) -> str:
        """ADD, SUBTRACT, SET after an UPDATE that says nothing yet are its clauses."""
        changed = {"ADD", "SUBTRACT", "SET", "WITH"}
        words = {word.low for word in command.words}
        bare = "to" not in words and not any(one.name in changed for one in command.clauses)
        return name if bare else ""

    def _own_word(self, command: Command, piece: Piece) -> str:
        """`TO x` or `AS y` on a line of its own: words of the command itself."""
        first = piece.line.words[0]
        if first.low in command.verb.pattern and piece.name not in command.verb.clauses:
            command.words = [*command.words, first, *piece.words]
            self.at += 1
            return self._clause_name(command, following) if (following := self.peek()) else ""
        return ""

    def _belongs_outside(self, command: Command, level: int, piece: Piece) -> bool:
        """ELSE at the depth of an outer IF closes the inner ones."""
        if not piece.starts or piece.level >= level:
            return False
        return any(
            piece.name in outer.verb.clauses and outer_level >= piece.level
            for outer, outer_level in self.open[:-1]
            if outer is not command
        )

    def _fill_clause(self, command: Command, clause: Clause, piece: Piece) -> None:
        if clause.name == "OTHERWISE" and piece.words:
            return
        closers = command.verb.closers
        mode = Body.RUN if clause.name in closers else Body.ONE
        rest = closers[closers.index(clause.name) + 1 :] if clause.name in closers else ()
        if clause.name == "OTHERWISE" and self._said(clause, piece):
            return
        body = self._body(piece, mode, rest, last=clause.name in closers)
        waiting = [one for one in command.clauses if one.name == "ELSE IF" and not one.body]
        if clause.name == "THEN" and waiting:
            waiting[-1].body = body
            command.clauses.remove(clause)
        elif clause.name in {"THEN", "DO"} and not command.body:
            command.body = body
            command.clauses.remove(clause)
        else:
            clause.body = body

    def _said(self, clause: Clause, piece: Piece) -> bool:
        """OTHERWISE with its words on the next line."""
        following = self.peek()
        if following and following.name == "" and following.starts:
            clause.words = following.words
            self.at += 1
            return True
        return bool(piece.words)

    def _item(
        self, command: Command, piece: Piece, last: Clause | None, *, following: Piece
    ) -> bool:
        """A line under the command that begins with no command: one of its listed items."""
        owner_line = last.line if last else piece.line
        above = owner_line.level
        empty = not (last.words if last else command.words)
        colon = piece.colon if last is None else True
        if following.level <= above or not (empty or colon or following.line.bullet):
            return False
        if last is not None and last.name in CARRYING:
            return False
        if last is None and (command.verb.body is not Body.NONE or command.body):
            return False
        first = following.words[0]
        if (
            is_upper([first])
            and len(first.text) > 2
            and self.cutter.shouting
            and len(following.words) > 1
        ):
            return False
        items = last.items if last else command.items
        items.append(following.words)
        self.at += 1
        while (more := self.peek()) and not more.starts:
            if more.name != "" and more.verb is None and more.name in command.verb.clauses:
                break
            items[-1] = [*items[-1], *more.line.words[len(items[-1]) :]]
            self.at += 1
        return True

    def _body(
        self, head: Piece, mode: Body, closers: Sequence[str], *, last: bool = False
    ) -> list[Command]:
        """What stands under a head."""
        following = self.peek()
        if following is None:
            return []
        if not following.starts:
            return [self.command()] if following.verb else []
        if following.name == "" and following.level > head.level:
            self._respell(following)
            following = self.peek() or following
        if following.is_clause and following.name not in {"THEN", "DO"}:
            return []
        if following.is_clause:
            return []
        if following.level > head.level:
            return self.run(lambda _: False, floor=head.level)
        return self._flat(head, mode, closers, last=last)

    def _flat(
        self, head: Piece, mode: Body, closers: Sequence[str], *, last: bool
    ) -> list[Command]:
        floor = max((level for _, level in self.open[:-1]), default=-1)
        floor = floor if floor < head.level else head.level - 1
        following = self.peek()
        if following is None or following.level <= floor:
            return []
        start = self.at
        if mode is Body.STEP:
            names = {head.name}
            return self.run(lambda piece: piece.name in names, floor=floor)
        if mode is Body.RUN and not last and self._closes_ahead(closers):
            return self.run(lambda piece: piece.name in closers, floor=floor)
        if mode is Body.RUN or (self.bulleted and head.line.bullet):
            return self.run(lambda piece: piece.after_blank and self.at > start, floor=floor)
        if following.name == "":
            return []
        return [self.command()]

    def _closes_ahead(self, closers: Sequence[str]) -> bool:
        return any(piece.name in closers for piece in self.pieces[self.at :])

    def _say(self, code: str, span: Span, message: str) -> None:
        self.findings.add(Diagnostic(code, Severity.ERROR, span, message))
