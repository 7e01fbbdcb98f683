"""Words are underlined where a terminal shows them."""

import pytest

from one.cli.telling import excerpt
from one.compiler.reader import Span


def shown(line: str, start: int, end: int) -> list[str]:
    return [text.split("│ ")[1] for text in excerpt(Span(1, start, end), [line], mark=str)]


@pytest.mark.parametrize(
    ("line", "start", "end", "text", "marks"),
    [
        ("GET fan", 5, 8, "GET fan", "    ━━━"),
        ("\tGET fan", 6, 9, "    GET fan", "        ━━━"),
        ("a\tfan", 3, 6, "a   fan", "    ━━━"),
        ("日本 fan", 4, 7, "日本 fan", "     ━━━"),
        ("x 日本", 3, 5, "x 日本", "  ━━━━"),
        ("e\u0301 fan", 4, 7, "e\u0301 fan", "  ━━━"),
        ("GIVE", 5, 5, "GIVE", "    ━"),
        ("GIVE", 9, 12, "GIVE", "    ━"),
        ("a\x1bb", 2, 3, "a�b", " ━"),
    ],
)
def test_words_are_underlined(line: str, start: int, end: int, text: str, marks: str) -> None:
    assert shown(line, start, end) == [text, marks]


def test_a_long_line_is_cut_around_its_words() -> None:
    line = "word " * 100 + "fan" + " word" * 100
    text, marks = shown(line, 501, 504)
    assert text[marks.index("━") : marks.rindex("━") + 1] == "fan"
    assert len(text) < 180


def test_a_span_over_lines_is_shown_on_its_first() -> None:
    lines = list(excerpt(Span(1, 3, 2, 2), ["GET fan", "x"], mark=str))
    assert [line.split("│ ")[1] for line in lines] == ["GET fan", "  ━━━━━"]
