"""Whatever is written and wherever the place is, an editor is answered."""

from hypothesis import given, settings
from hypothesis import strategies as st

from one.compiler.editing.completing import completions_at
from one.compiler.editing.hovering import hover_at
from one.compiler.editing.naming import references, rename_at
from one.compiler.editing.outlining import colours_of, parts_of
from one.compiler.editing.scene import Place
from one.compiler.editing.tidying import tidied
from one.compiler.reader import split_lines
from one.compiler.verbs import grammar
from tests.compiler.world import vocabulary

EXAMPLES = [verb.example for verb in grammar().verbs.values()]
ODD = ["FEATURE: a", "INPUT:", "fan", "'s", "[", "{", '"', "$5", ":", "_", "🎵", "…", "x.y", "#"]
GAPS = ["\t", "\r\n", "\n", "\n  - ", "\n  ", "\u2028", "\n--- a ---\n"]
_WORDS = st.sampled_from([*grammar().spellings(), *ODD, *GAPS])


def ask_everything(text: str, place: Place) -> None:
    offered = completions_at(text, place, vocabulary=vocabulary())
    assert offered.span.line == place.line
    hover_at(text, place, vocabulary=vocabulary())
    references(text, place, vocabulary=vocabulary())
    rename_at(text, place, new="zebra", vocabulary=vocabulary())
    parts_of(text)
    lines = split_lines(text)
    for one in colours_of(text, vocabulary()):
        assert 1 <= one.span.start < one.span.end <= len(lines[one.span.line - 1]) + 1
    tidied(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=40).map(" ".join), st.integers(1, 12), st.integers(1, 60))
def test_words_in_any_order_are_answered(text: str, line: int, column: int) -> None:
    ask_everything(text, Place(line, column))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.integers(1, 5), st.integers(1, 40))
def test_any_text_is_answered(text: str, line: int, column: int) -> None:
    ask_everything("FEATURE: x\n" + text, Place(line, column))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EXAMPLES), st.floats(0, 1), st.floats(0, 1))
def test_a_text_that_is_half_written_is_answered(text: str, cut: float, at: float) -> None:
    half = text[: int(cut * len(text))]
    before = half[: int(at * len(half))]
    lines = split_lines(before)
    ask_everything(half, Place(len(lines), len(lines[-1]) + 1))
