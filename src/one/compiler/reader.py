"""Text to lines of words with spans. Never raises, loses nothing, linear in the text.

A `Line` keeps its raw text; its `words` are what the language looks at: emphasis marks, bullets
and comments are taken off here, and every word knows where it stood.
"""

import gc
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

MAX_TEXT = 1_000_000
MAX_LINE = 4_000
TAB = 4


@dataclass(slots=True, order=True, unsafe_hash=True)
class Span:
    """Half-open; lines and columns count from 1, columns in code points."""

    line: int
    start: int
    end: int
    last_line: int = 0

    def to(self, other: "Span") -> "Span":
        """From the beginning of this to the end of the other."""
        last = other.last_line or other.line
        if last != self.line:
            return Span(self.line, self.start, other.end, last)
        return Span(self.line, self.start, other.end if other.end > self.end else self.end)

    @property
    def ending_line(self) -> int:
        return self.last_line or self.line


class Is(StrEnum):
    """What a word is."""

    WORD = "word"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    TIME = "time"
    TEXT = "text"
    ADDRESS = "address"
    SLOT = "slot"
    POSSESSIVE = "possessive"
    EXPRESSION = "expression"
    MARK = "mark"


@dataclass(slots=True, unsafe_hash=True)
class Word:
    """One word. `text` as written (without its quotes), `low` in lower case.

    `glued` says that no space stands before it.
    """

    text: str
    low: str
    span: Span
    kind: Is = Is.WORD
    glued: bool = False
    broken: bool = False


class Stuff(StrEnum):
    """What a line is."""

    BLANK = "blank"
    COMMENT = "comment"
    SECTION = "section"
    FENCE = "fence"
    WORDS = "words"
    UNWRITTEN = "unwritten"


@dataclass(slots=True)
class Line:
    """`indent` in columns; `bullet` is the mark as written; `comment` what follows the words."""

    number: int
    raw: str
    kind: Stuff
    indent: int = 0
    bullet: str = ""
    words: list[Word] = field(default_factory=list[Word])
    comment: str = ""
    mixed: bool = False

    def with_words(self, words: list[Word]) -> "Line":
        """The same line with its words changed."""
        return replace(self, words=words)

    def moved(self, number: int) -> "Line":
        """The same line at another number."""
        words = [replace(one, span=replace(one.span, line=number)) for one in self.words]
        return replace(self, number=number, words=words)

    @property
    def level(self) -> int:
        """Depth for layout: a bulleted line lies deeper than a bare one at the same column, and
        1.1 deeper than 1.
        """
        return self.indent * 2 + bool(self.bullet) + self.bullet.rstrip(".)").count(".")

    @property
    def span(self) -> Span:
        if self.words:
            return self.words[0].span.to(self.words[-1].span)
        start = len(self.raw) - len(self.raw.lstrip()) + 1
        return Span(self.number, start, max(start + 1, len(self.raw.rstrip()) + 1))


_BULLET = re.compile(
    r"(?:[-*•+–—·▪◦‣►✓✔]|\(?(?:\d{1,3}|[a-z])[.)]"
    r"|\d{1,2}(?:\.\d{1,2})+[.)]?|[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?)"
    r"(?:\s+|$)(?:\[[ xX]\]\s+)?"
)
_QUOTED = re.compile(r"[>\ufeff\u200b]+(?: ?>+)*")
"""The marks of a mail that is quoted, and what no eye sees."""
_REMARK = re.compile(r"/\*.*\*/$|<!--.*-->$")
_SECTION = re.compile(r"^\s*-{3,}\s*(.*?)\s*-{3,}\s*$|^\s*[-=_*]{3,}\s*$")
_COMMENT = re.compile(r"(?:^|\s\s+|\t)(#(?!\d)|//)|\s+(/\*.*\*/|<!--.*-->)\s*$")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "'": "'", "‘": "’"}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CURRENCY = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr"}
_PLAIN = re.compile(r" ?([A-Za-z]+)(?=[ ,:]|$)(?!  )")
"""A word of plain letters with at most one space before it: what most of a text is made of."""

