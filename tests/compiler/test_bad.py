"""Bad features, with what is said of them inline.

`#! E304 "they"` at the end of a line expects that code on these words of the line; every other
line stays silent. Notes are expected only where a line says so.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from one.compiler import check_text
from one.compiler.codes import CODES
from one.compiler.diagnosis import Applies, Diagnostic, Fix, Severity
from one.compiler.mending import apply_edits
from one.compiler.sarif import sarif
from tests.compiler.world import vocabulary

FILES = sorted((Path(__file__).parent.parent / "cases" / "bad").glob("*.one"))
ELSEWHERE = {
    "E108": "a line too long to be read: on its page",
    "E113": "24 blocks deep: on its page",
    "E703": "no service of this package: test_together",
    "E804": "needs a deployment without a model: on its page",
    "E826": "needs a deployment without payments: on its page",
    "E806": "a remark of a bad case would hide what is expected: test_secrets",
}
OPEN = {Severity.ERROR, Severity.QUESTION}
_EXPECTED = re.compile(r'\s\s#!\s*((?:E\d{3} "(?:[^"\\]|\\.)*"\s*)+)$')


@dataclass(frozen=True)
class Case:
    """A bad text without its expectations, and these as line, code and words."""

    name: str
    text: str
    expected: frozenset[tuple[int, str, str]]


def case_of(name: str, text: str) -> Case:
    lines: list[str] = []
    found: set[tuple[int, str, str]] = set()
    for number, line in enumerate(text.split("\n"), 1):
        match = _EXPECTED.search(line)
        for code, words in re.findall(r'(E\d{3}) "((?:[^"\\]|\\.)*)"', match[1]) if match else ():
            found.add((number, code, words.replace('\\"', '"')))
        lines.append(line[: match.start()] if match else line)
    return Case(name, "\n".join(lines), frozenset(found))


def cases() -> Iterator[Case]:
    for path in FILES:
        for n, text in enumerate(path.read_text("utf-8").split("\n=====\n"), 1):
            yield case_of(f"{path.stem}-{n}", text)


CASES = list(cases())
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def check(text: str) -> list[Diagnostic]:
    report = check_text(text, vocabulary())
    return [one for each in report.features for one in each.diagnostics]


def words_at(text: str, one: Diagnostic) -> tuple[int, str, str]:
    line = text.split("\n")[one.span.line - 1]
    return one.span.line, one.code, line[one.span.start - 1 : one.span.end - 1]


def fixes(*severities: Severity) -> Iterator[tuple[Case, Diagnostic, Fix]]:
    for case in CASES:
        for one in check(case.text):
            for fix in one.fixes:
                if one.severity in severities:
                    yield case, one, fix


def weight(text: str) -> Counter[str]:
    return Counter(one.code for one in check(text) if one.severity is not Severity.INFO)


@every_case
def test_a_bad_feature_is_told_what_is_wrong_where(case: Case) -> None:
    noted = {code for _, code, _ in case.expected}
    found = [
        words_at(case.text, one)
        for one in check(case.text)
        if one.severity is not Severity.INFO or one.code in noted
    ]
    assert sorted(found) == sorted(case.expected), case.text


def test_every_code_has_a_bad_case() -> None:
    shown = {code for case in CASES for _, code, _ in case.expected}
    assert sorted(CODES.keys() - shown) == sorted(ELSEWHERE)


def test_a_code_is_always_as_grave() -> None:
    found: dict[str, set[Severity]] = defaultdict(set)
    for case in CASES:
        for one in check(case.text):
            found[one.code].add(one.severity)
    assert {code: severities for code, severities in found.items() if len(severities) > 1} == {}


def test_every_safe_fix_mends_and_breaks_nothing() -> None:
    tried = 0
    for case, one, fix in fixes(*Severity):
        if fix.applies is Applies.SAFE:
            tried += 1
            before, after = weight(case.text), weight(apply_edits(case.text, fix.edits))
            assert after <= before - Counter([one.code]), (case.text, fix)
    assert tried > 30


def test_every_answer_to_a_question_closes_it() -> None:
    asked: set[str] = set()
    for case, one, fix in fixes(Severity.QUESTION):
        asked.add(one.code)
        mended = apply_edits(case.text, fix.edits)
        before, after = weight(case.text), weight(mended)
        assert after <= before, (mended, fix.title, after)
        place = (one.code, one.span.line, one.span.start)
        still = {(other.code, other.span.line, other.span.start) for other in check(mended)}
        assert place not in still, (mended, fix.title)
    said = {one.code for case in CASES for one in check(case.text) if one.severity in OPEN}
    questions = {
        one.code for case in CASES for one in check(case.text) if one.severity is Severity.QUESTION
    }
    assert asked == questions & said


def test_a_scanner_is_told_of_every_mistake() -> None:
    said = {case.name: check(case.text) for case in CASES}
    log = sarif(said)
    assert isinstance(log, dict)
    assert isinstance(log["runs"], list)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    assert isinstance(run["results"], list)
    levels = Counter(str(one["level"]) for one in run["results"] if isinstance(one, dict))
    assert levels["error"] == sum(one.severity in OPEN for found in said.values() for one in found)


def test_nothing_is_said_in_the_words_of_a_programmer() -> None:
    jargon = re.compile(
        r"\b(token\s(?:at|after)|parse[ds]?|identifier|syntax|invalid|null|AST|boolean|string|array)\b"
    )
    said = [
        text
        for case in CASES
        for one in check(case.text)
        for text in (one.message, one.why)
        if text
    ]
    assert [text for text in said if jargon.search(text)] == []
    assert [text for text in said if not text.rstrip("”’").endswith((".", "?", "!", "…"))] == []


def test_a_text_with_a_mistake_is_read_back_with_the_line_that_was_not_understood() -> None:
    told = 'NOTIFY me ABOUT "one"\nRING fan\nNOTIFY me ABOUT "two"\n'
    text = f"FEATURE: Bell\nINPUT:\n- fan: who\n{told}"
    (report,) = check_text(text, vocabulary()).features
    assert report.understood == [
        "It needs fan (a person).",
        "Tell me “one” in the app.",
        "(not understood) Line 5: RING fan",
        "Tell me “two” in the app.",
    ]
