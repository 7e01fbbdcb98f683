"""Texts as they are written elsewhere, in tables and in other languages: told once, left out."""

from collections.abc import Iterator, Sequence

from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity, listed
from one.compiler.grammar import Grammar, is_upper, lead_of
from one.compiler.meant import ABROAD
from one.compiler.reader import Line, Span, Stuff, read


def without_tables(
    lines: Sequence[Line], grammar: Grammar, *, findings: Findings
) -> Sequence[Line]:
    """The lines without the rows of tables; each table is told at its first row."""
    rows: list[Line] = []
    for line in lines:
        if not _is_row(line):
            continue
        if not rows or line.number != rows[-1].number + 1:
            rows = []
        rows.append(line)
        if len(rows) == 1:
            said = "This is a table. Commands stand on lines of their own, one below the other."
            edits = tuple(_as_lines(lines, line.number, grammar))
            fix = Fix("Write its rows as lines", edits, Applies.MAYBE)
            fixes = [fix] if any(edit.text for edit in edits) else []
            why = "A table lays things side by side; commands are done one after the other."
            findings.say(Severity.ERROR, ("E115", line.span, said), fixes=fixes, why=why)
    return [line for line in lines if not _is_row(line)] if rows else lines


def _is_row(line: Line) -> bool:
    bare = line.raw.strip()
    return line.kind is Stuff.WORDS and bare.startswith("|") and bare.count("|") > 1


def _as_lines(lines: Sequence[Line], first: int, grammar: Grammar) -> Iterator[Edit]:
    """The rows of the table that begins there: what stands in a row from its first command on."""
    for line in lines[first - 1 :]:
        if not _is_row(line):
            return
        cells = [cell.strip().strip("*`") for cell in line.raw.strip().strip("|").split("|")]
        begins = next((n for n in range(len(cells)) if _is_command(cells, n, grammar)), None)
        if begins is None:
            yield Edit(Span(line.number, 1, 1, line.number + 1), "")
        else:
            written = " ".join(cell for cell in cells[begins:] if cell)
            yield Edit(Span(line.number, 1, len(line.raw) + 1), written)


def _is_command(cells: Sequence[str], n: int, grammar: Grammar) -> bool:
    """Whether a command begins in a cell: with its words, or alone and in capitals."""
    line = read(cells[n])[0]
    words = line.words
    whole = len(words) > 1 or (is_upper(words) and any(cells[n + 1 :]))
    return whole and lead_of(line, grammar).known


def is_foreign(lines: Sequence[Line], grammar: Grammar, *, findings: Findings) -> bool:
    """Whether the commands of a feature are in another language, which is told."""
    found = [line for line in lines if _is_foreign(line, grammar)]
    if len(found) < 2:
        return False
    said = {line.words[0].text: ABROAD[line.words[0].low] for line in found}
    meant = listed([f"{name} for {word}" for word, name in list(said.items())[:4]], "and")
    findings.say(
        Severity.ERROR,
        ("E116", found[0].words[0].span, "Commands are written in English."),
        why=f"Write {meant}. What stands in quotes may be in any language.",
    )
    return True


def _is_foreign(line: Line, grammar: Grammar) -> bool:
    return line.words[0].low in ABROAD and not lead_of(line, grammar).known