_LEX = re.compile(
    r"(?P<space>[\s\u200b\u2060\ufeff\u00ad]+)"
    r"|(?P<address>https?://[^\s,\"“”<>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<slot>\[[^\[\]\n]*\])"
    r"|(?P<money>[$€£¥₹]\s?(?:" + _NUMBER + r")(?:[kKmM]\b)?)"
    r"|(?P<time>\d{1,2}(?::\d{2})?\s?(?:am|pm|AM|PM|a\.m\.|p\.m\.)(?![a-zA-Z])|\d{1,2}:\d{2}(?!\d)"
    r"|\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d))"
    r"|(?P<percent>(?:" + _NUMBER + r")\s?%)"
    r"|(?P<number>(?:" + _NUMBER + r")(?:\+(?!\s*\d))?(?!\w|\.\d))"
    r"|(?P<unit>\d+(?:\.\d+)?(?:ms|[smhdwkKM]|x"
    r"|(?:sec|second|min|minute|hr|hour|day|week|month|year)s?)\b)"
    r"|(?P<possessive>['’]s?(?![\w]))"
    r"|(?P<word>[^\W_](?:[\w]|[-/&.](?=[^\W_])|['’](?!s\b)(?=[^\W\d_]))*|_+[^\W_]\w*)"
    r"|(?P<path>\$[A-Za-z_][\w.]*|\$\((?:[^()\n]|\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\))*\))"
    r"|(?P<emphasis>\*{2,3}|_{2,}|`+)"
    r"|(?P<mark><=|>=|!=|==|->|→|&&|\|\||…|\.{3}|.)",
    re.DOTALL,
)


@contextmanager
def undisturbed() -> Generator[None]:
    """Without search for garbage: what a reading makes lives to its end."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@undisturbed()
def read(text: str) -> list[Line]:
    """Every line of the text, in order; text beyond the limit is left out (the layout says so)."""
    lines: list[Line] = []
    in_fence = False
    for number, raw in enumerate(split_lines(text[:MAX_TEXT]), 1):
        line = _read_line(number, raw)
        if line.kind is Stuff.FENCE:
            in_fence = not in_fence
        lines.append(line)
    return lines


def split_lines(text: str) -> list[str]:
    """Lines without their endings; only real line ends count, not form feeds or U+2028."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _read_line(number: int, raw: str) -> Line:
    bare = raw.strip().strip("\ufeff")
    if not bare:
        return Line(number, raw, Stuff.BLANK)
    if bare in {"...", "…", "- ...", "- …"}:
        return Line(number, raw, Stuff.UNWRITTEN)
    if bare.startswith("```"):
        return Line(number, raw, Stuff.FENCE)
    if bare.startswith(("#", "//")) and not bare.startswith("#!E"):
        return Line(number, raw, Stuff.COMMENT, comment=bare)
    if _SECTION.match(raw):
        return Line(number, raw, Stuff.SECTION, comment=bare)
    if _REMARK.match(bare):
        return Line(number, raw, Stuff.COMMENT, comment=bare)
    lead = raw[: len(raw) - len(raw.lstrip())]
    line = Line(number, raw, Stuff.WORDS, indent=len(lead.expandtabs(TAB)))
    line.mixed = " \t" in lead or ("\t" in lead and " " in lead)
    at = len(lead)
    if (quoted := _QUOTED.match(raw, at)) is not None:
        inner = raw[quoted.end() :]
        lead = inner[: len(inner) - len(inner.lstrip())]
        line.indent = max(0, len(lead.expandtabs(TAB)) - 1)
        at = quoted.end() + len(lead)
    mark = _BULLET.match(raw, at)
    if mark and not _is_number_line(raw, mark):
        line.bullet = mark.group().strip()
        at = mark.end()
    _read_words(line, at)
    return line


def _is_number_line(raw: str, mark: "re.Match[str]") -> bool:
    """`- 5` alone is a bullet with a number; a line that is only a bullet is kept as one."""
    return not raw[mark.end() :].strip() and not mark.group().strip()


def _read_words(line: Line, at: int) -> None:
    raw, glued = line.raw, False
    stop = min(len(raw), MAX_LINE)
    while at < stop:
        if (plain := _PLAIN.match(raw, at)) is not None:
            start, end = plain.span(1)
            span, text = Span(line.number, start + 1, end + 1), plain[1]
            line.words.append(Word(text, text.lower(), span, Is.WORD, glued and start == at))
            at, glued = end, True
            continue
        if raw[at].isspace() and _COMMENT.match(raw, at):
            line.comment = raw[at:].strip()
            return
        if raw[at] in _QUOTES and (word := _quoted(line, at, glued=glued)):
            line.words.append(word)
            at, glued = word.span.end - 1, True
            continue
        found = _LEX.match(raw, at)
        if found is None:  # the last alternative takes any character
            return
        at, glued = _take(line, found, glued=glued)


