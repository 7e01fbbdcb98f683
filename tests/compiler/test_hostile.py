"""Whatever is thrown at it, the compiler answers; the same text gives the same answer."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one.compiler import check_text
from one.compiler.verbs import grammar
from tests.compiler.world import vocabulary

_PIECES = """fan course 's a to as with , : ( ) " “ ' [ ] { } $5 10% 24 hours they it my me and or
not exists is at least video links FEATURE: INPUT: OUTPUT: - * 1. # // ... $x $(1) €3 9am"""
_WORDS = st.sampled_from(
    [*grammar().spellings(), *_PIECES.split(), "\t", "\n", "\n\n", "\n  ", "\n    - "]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=60).map(lambda words: "FEATURE: x\n" + " ".join(words)))
def test_words_in_any_order_are_answered(text: str) -> None:
    assert check_text(text, vocabulary()).features


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert check_text(text, vocabulary()).features


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_a_hostile_text_never_changes_the_shape(text: str) -> None:
    safe = "".join(c for c in text if c not in '"“”„«»\\\r\n[]{}\u2028\u2029' and c.isprintable())
    report = check_text(
        f'FEATURE: x\nINPUT:\n  - fan: who\nNOTIFY fan ABOUT "a{safe}"\n', vocabulary()
    )
    assert [step.kind for step in report.features[0].program.flow] == ["notify"]


def test_the_same_text_gives_the_same_bytes() -> None:
    text = "".join(verb.example for verb in grammar().verbs.values())
    first, second = (check_text(text, vocabulary()).as_json() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize(
    "text",
    [
        "FEATURE: x\nCHECK " + "not " * 5_000 + "fan exists",
        "FEATURE: x\nCHECK " + "(" * 900 + "fan exists",
        "FEATURE: x\nCHECK " + "fan exists and " * 250 + "fan exists",
        "FEATURE: x\nSET total to " + "1 plus " * 500 + "2",
        "FEATURE: x\n" + "IF fan exists\n" * 500,
        '{feature: "x", flow: [{set: {a: "$(' + "1 + " * 500 + '1)"}}]}',
        '{feature: "x", flow: [{set: {a: ' + "[" * 200 + "]" * 200 + "}}]}",
    ],
    ids=["not", "brackets", "and", "plus", "if", "expression", "lists"],
)
def test_what_is_too_tangled_is_told(text: str) -> None:
    report = check_text(text, vocabulary()).features[0]
    assert any(one.code in {"E108", "E113", "E112", "E907", "E910"} for one in report.diagnostics)


def test_a_text_of_many_lines_is_answered() -> None:
    assert check_text("\n" * 100_000, vocabulary()).features[0].diagnostics[0].code == "E101"
