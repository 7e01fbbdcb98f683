"""Whatever is thrown at it, the compiler answers; the same text gives the same answer."""

import json

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
