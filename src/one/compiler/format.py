"""The canonical layout of a text: keywords in capitals, two columns a level, comments kept.

Works on lines and their tree, never on the program, so that nothing written is lost. Formatting
twice is formatting once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from one.compiler.diagnosis import Findings
from one.compiler.grammar import CARRYING, FLOATING, Command, Grammar
from one.compiler.layout import Outline, SlotLine, headings, lay_out, said_after
from one.compiler.pieces import Cutter
from one.compiler.reader import Line, Span, Stuff, read

_EMPHASIS = re.compile(r"[*_`]+")


@dataclass(slots=True)
class _Sheet:
    """What is known of each line: its depth, whether it is a listed item, its keywords."""

    depths: dict[int, int] = field(default_factory=dict[int, int])
    items: set[int] = field(default_factory=set[int])
    heads: set[int] = field(default_factory=set[int])

    def put(self, line: int, depth: int, *, item: bool = False) -> None:
        if line not in self.depths:
            self.depths[line] = depth
            if item:
                self.items.add(line)


def format_text(text: str, grammar: Grammar) -> str:
    """The text in canonical layout; a text too broken to settle at once stays as it is."""
    neat = _laid_out(text, grammar)
    return neat if _laid_out(neat, grammar) == neat else text


def _laid_out(text: str, grammar: Grammar) -> str:
    lines = headings(read(text), grammar, findings=Findings())
    outlines = lay_out(lines, grammar, findings=Findings())
    sheet = _Sheet()
    for outline in outlines:
        _place_heads(lines, outline, sheet, grammar=grammar)
        _place(outline.commands, 0, sheet)
    shouting = {line.number: _owner(line, outlines).shouting for line in lines if outlines}
    said = [
        _written(line, sheet, Cutter(grammar, Findings(), shouting=shouting.get(line.number, True)))
        for line in lines
    ]
    return "\n".join(_spaced(_with_comments(lines, said, sheet))).strip("\n") + "\n"


def _owner(line: Line, outlines: Sequence[Outline]) -> Outline:
    before = [one for one in outlines if one.span.line <= line.number]
    return before[-1] if before else outlines[0]


def _place_heads(
    lines: Sequence[Line], outline: Outline, sheet: _Sheet, *, grammar: Grammar
) -> None:
    for slot in (*outline.inputs, *outline.outputs):
        _slot(slot, sheet)
    last = outline.last_line or outline.span.line
    for line in lines:
        if outline.span.line <= line.number <= last and grammar.head_phrases.match(line.words):
            sheet.put(line.number, 0)
            sheet.heads.add(line.number)


def _slot(slot: SlotLine, sheet: _Sheet) -> None:
    if slot.words[0].span.start == slot.line.words[0].span.start:
        sheet.put(slot.line.number, 1, item=True)


def _place(commands: Sequence[Command], depth: int, sheet: _Sheet) -> None:
    """Depths of commands, their clauses, their items and what stands under them."""
    for command in commands:
        if not command.inline:
            sheet.put(command.line.number, depth)
        for item in command.items:
            sheet.put(item[0].span.line, depth + 1, item=True)
        _place(command.body, depth + 1, sheet)
        for clause in command.clauses:
            outer = clause.name in CARRYING - {"OTHERWISE", "DO"} or clause.name in _TAILS
            sheet.put(clause.line.number, depth if outer else depth + 1)
            for item in clause.items:
                sheet.put(item[0].span.line, depth + 2, item=True)
            _place(clause.body, depth + 1 if outer else depth + 2, sheet)


_TAILS = FLOATING & {"WAIT FOR ALL", "PROCESS WHEN"}


def _written(line: Line, sheet: _Sheet, cutter: Cutter) -> str:
    """One line anew; what the layout does not know stays as it is."""
    if line.kind is not Stuff.WORDS or not line.words:
        return "" if line.kind is Stuff.BLANK else line.raw.strip()
    depth = sheet.depths.get(line.number)
    if depth is None:
        return line.raw.rstrip()
    keys = [] if line.number in sheet.items else list(_keywords(line, sheet, cutter))
    body = _body(line, keys)
    bullet = "- " if line.number in sheet.items else ""
    comment = f"  {line.comment}" if line.comment else ""
    return f"{'  ' * depth}{bullet}{body}{comment}"


def _keywords(line: Line, sheet: _Sheet, cutter: Cutter) -> Iterator[Span]:
    if line.number in sheet.heads:
        found = cutter.grammar.head_phrases.match(line.words)
        if found:
            yield line.words[0].span.to(line.words[found[1] - 1].span)
        said = said_after(line, cutter.grammar, head=found)[1] if found else None
        if said is None:
            return
        line = said
    for piece in cutter.cut(line):
        if piece.name:
            yield piece.key


def _body(line: Line, keys: Sequence[Span]) -> str:
    parts: list[str] = []
    end = line.words[0].span.start - 1
    for word in line.words:
        start = word.span.start - 1
        gap = _EMPHASIS.sub("", line.raw[end:start])
        if parts and gap:
            parts.append(" " if gap.isspace() else gap)
        text = line.raw[start : word.span.end - 1]
        loud = any(key.start <= word.span.start < key.end for key in keys)
        parts.append(text.upper() if loud else text)
        end = word.span.end - 1
    return "".join(parts).strip()


def _with_comments(lines: Sequence[Line], said: Sequence[str], sheet: _Sheet) -> list[str]:
    """Comments stand as deep as the line after them."""
    found = list(said)
    depth = 0
    for n in range(len(lines) - 1, -1, -1):
        if lines[n].kind is Stuff.COMMENT:
            found[n] = "  " * depth + found[n]
        elif lines[n].kind is Stuff.WORDS:
            depth = sheet.depths.get(lines[n].number, depth)
        elif lines[n].kind is Stuff.SECTION:
            depth = 0
    return found


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    """At most one blank line in a row."""
    blank = True
    for line in lines:
        if line or not blank:
            yield line
        blank = not line
