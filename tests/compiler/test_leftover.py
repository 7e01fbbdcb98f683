"""No word is dropped in silence: what nothing uses is told where it stands."""

import pytest

from one.compiler import check_text
from one.compiler.mending import apply_edits
from tests.compiler.world import vocabulary

HEAD = """FEATURE: A
INPUT:
  - fan: who it is for
  - course: which course
  - notes: text
"""


def told(lines: str) -> list[str]:
    """The words that are not understood, and that the fix leaves them out."""
    text = HEAD + lines + "\n"
    rows = text.split("\n")
    found: list[str] = []
    for one in check_text(text, vocabulary()).features[0].diagnostics:
        if one.code == "E205":
            found.append(rows[one.span.line - 1][one.span.start - 1 : one.span.end - 1])
            after = check_text(apply_edits(text, one.fixes[0].edits), vocabulary())
            assert "E205" not in {each.code for each in after.features[0].diagnostics}
    return found


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('SEND only "Welcome" TO fan', "only"),
        ('SEND "Welcome" twice TO fan', "twice"),
        ('NOTIFY fan ABOUT 7 "Welcome"', "7"),
        ("WAIT until fan completes never course TIMEOUT after 2 days", "never"),
        ("WAIT until payment completed purple TIMEOUT after 2 days", "purple"),
        ("RECORD not lesson completed BY fan FOR course", "not"),
        ("GIVE notes and stop not here", "not"),
        ("CALL OpenAI to summarize WITH notes RETRY only 3 times", "only"),
        ("CALL OpenAI to summarize WITH notes RETRY 3 times twice", "twice"),
        ("CALL OpenAI to summarize WITH only notes", "only"),
        ("CALL Stripe to charge $5 WITH customer banana fan", "banana"),
        ("TRY up maybe to 3 times:\n  CALL OpenAI to summarize WITH notes", "maybe"),
        ('DO TOGETHER: without\n  NOTIFY fan ABOUT "Hi"', "without"),
    ],
)
def test_a_word_that_nothing_uses_is_told(lines: str, words: str) -> None:
    assert told(lines) == [words]


@pytest.mark.parametrize(
    "lines",
    [
        'SEND a short email saying "Welcome" TO fan',
        "WAIT until the fan completes this course TIMEOUT after 2 days",
        "WAIT until the fan replies to my message TIMEOUT after 2 days",
        "RECORD the lesson completed BY the fan FOR course",
        "GIVE notes and stop the flow here",
        "CALL OpenAI to summarize WITH the notes RETRY up to 3 times, every 5 seconds",
        "CALL Stripe to charge $5 WITH the same customer fan",
    ],
)
def test_politeness_and_articles_stay_free(lines: str) -> None:
    assert told(lines) == []


@pytest.mark.parametrize(
    ("limit", "slot"),
    [
        ("not optional", {}),
        ("not more than 5", {"max": 5}),
        ("no less than 2", {"min": 2}),
        ("at least 2 but at most 9", {"min": 2, "max": 9}),
        ("max 9, min 2", {"min": 2, "max": 9}),
        ("a number between 2 and 9 stars", {"min": 2, "max": 9}),
    ],
)
def test_a_limit_is_read_whole(limit: str, slot: dict[str, int]) -> None:
    text = f"FEATURE: A\nINPUT:\n  - stars: how many ({limit})\nGIVE stars\n"
    (report,) = check_text(text, vocabulary()).features
    read = report.program.canonical()["input"]
    assert isinstance(read, dict)
    assert read["stars"] == {"type": "integer", "gloss": "how many", **slot}
    assert report.outcome == "compiled"


@pytest.mark.parametrize("limit", ["never at least 3", "at least only 3", "between 1 and maybe 5"])
def test_what_turns_or_breaks_a_limit_is_told(limit: str) -> None:
    text = f"FEATURE: A\nINPUT:\n  - stars: how many ({limit})\nGIVE stars\n"
    assert [one.code for one in check_text(text, vocabulary()).features[0].diagnostics] == ["E205"]
