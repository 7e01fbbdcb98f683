"""No word is dropped in silence: what nothing uses is told where it stands."""

from zlib import crc32

import pytest

from one.compiler import check_text, is_technical
from one.compiler.mending import apply_edits
from one.compiler.reader import read
from tests.compiler.test_cases import GOOD
from tests.compiler.world import flow, vocabulary

HEAD = """FEATURE: A
INPUT:
  - fan: who it is for
  - friend: who else
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


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("ADD 1 twice TO course's seats", "twice"),
        ("GIVE fan 10 tokens as not reward", "not"),
        ("REWARD fan WITH 10 three tokens", "three"),
        ("GIVE fan 10 friend tokens", "friend"),
        ("FOR EACH only lesson IN course's lessons\n  NOTIFY fan ABOUT lesson", "only"),
        ("GET total revenue never SAVE AS sum", "never"),
        ("TRACK views FOR course RECORD 1 CALCULATE growth rate over never 7 days", "never"),
        ("REFER fan TO friend REWARD only 50 tokens", "only"),
        ('EXACTLY not {"wait": "5s"}', "not"),
        ('NOTIFY fan ABOUT "Hi" WITH only notes', "only"),
        ("SET not done TO yes", "not"),
        ("SEND notes TO only AI", "only"),
    ],
)
def test_what_would_turn_a_line_around_is_told(lines: str, words: str) -> None:
    assert told(lines) == [words]


def codes(lines: str) -> list[str]:
    report = check_text(HEAD + lines + "\n", vocabulary()).features[0]
    return [one.code for one in report.diagnostics if one.open]


@pytest.mark.parametrize(
    "lines",
    [
        "SEND notes TO my paying followers",
        "CALL Stripe to charge $5 WITH fan SAVE AS payment\nGIVE payment's id quickly",
        "CALL Stripe to create checkout WITH amount $5, fan SAVE AS sale\nGIVE sale's owner as it",
    ],
)
def test_what_is_not_there_is_no_field_and_no_group(lines: str) -> None:
    """All followers were written to, and an empty value was given."""
    assert codes(lines) in (["E305"], ["E309"])


def test_the_link_of_a_checkout_is_its_url() -> None:
    lines = "CALL Stripe to create checkout WITH amount $5, fan SAVE AS sale\nGIVE sale's link"
    (report,) = check_text(HEAD + lines + "\n", vocabulary()).features
    flow = report.program.canonical()["flow"]
    assert isinstance(flow, list)
    assert flow[-1] == {"return": {"link": "$sale.url"}}


def test_a_question_to_a_model_is_not_cut() -> None:
    lines = "CALL OpenAI to answer the question briefly WITH question notes SAVE AS said\nGIVE said"
    report = check_text(HEAD + lines + "\n", vocabulary()).features[0]
    assert "“question briefly” goes nowhere." in [one.message for one in report.diagnostics]


TURNING = ("not", "never", "only", "without")


def test_a_word_that_turns_a_meaning_is_nowhere_dropped() -> None:
    """Put before every eleventh word of the good features: told, or another program."""
    dropped: list[str] = []
    for path in GOOD:
        text = path.read_text("utf-8")
        if is_technical(text):
            continue
        lines, before = text.split("\n"), outcome(text)
        places = [(line, word) for line in read(text) for word in line.words]
        for line, word in places[crc32(path.name.encode()) % 11 :: 11]:
            at = word.span.start - 1
            odd = f"{line.raw[:at]}{TURNING[at % len(TURNING)]} {line.raw[at:]}"
            after = "\n".join([*lines[: line.number - 1], odd, *lines[line.number :]])
            if outcome(after) == before and "(only one of" not in odd:  # which is the same
                dropped.append(odd)
    assert not dropped, "\n".join(dropped)


def outcome(text: str) -> tuple[list[object], list[str]]:
    features = check_text(text, vocabulary()).features
    said = [each.message for one in features for each in one.diagnostics]
    return [one.program.canonical() for one in features], said


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('NOTIFY fan ABOUT "Hi"\n  - and my other fans', "and my other fans"),
        ("GET my courses SAVE AS all\n  - the published ones", "the published ones"),
        ('CREATE course called "A"\n  - only', "only"),
    ],
)
def test_a_listed_line_that_nothing_uses_is_told(lines: str, words: str) -> None:
    assert told(lines) == [words]


def test_all_conditions_listed_under_where_must_hold() -> None:
    """All but the first were dropped."""
    listed = 'GET my courses WHERE:\n  - price is over $5\n  - name contains "a"\nSAVE AS dear'
    one = 'GET my courses WHERE price is over $5 and name contains "a" SAVE AS dear'
    assert flow(HEAD + listed) == flow(HEAD + one)