def _take(line: Line, found: "re.Match[str]", *, glued: bool) -> tuple[int, bool]:
    kind, text, start, end = found.lastgroup or "mark", found.group(), found.start(), found.end()
    if kind == "space":
        if len(text) > 1 and (rest := _COMMENT.match(line.raw, start)):
            line.comment = line.raw[rest.start(rest.lastindex or 0) :].strip()
            return len(line.raw), False
        return end, False
    if kind == "emphasis" or (text in "*_" and _is_emphasis(line.raw, start)):
        return end, glued
    span = Span(line.number, start + 1, end + 1)
    if kind == "unit":
        digits = re.match(r"[\d.]+", text)
        cut = digits.end() if digits else 0
        line.words.append(Word(text[:cut], text[:cut], _sub(span, 0, cut), Is.NUMBER, glued))
        line.words.append(Word(text[cut:], text[cut:], _sub(span, cut, len(text)), glued=True))
        return end, True
    if kind == "slot":
        text = text[1:-1].strip()
    known = _KINDS.get(kind, Is.WORD)
    if known is Is.POSSESSIVE and not (glued and line.words and line.words[-1].kind in _OWNING):
        known = Is.MARK
    line.words.append(Word(text, text.casefold(), span, known, glued))
    return end, True


_KINDS = {
    "address": Is.ADDRESS,
    "slot": Is.SLOT,
    "money": Is.MONEY,
    "time": Is.TIME,
    "percent": Is.PERCENT,
    "number": Is.NUMBER,
    "possessive": Is.POSSESSIVE,
    "mark": Is.MARK,
    "path": Is.EXPRESSION,
}


_OWNING = frozenset({Is.WORD, Is.SLOT})


def _sub(span: Span, start: int, end: int) -> Span:
    return Span(span.line, span.start + start, span.start + end)


def _is_emphasis(raw: str, at: int) -> bool:
    """A lone `*` or `_` touching a word on exactly one side marks emphasis."""
    before = raw[at - 1] if at else " "
    after = raw[at + 1] if at + 1 < len(raw) else " "
    return before.isspace() != after.isspace()


def _quoted(line: Line, at: int, *, glued: bool) -> Word | None:
    raw, mark = line.raw, line.raw[at]
    single = mark in "'‘"
    if single and (glued or (raw[at : at + 2] in {"'s", "‘s"} and glued)):
        return None
    if mark == "”" and glued:
        return None
    ends = {_QUOTES[mark], '"'} if mark == "“" else {_QUOTES[mark]}
    if mark == '"':
        ends = {'"', "”"}
    end = at + 1
    while end < len(raw):
        if raw[end] == "\\" and end + 1 < len(raw):
            end += 2
            continue
        if raw[end] in ends and not (single and raw[end + 1 : end + 2].isalnum()):
            break
        end += 1
    closed = end < len(raw)
    if single and not closed:
        return None
    inner = raw[at + 1 : end]
    inner = inner.replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
    stop = end + 1 if closed else len(raw.rstrip())
    span = Span(line.number, at + 1, stop + 1)
    return Word(inner, inner.casefold(), span, Is.TEXT, glued, broken=not closed)


def currency_of(sign: str) -> str:
    """`$` → `usd`; unknown signs are dollars."""
    return _CURRENCY.get(sign, "usd")


def join(words: list[Word]) -> str:
    """The words as a person would write them on one line."""
    parts: list[str] = []
    for word in words:
        if parts and not word.glued and word.text not in {",", ".", ":", ")"}:
            parts.append(" ")
        parts.append(_as_written(word))
    return "".join(parts)


def _as_written(word: Word) -> str:
    if word.kind is Is.TEXT:
        return '"' + word.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"[{word.text}]" if word.kind is Is.SLOT else word.text


def whole(words: list[Word]) -> Span:
    """The span of a run of words; there must be one."""
    return words[0].span.to(words[-1].span)
