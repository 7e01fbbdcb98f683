"""Pieces to commands: which clause belongs to whom, and what stands under a head."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from one.compiler.diagnosis import (
    Applies,
    Diagnostic,
    Edit,
    Findings,
    Fix,
    Severity,
    listed,
)
from one.compiler.grammar import (
    BROKEN,
    CARRYING,
    FLOATING,
    Body,
    Clause,
    Command,
    is_upper,
)
from one.compiler.meant import AGREED, ASKED_BY_ITSELF, MEANT, WITHOUT, rewritten
from one.compiler.pieces import Cutter, Piece
from one.compiler.reader import Is, Span, Word, join

MAX_DEPTH = 24
_BARE = frozenset({"THEN", "ELSE", "DO", "IF ANY FAIL", "IF IT FAILS", "IF ALL FAIL", "ALWAYS DO"})
"""Clauses that commands follow, and nothing else."""


def _undone(first: str) -> str:
    """`refund payment` among the undo steps is a CALL."""
    low = first.casefold()
    return f"CALL {low}" if low in {"refund", "burn", "void", "cancel", "unstake"} else ""


def _asks_for_a_yes(words: Sequence[Word]) -> bool:
    """`ask fan for permission`, `ask for a yes`."""
    asked = bool(words) and words[0].low in {"ask", "request", "require"}
    return asked and any(word.low in AGREED for word in words[1:])


@dataclass(slots=True)
class Assembler:
    """Pieces to commands. `open` are the heads whose bodies are being read, outermost first;
    `blanks` are the numbers of the lines that stand after a blank one.
    """

    pieces: list[Piece]
    cutter: Cutter
    findings: Findings
    blanks: Collection[int]
    at: int = 0
    open: list[tuple[Command, int]] = field(default_factory=list[tuple[Command, int]])
    bulleted: bool = False
    unknown_line: int = -9

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
            if piece.name == "":
                if not self._respell(piece):
                    found.append(self._unknown(piece))
                    continue
                piece = self.peek() or piece
            if piece.verb is None:
                if self._sequence(piece, begun=bool(found)):
                    continue
                if piece.name in FLOATING and self._wanted(piece.name):
                    break
                self._stray(piece)
                continue
            found.append(self.command())
        return found

    def _wanted(self, name: str) -> bool:
        return any(name in command.verb.clauses for command, _ in self.open)

    def _sequence(self, piece: Piece, *, begun: bool) -> bool:
        """THEN with nothing open before it, or behind a command, says what comes next."""
        if piece.name != "THEN" or (self._wanted("THEN") and (piece.starts or not begun)):
            return False
        if self._leads_on():
            self.at += 1
            return True
        return False

    def _respell(self, piece: Piece) -> bool:
        right = self.cutter.misspelt(piece)
        if right is None:
            return False
        self._put(right)
        return True

    def _put(self, right: Sequence[Piece]) -> None:
        """The pieces of a line in the place of those that begin with the one at hand."""
        end = self.at + 1
        while end < len(self.pieces) and not self.pieces[end].starts:
            end += 1
        self.pieces[self.at : end] = right

    def _unknown(self, piece: Piece) -> Command:
        """A line that begins with no command; the first of several in a row is told."""
        self.at += 1
        while (following := self.peek()) and not following.starts and following.verb:
            self.at += 1
        line = piece.line.words if piece.starts else piece.words
        whole = rewritten(piece.words) or rewritten(line)
        if whole or piece.line.number != self.unknown_line + 1:
            self._told_unknown(piece, line, whole)
        self.unknown_line = piece.line.number
        command = Command(BROKEN, piece.key, piece.words, piece.line)
        self._clauses(command, piece)
        return command

    def _told_unknown(self, piece: Piece, line: Sequence[Word], whole: Fix | None) -> None:
        first = piece.words[0].text if piece.words else ""
        said = f"“{first}” does not begin a command that I know."
        why = "A line begins with a command such as CHECK, CREATE or GET; a remark with #."
        span = piece.words[0].span if piece.words else piece.key
        meant = MEANT.get(first.casefold()) or _undone(first)
        fixes = [Fix(f"Write {meant}", (Edit(span, meant),), Applies.MAYBE)] if meant else []
        fixes = [whole] if whole else fixes
        if first.casefold() == "remind" and any(word.low == "before" for word in line):
            why = "Wait first: WAIT until 1 hour before the course starts. Then NOTIFY them."
        if first.casefold() in WITHOUT and not whole:
            fixes, meant, why = [], "", WITHOUT[first.casefold()]
        if first.casefold() in {"when", "every"}:
            fixes, meant = [], ""
            why = "What sets a feature off stands above its commands. Between them, IF asks."
        if _asks_for_a_yes(line):
            fixes, why, meant = [], ASKED_BY_ITSELF, ""
        elif not fixes and len(piece.words) > 3 and not meant and first.casefold() != "when":
            start = Span(piece.line.number, 1, 1)
            fixes = [Fix("Make it a remark", (Edit(start, "# "),), Applies.MAYBE)]
        said += f" Did you mean {meant}?" if meant and not whole else ""
        self.findings.say(Severity.ERROR, ("E202", span, said), fixes=fixes, why=why)

    def _no_command(self, piece: Piece) -> Command:
        """Words after THEN or ELSE that begin with no command."""
        first = piece.words[0]
        said = f"“{first.text}” does not begin a command that I know."
        fixes: list[Fix] = []
        if _asks_for_a_yes(piece.words):
            self.findings.say(Severity.ERROR, ("E202", first.span, said), why=ASKED_BY_ITSELF)
            self._skip_inline()
            return Command(BROKEN, piece.key, piece.words, piece.line)
        whole = rewritten(piece.words)
        if first.low in WITHOUT and not whole:
            self.findings.say(Severity.ERROR, ("E202", first.span, said), why=WITHOUT[first.low])
            self._skip_inline()
            return Command(BROKEN, piece.key, piece.words, piece.line)
        if meant := MEANT.get(first.low):
            fix = Fix(f"Write {meant}", (Edit(first.span, meant),), Applies.MAYBE)
            fixes = [whole or fix]
            said += f" Did you mean {meant}?"
        why = "After THEN and ELSE comes a command, such as GIVE, NOTIFY or SET."
        self.findings.say(Severity.ERROR, ("E202", first.span, said), fixes=fixes, why=why)
        self._skip_inline()
        return Command(BROKEN, piece.key, piece.words, piece.line)

    def _stray(self, piece: Piece) -> None:
        """A clause that the command before it does not take."""
        if self._is_loop(piece):
            return
        self.at += 1
        takers = self.cutter.grammar.takers(piece.name)
        why = f"{piece.name} belongs to {listed(takers[:8])}." if takers else ""
        if piece.name in {"ELSE", "ELSE IF"}:
            why = "With nothing indented, IF takes one command. Indent what belongs to it."
        code = "E106" if piece.name in CARRYING - {"OTHERWISE"} else "E105"
        said = f"{piece.asked or piece.name} doesn't go with the command before it."
        if code == "E106" or self.at == 1:
            said = (
                f"{piece.asked or piece.name} has no {listed(takers[:8]) or 'command'} before it."
            )
        fixes = self._indented(piece) if piece.name in {"ELSE", "ELSE IF"} else ()
        self.findings.add(Diagnostic(code, Severity.ERROR, piece.key, said, why, fixes))
        if piece.name in CARRYING:
            self._skip_inline()

    def _is_loop(self, piece: Piece) -> bool:
        """`FOR lesson IN my lessons`: told, and read as FOR EACH."""
        words = piece.line.words
        if piece.name != "FOR" or not piece.starts or all(word.low != "in" for word in words[2:]):
            return False
        said = "FOR belongs to another command. Did you mean FOR EACH?"
        why = "FOR EACH lesson IN my lessons does the same for each of them."
        fix = Fix("Write FOR EACH", (Edit(piece.key, "FOR EACH"),), Applies.SAFE)
        self.findings.say(Severity.ERROR, ("E201", piece.key, said), fixes=[fix], why=why)
        each = Word("EACH", "each", piece.key)
        self._put(self.cutter.cut(piece.line.with_words([words[0], each, *words[1:]])))
        return True

    def _indented(self, piece: Piece) -> tuple[Fix, ...]:
        """What stands flat between an IF and its ELSE, indented."""
        lines: set[int] = set()
        for before in reversed(self.pieces[: self.at - 1]):
            if before.level != piece.level:
                break
            if before.starts and before.verb and piece.name in before.verb.clauses:
                edits = tuple(Edit(Span(n, 1, 1), "  ") for n in sorted(lines))
                said = f"Indent what is between {before.name} and {piece.name}"
                return (Fix(said, edits, Applies.MAYBE),) if edits else ()
            lines.add(before.line.number)
        return ()

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
        if verb.body is not Body.NONE:
            self._inline(command)
            command.body = self._body(piece, verb.body, verb.closers)
        self._clauses(command, piece)
        self.open.pop()
        return command

    def _inline(self, command: Command) -> None:
        """Clauses of a head on its own line, before its body."""
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
                if self._item(command, piece, last, following=following):
                    continue
                if self._respell(following) or self._skipped(command, following):
                    continue
                return
            if command.verb.body is Body.RUN and self._between_tries(command, following):
                command.body = [*command.body, self.command()]
                continue
            name = self._clause_name(command, following)
            if following.asked == "SAVE" and self._is_half_saved(command, piece.level, following):
                name = "SAVE AS"
            if not name:
                return
            outside = name in FLOATING or name == "OTHERWISE"
            if outside and self._belongs_outside(command, piece.level, following):
                return
            if name == "ELSE" and any(one.name == "ELSE" for one in command.clauses):
                said = f"This {command.verb.name} has its {following.asked or name} already."
                self._say("E106", following.key, said)
            self.at += 1
            last = Clause(
                name, following.key, following.words, following.line, colon=following.colon
            )
            command.clauses.append(last)
            if name in CARRYING:
                self._fill_clause(command, last, following)

    def _is_half_saved(self, command: Command, level: int, piece: Piece) -> bool:
        """`SAVE total` deeper than a command that takes SAVE AS: told, and read as that."""
        takes = "SAVE AS" in command.verb.clauses and command.verb.body is Body.NONE
        again = any(one.name == "SAVE AS" for one in command.clauses)
        named = len(piece.words) == 1 and piece.words[0].kind is Is.WORD
        if not (takes and named and piece.starts) or again:
            return False
        if piece.level <= level or not self.cutter.shouting:
            return False
        said = "SAVE keeps a thing. Did you mean SAVE AS, which gives the result a name?"
        fix = Fix("Write SAVE AS", (Edit(piece.key, "SAVE AS"),), Applies.SAFE)
        self.findings.say(Severity.ERROR, ("E203", piece.key, said), fixes=[fix])
        return True

    def _between_tries(self, command: Command, piece: Piece) -> bool:
        """WAIT … BETWEEN TRIES beside its TRY, not in it."""
        takes = "BETWEEN TRIES" in command.verb.clauses
        after = self.peek(1) if takes and piece.verb is not None else None
        return after is not None and after.name == "BETWEEN TRIES" and not after.starts

    def _skipped(self, command: Command, piece: Piece) -> bool:
        """A line deeper than its command that is no clause: told, and left out."""
        after = self.peek(1)
        inside = piece.level > command.line.level and command.verb.body is Body.NONE
        if command.verb is BROKEN or not inside or after is None or not after.is_clause:
            return False
        first = piece.line.words[0]
        said = f"“{first.text}” does not begin a clause that I know."
        self.findings.say(Severity.ERROR, ("E202", first.span, said))
        self.at += 1
        self._skip_inline()
        return True

    def _clause_name(self, command: Command, piece: Piece) -> str:
        """The clause that the piece is for this command, or nothing."""
        name = piece.also_clause if piece.verb else _as_else(command, piece.name)
        if not name and not piece.is_clause:
            return ""
        if command.verb is BROKEN and name == "IF" and piece.starts:
            return ""  # a command of its own, under a line that is none
        if name in {"ELSE", "ELSE IF"} and command.verb.body is Body.NONE and not command.body:
            return ""
        if name == "AND STOP HERE":
            return name
        if (
            name == "IF IT FAILS"
            and command.verb.body is Body.NONE
            and name in command.verb.clauses
        ):
            tries = any(name in outer.verb.clauses for outer, _ in self.open[:-1])
            return "" if tries and piece.level <= command.line.level else "OTHERWISE"
        if not name or name not in command.verb.clauses:
            if piece.is_clause and piece.starts and piece.line.words:
                return self._own_word(command, piece)
            return ""
        if piece.verb and piece.starts and piece.line.indent <= command.line.indent:
            if name == "CALCULATE":
                return "" if command.clause(name) else name
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
            _as_else(outer, piece.name) in outer.verb.clauses and outer_level >= piece.level
            for outer, outer_level in self.open[:-1]
            if outer is not command
        )

    def _fill_clause(self, command: Command, clause: Clause, piece: Piece) -> None:
        if clause.name == "OTHERWISE" and piece.words:
            return
        if piece.words and clause.name in {"THEN", "ELSE"}:
            broken = [self._no_command(piece)]
            if clause.name == "THEN" and not command.body:
                command.body = broken
                command.clauses.remove(clause)
            clause.body = broken
            return
        if piece.words and piece.words[0].low == "say" and clause.name == "IF IT FAILS":
            word, *rest = piece.words  # under TRY it is a command, else what the run ends with
            show = self.cutter.grammar.verbs["SHOW"]
            said = Piece("SHOW", rest, piece.line, word.span, show, "SAY", starts=False)
            self.pieces.insert(self.at, said)
            piece, clause.words = replace(piece, words=[]), []
        if piece.words and clause.name in _BARE:
            said = f"I don't understand “{join(piece.words)}” here."
            self._say("E205", piece.words[0].span.to(piece.words[-1].span), said)
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
        elif clause.name == "THEN":  # `IF … THEN GIVE …, THEN SEND …`: what comes after the first
            command.clauses.remove(clause)
            held = next((one for one in reversed(command.clauses) if one.body), command)
            held.body = [*held.body, *body]
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
        colon = piece.colon if last is None else last.colon
        if following.level <= above or not (empty or colon or following.line.bullet):
            return False
        if last is not None and last.name in CARRYING:
            return False
        if last is None and (command.verb.body is not Body.NONE or command.body):
            return False
        first = following.words[0] if following.words else following.line.words[0]
        if (
            is_upper([first])
            and len(first.text) > 2
            and self.cutter.shouting
            and len(following.words) > 1
        ):
            return False
        items = last.items if last else command.items
        self.at += 1
        if all(word.kind is Is.MARK for word in following.words):
            self._say("E204", following.key, "There is nothing on this line but a mark.")
            return True
        items.append(following.words)
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
            return self._with_deeper(self._of_line(), head) if following.verb else []
        if following.name == "" and following.level > head.level:
            self._respell(following)
            following = self.peek() or following
        if following.is_clause:
            return []
        if following.level > head.level:
            return self.run(lambda _: False, floor=head.level)
        return self._flat(head, mode, closers, last=last)

    def _with_deeper(self, found: list[Command], head: Piece) -> list[Command]:
        """What begins on the head's line goes on with what is indented below it."""
        below = self.peek()
        deeper = below is not None and below.starts and below.verb and below.level > head.level
        return [*found, *self.run(lambda _: False, floor=head.level)] if deeper else found

    def _of_line(self) -> list[Command]:
        """The command at hand with those after it on its line: `THEN GIVE …, then SEND …`."""
        found = [self.command()]
        while (following := self.peek()) and not following.starts:
            if following.name == "THEN" and self._leads_on():
                self.at += 1
            elif following.verb is None:
                break
            found.append(self.command())
        return found

    def _leads_on(self) -> bool:
        """Whether a command follows the piece on its line."""
        following = self.peek(1)
        return following is not None and not following.starts and following.verb is not None

    def _flat(
        self, head: Piece, mode: Body, closers: Sequence[str], *, last: bool
    ) -> list[Command]:
        floor = max((level for _, level in self.open[:-1]), default=-1)
        floor = floor if floor < head.level else head.level - 1
        following = self.peek()
        outside = following is not None and following.line.indent < head.line.indent
        if following is None or outside or following.level <= floor:
            return []
        if following.name == "" and mode is Body.ONE and self._respell(following):
            following = self.peek() or following
        start = self.at
        if mode is Body.STEP:
            names = {head.name}
            return self.run(lambda piece: piece.name in names, floor=floor)
        if mode is Body.RUN and not last and self._closes_ahead(closers):
            return self.run(lambda piece: piece.name in closers, floor=floor)
        if self.bulleted and _mark(head) and _mark(following) != _mark(head):
            return self.run(lambda piece: _mark(piece) == _mark(head), floor=floor)
        if mode is Body.RUN or (self.bulleted and head.line.bullet):
            return self.run(
                lambda piece: piece.line.number in self.blanks and self.at > start, floor=floor
            )
        if following.name == "":
            return [self._unknown(following)]
        return [] if following.is_clause else [self.command()]

    def _closes_ahead(self, closers: Sequence[str]) -> bool:
        return any(piece.name in closers for piece in self.pieces[self.at :])

    def _say(self, code: str, span: Span, message: str) -> None:
        self.findings.add(Diagnostic(code, Severity.ERROR, span, message))


def _mark(piece: Piece) -> str:
    """The sort of a line's bullet: `a.` and `-` stand below `1.`."""
    bullet = piece.line.bullet.strip("().")
    return "1" if bullet.isdigit() else "a" if bullet.isalpha() else bullet


def _as_else(command: Command, name: str) -> str:
    """OTHERWISE under an IF is its ELSE."""
    takes = command.verb.clauses
    return "ELSE" if name == "OTHERWISE" and "ELSE" in takes and name not in takes else name
