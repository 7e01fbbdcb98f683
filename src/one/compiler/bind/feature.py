"""One feature: its slots, its trigger and its commands, to a program."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from one.compiler.bind.addressees import hear_only, only_that
from one.compiler.bind.declared import tell_misdeclared
from one.compiler.bind.definitions import Definition, expand
from one.compiler.bind.described import seek
from one.compiler.bind.gaps import check_gaps
from one.compiler.bind.leftover import check_alone
from one.compiler.bind.names import phrase
from one.compiler.bind.saving import named_in
from one.compiler.bind.session import Mention, Reading, always_given, ends
from one.compiler.bind.slots import read_slots
from one.compiler.bind.triggers import ask_unfilled, read_trigger, step_aside
from one.compiler.diagnosis import Applies, Edit, Findings, Fix
from one.compiler.grammar import Command, commands_in
from one.compiler.kinds import UNKNOWN, write_kind
from one.compiler.layout import Head, Outline
from one.compiler.outcomes import go_on
from one.compiler.program import MAX_STEPS, Program, Slot, Step
from one.compiler.reader import Is, Span, Word
from one.compiler.vocabulary import Vocabulary, key_of, singular


def slug_of(title: str) -> str:
    """Lower case, words joined by `_`, punctuation dropped; nothing left gives an empty one."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "_".join(re.findall(r"[a-z0-9]+", plain.replace("'", "").replace("’", "")))[:80].strip(
        "_"
    )
    if slug and (slug[0].isdigit() or iskeyword(slug)):
        slug = "f_" + slug
    return slug


def read_feature(
    vocabulary: Vocabulary,
    outline: Outline,
    *,
    findings: Findings,
    definitions: Sequence[Definition] = (),
) -> tuple[Program, Reading]:
    """The program of an outline, whole or with holes, and the reading that made it."""
    reading = Reading(vocabulary, findings, outline)
    reading.run_block = run_block
    reading.seek = seek
    reading.misdeclared = tell_misdeclared
    if definitions:
        reading.expand = lambda own, words: expand(own, words, definitions)
    commands = list(commands_in(outline.commands))
    reading.later = frozenset(key_of(name) for name in _saved_later(commands))
    trigger = None
    if head := _set_off_by(outline):
        reading.trigger_kind = head.name
        trigger = read_trigger(reading, head)
    for other in outline.triggers:
        if other is not head:
            why = "Begin it with # if it is only a remark."
            said = "A feature has one WHEN or EVERY; this is another."
            reading.error("E208", said, why=why, at=other.span)
    reading.inputs.update(read_slots(reading, outline.inputs, output=False))
    if trigger is not None:
        step_aside(reading, trigger)
        ask_unfilled(reading, trigger)
    reading.outputs.update(read_slots(reading, outline.outputs, output=True))
    if trigger is not None and reading.titled:
        only_that(reading, trigger)
    if trigger is not None and reading.clone:
        hear_only(reading, trigger, reading.clone)
    if _is_short(reading, len(commands)):
        run_block(reading, outline.commands)
    if reading.asked:
        go_on(reading.steps, reading.asked)
    _check_title(reading)
    if outline.ends is not None:
        reading.spans["end:"] = outline.ends
    if not outline.commands and not findings.broken:
        reading.error("E111", "This feature does nothing yet.", at=outline.span)
    program = Program(
        feature=slug_of(outline.title) or "unnamed",
        title=outline.title,
        trigger=trigger,
        input=reading.inputs,
        output=_outputs(reading),
        flow=reading.steps,
    )
    program.join_errors()
    return program, reading


def _set_off_by(outline: Outline) -> Head | None:
    """What sets it off; of several the one in capitals, where the first is a sentence."""
    loud = (one for one in outline.triggers if one.loud)
    return next(loud, outline.triggers[0] if outline.triggers else None)


