"""Fixes applied to texts: only proven ones, with everything else as it was."""

import pytest

from one.compiler import check_text
from one.compiler.codes import CODES
from one.compiler.diagnosis import Applies, Diagnostic, Edit
from one.compiler.mending import apply_edits, mend
from one.compiler.reader import Span
from tests.compiler.world import vocabulary


def check(text: str) -> list[Diagnostic]:
    return [one for each in check_text(text, vocabulary()).features for one in each.diagnostics]


CHOIR = 'FEATURE: Open a choir\nCRAETE comunitty called "Morning choir"\n'


def test_only_safe_fixes_are_applied_when_asked() -> None:
    mended = mend(CHOIR, check, safe=True)
    assert mended.text == 'FEATURE: Open a choir\nCREATE comunitty called "Morning choir"\n'
    assert [one.code for one, _ in mended.done] == ["E201"]


def test_the_only_fix_of_an_error_is_applied_otherwise() -> None:
    mended = mend(CHOIR, check, safe=False)
    assert mended.text == 'FEATURE: Open a choir\nCREATE community called "Morning choir"\n'
    assert check(mended.text) == []


def test_a_question_is_not_answered_for_the_writer() -> None:
    text = "FEATURE: Meet\nINPUT:\n  - host: who invites\n  - guest: who comes\nDELETE them\n"
    assert mend(text, check, safe=False).text == text


def test_line_endings_and_marks_stay_as_they_are() -> None:
    text = "\ufeff" + CHOIR.replace("\n", "\r\n")
    mended = mend(text, check, safe=False)
    assert mended.text == "\ufeff" + (
        'FEATURE: Open a choir\r\nCREATE community called "Morning choir"\r\n'
    )


@pytest.mark.parametrize("text", ["one\ntwo", "one\ntwo\n"])
def test_an_edit_beyond_the_end_begins_a_line(text: str) -> None:
    three = Edit(Span(text.count("\n") + 2 - text.endswith("\n"), 1, 1), "three\n")
    assert apply_edits(text, [three]) == "one\ntwo\nthree\n"


def test_edits_over_several_lines_and_at_one_place_are_made() -> None:
    edits = [Edit(Span(1, 2, 2, 3), "-"), Edit(Span(1, 1, 1), "<"), Edit(Span(3, 4, 4), ">")]
    assert apply_edits("abc\ndef\nghi", edits) == "<a-hi>"


def test_every_safe_fix_of_the_pages_clears_its_diagnostic() -> None:
    safe = 0
    for page in CODES.values():
        found = check(page.bad.lstrip("\n"))
        for one in found:
            for fix in one.fixes:
                if fix.applies is Applies.SAFE:
                    safe += 1
                    after = check(apply_edits(page.bad.lstrip("\n"), fix.edits))
                    assert one.code not in {other.code for other in after}
    assert safe


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("ENROLL fan IN course", "GIVE fan access to course"),
        ("Let fan into club", "GIVE fan access to club"),
        ("INVITE fan to club", "GIVE fan access to club"),
        ('TELL fan "Hello"', 'NOTIFY fan "Hello"'),
        ("Email all my fans about news", "NOTIFY all my fans about news VIA email"),
        ('TEXT fan "Hello"', 'NOTIFY fan "Hello" VIA sms'),
        ("REMIND fan about news", "NOTIFY fan about news"),
        ("TAKE 10 tokens from fan", "SUBTRACT 10 tokens from fan"),
        ("TAKE fan out of club", "REMOVE fan FROM club"),
        (
            'ASK my AI clone "What now?" SAVE AS reply',
            'SEND "What now?" TO my AI clone SAVE AS reply',
        ),
        ('IF fan owns course THEN tell fan "Hello"', 'IF fan owns course THEN NOTIFY fan "Hello"'),
    ],
)
def test_a_verb_of_every_day_is_written_as_the_command_that_it_means(
    said: str, written: str
) -> None:
    head = (
        "FEATURE: V\nINPUT:\n- fan: who\n- course: which\n- club: which community\n- news: text\n"
    )
    mended = mend(f"{head}{said}\n", check, safe=False)
    assert mended.text == f"{head}{written}\n"
    assert {one.severity.value for one in check(mended.text)} <= {"info", "warning"}