def _is_short(reading: Reading, count: int) -> bool:
    """Whether there are no more commands than one feature may have; told when there are."""
    if count > MAX_STEPS:
        said = f"This feature has {count:,} commands; one may have {MAX_STEPS}."
        reading.error("E108", said, at=reading.outline.title_span)
    return count <= MAX_STEPS


def _check_title(reading: Reading) -> None:
    outline = reading.outline
    if outline.title_span == outline.span and not outline.title:
        if not any(one.code == "E101" for one in reading.findings.found):
            end = Span(outline.span.line, outline.span.end, outline.span.end)
            fix = Fix("Give it a name", (Edit(end, " <name>"),), Applies.PLACEHOLDER)
            why = "Its address is made of its name: FEATURE: Sell my song."
            reading.error("E107", "This feature has no name.", fix, why=why, at=outline.span)
    elif not slug_of(outline.title):
        reading.error(
            "E107",
            "This name has no letters or digits that an address could be made of.",
            at=outline.title_span,
        )


def _outputs(reading: Reading) -> dict[str, Slot]:
    found, always = dict(reading.outputs), always_given(reading.steps)
    for name, kind, _ in reading.given:
        if name not in found:
            found[name] = Slot(type=write_kind(kind if name in always else kind.maybe))
    return found


def run_block(reading: Reading, commands: Sequence[Command]) -> None:
    """Reads commands in order."""
    for command in commands:
        reading.mentions.append(Mention())
        before, bound = len(reading.findings.found), len(reading.names)
        if _tangled(command):
            said = "This command is too long to be understood. Say it in several."
            reading.error("E108", said, at=command.key)
            continue
        around, reading.here = reading.here, command.key
        check_gaps(reading, command)
        check_alone(reading, command)
        command.verb.read(command, reading)
        reading.here = around
        stops = command.clause("AND STOP HERE") and not command.clause("OTHERWISE")
        if stops and not ends(reading.steps):  # a refusal stops by itself
            reading.emit(Step(return_={}), command.span)
        if not command.verb.name:
            _bind_lost(reading, command, bound=bound)
            _bind_slot(reading, command)
        elif reading.findings.broken_since(before):
            _bind_lost(reading, command, bound=bound)


_JOINTS = frozenset({"and", "or", "not", "of", "plus", "minus", "times", "by", "(", "'s", "+", "-"})
MAX_JOINTS, MAX_WORDS = 40, 80


def _tangled(command: Command) -> bool:
    """Whether more hangs together in one part of a command than anybody would say. A program, an
    instruction and a list of values may be long.
    """
    if command.verb.name == "EXACTLY":
        return False
    if len(command.words) > MAX_JOINTS and _hangs(command.words, command.verb.name):
        return True
    return any(
        len(one.words) > MAX_JOINTS and _hangs(one.words, one.name) for one in command.clauses
    )


def _hangs(words: Sequence[Word], name: str) -> bool:
    long = len(words) > MAX_WORDS and name not in {"CALL", "WITH"}
    return long or sum(word.low in _JOINTS for word in words) > MAX_JOINTS


def _bind_lost(reading: Reading, command: Command, *, bound: int) -> None:
    """A command in error still binds the name that it saves, or one that nobody can know."""
    clause = command.clause("SAVE AS")
    name = phrase(named_in(clause)[0]) if clause else ""
    if name and reading.find(name) is None:
        reading.save(name, UNKNOWN, span=clause.span if clause else command.span)
    elif not name and (clause or len(reading.names) == bound):
        words = () if clause else (word.low for word in command.words if word.kind is Is.WORD)
        reading.lost.append(frozenset(singular(word) for word in words))


def _bind_slot(reading: Reading, command: Command) -> None:
    """`name: gloss` on a line of its own, where a section's head is missing."""
    for n, word in enumerate(command.words):
        if n and word.text == ":":
            name = " ".join(one.text for one in command.words[:n])
            if reading.find(name) is None:
                reading.bind(name, UNKNOWN, source="saved", span=command.span)
            return


def _saved_later(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        for clause in command.clauses:
            if clause.name == "SAVE AS":
                yield phrase(named_in(clause)[0])
