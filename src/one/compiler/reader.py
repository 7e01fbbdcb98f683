"""Text to lines of words with spans. Never raises, loses nothing, linear in the text.

A `Line` keeps its raw text; its `words` are what the language looks at: emphasis marks, bullets
and comments are taken off here, and every word knows where it stood.
"""

import gc
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache

from one.compiler.light import Constants, frozen

MAX_TEXT = 1_000_000
MAX_LINE = 4_000
TAB = 4
KEPT_LINES = 4_096
"""How many stay read between checks: an editor asks again for all but the one that changed."""


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


class Is(Constants):
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


@frozen
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


class Stuff(Constants):
    """What a line is."""

    BLANK = "blank"
    COMMENT = "comment"
    SECTION = "section"
    FENCE = "fence"
    WORDS = "words"
    UNWRITTEN = "unwritten"


@dataclass(slots=True, eq=False)
class Line:
    """`indent` in columns; `bullet` is the mark as written; `comment` what follows the words.
    `level` is its depth for layout: a bulleted line lies deeper than a bare one at the same column,
    and 1.1 deeper than 1. `kinds` are those of its words, `lows` the words in lower case; `halves`
    are the words that may be half of something: marks, texts not closed or with a bracket.

    Lines of the same words at the same place are one object, also in different texts.
    """

    number: int
    raw: str
    kind: Stuff
    indent: int = 0
    bullet: str = ""
    words: list[Word] = field(default_factory=list[Word])
    comment: str = ""
    mixed: bool = False
    level: int = field(init=False)
    kinds: set[Is] = field(init=False)
    lows: set[str] = field(init=False)
    halves: list[Word] = field(init=False)

    def __post_init__(self) -> None:
        bullet = self.bullet
        dots = bullet.rstrip(".)").count(".") if bullet else 0
        self.level = self.indent * 2 + bool(bullet) + dots
        self.kinds = {word.kind for word in self.words}
        self.lows = {word.low for word in self.words}
        self.halves = [] if self.kinds.isdisjoint(_HALVES) else list(filter(_is_half, self.words))

    def with_words(self, words: list[Word]) -> "Line":
        """The same line with its words changed."""
        return replace(self, words=words)

    def moved(self, number: int) -> "Line":
        """The same line at another number."""
        words = [replace(one, span=replace(one.span, line=number)) for one in self.words]
        return replace(self, number=number, words=words)

    @property
    def span(self) -> Span:
        if self.words:
            return self.words[0].span.to(self.words[-1].span)
        start = len(self.raw) - len(self.raw.lstrip()) + 1
        return Span(self.number, start, max(start + 1, len(self.raw.rstrip()) + 1))


_HALVES = frozenset({Is.MARK, Is.TEXT})


def _is_half(word: Word) -> bool:
    if word.kind is Is.TEXT:
        return word.broken or "[" in word.text or "{" in word.text
    return word.kind is Is.MARK


_BULLET = re.compile(
    r"(?:[-•–—▪◦‣►✓✔](?=[A-Za-z])|(?:[-*•+–—·▪◦‣►✓✔]|\(?(?:\d{1,3}|[a-z])[.)]"
    r"|\d{1,2}(?:\.\d{1,2})+[.)]?|[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?)"
    r"(?:\s+|$))(?:\[[ xX]\]\s+)?"
)
_PICTURES = frozenset("\ufe0f\u200d") | {
    chr(code) for start, end in ((0x2600, 0x27C0), (0x1F000, 0x1FB00)) for code in range(start, end)
}
"""What stands behind a line for its looks."""
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
    r"|(?P<time>\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|AM|PM|a\.m\.|p\.m\.)(?![a-zA-Z])|\d{1,2}:\d{2}(?!\d)"
    r"|\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d))"
    r"|(?P<percent>(?:" + _NUMBER + r")\s?%)"
    r"|(?P<number>(?:" + _NUMBER + r")(?:\+(?!\s*\d))?(?!\w|\.\d))"
    r"|(?P<unit>\d+(?:\.\d+)?(?:ms|[smhdwkKM]|x"
    r"|(?:sec|second|min|minute|hr|hour|day|week|month|year)s?)\b)"
    r"|(?P<possessive>['’]s?(?![\w]))"
    r"|(?P<word>[^\W_](?:[\w]|[-/&.](?=[^\W_])|['’](?!s\b)(?=[^\W\d_]))*|_+[^\W_]\w*)"
    r"|(?P<path>\$[A-Za-z_][\w.]*|\$\((?:[^()\n]|\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\))*\))"
    r"|(?P<emphasis>\*{2,3}|_{2,}|`+)"
    r"|(?P<mark><=|>=|=>|=<|!=|==|->|→|&&|\|\||…|\.{3}|.)",
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


@lru_cache(maxsize=KEPT_LINES)
def _read_line(number: int, raw: str) -> Line:
    at = len(raw) - len(raw.lstrip(" "))
    if raw[at : at + 1].isalpha() and raw[at + 1 : at + 2] not in {".", ")"}:  # most lines
        words, comment = _read_words(number, raw, at)
        return Line(number, raw, Stuff.WORDS, at, "", _unadorned(words), comment)
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
    indent, bullet, at = len(lead.expandtabs(TAB)), "", len(lead)
    mixed = "\t" in lead and " " in lead
    if (quoted := _QUOTED.match(raw, at)) is not None:
        inner = raw[quoted.end() :]
        lead = inner[: len(inner) - len(inner.lstrip())]
        indent, at = max(0, len(lead.expandtabs(TAB)) - 1), quoted.end() + len(lead)
    mark = _BULLET.match(raw, at)
    if mark and not _is_number_line(raw, mark):
        bullet, at = mark.group().strip(), mark.end()
    words, comment = _read_words(number, raw, at)
    return Line(number, raw, Stuff.WORDS, indent, bullet, _unadorned(words), comment, mixed)


def _unadorned(words: list[Word]) -> list[Word]:
    """Without pictures at the end, but where they are all that is said."""
    if not words or words[-1].kind is not Is.MARK:
        return words
    end = len(words)
    while end and words[end - 1].kind is Is.MARK and words[end - 1].text in _PICTURES:
        end -= 1
    return words[:end] if end and words[end - 1].text != ":" else words


def _is_number_line(raw: str, mark: "re.Match[str]") -> bool:
    """`- 5` alone is a bullet with a number; a line that is only a bullet is kept as one."""
    return not raw[mark.end() :].strip() and not mark.group().strip()


def _read_words(number: int, raw: str, at: int) -> tuple[list[Word], str]:
    """The words from there on, and the remark behind them."""
    words: list[Word] = []
    glued, stop = False, min(len(raw), MAX_LINE)
    while at < stop:
        if (plain := _PLAIN.match(raw, at)) is not None:
            text = plain[1]
            end = plain.end()
            start = end - len(text)
            span = Span(number, start + 1, end + 1)
            words.append(Word(text, text.lower(), span, Is.WORD, glued and start == at))
            at, glued = end, True
            continue
        if raw[at] in _QUOTES and (word := _quoted(number, raw, at, glued=glued)):
            words.append(word)
            at, glued = word.span.end - 1, True
            continue
        if raw[at].isspace() and _COMMENT.match(raw, at):
            return words, raw[at:].strip()
        found = _LEX.match(raw, at)
        if found is None:  # the last alternative takes any character
            break
        at = found.end()
        if found.lastgroup == "space":
            glued = False
        elif found.lastgroup not in _STARRED or not _is_emphasis(raw, found):
            if found.lastgroup == "unit":
                words.extend(_counted(number, found, glued=glued))
            else:
                words.append(_taken(number, found, words[-1:], glued=glued))
            glued = True
    return words, ""


def _counted(number: int, found: "re.Match[str]", *, glued: bool) -> Iterator[Word]:
    """A number and its unit: `5min`."""
    text, start = found.group(), found.start() + 1
    cut = next(n for n, sign in enumerate(text) if not (sign.isdecimal() or sign == "."))
    middle = start + cut
    yield Word(text[:cut], text[:cut], Span(number, start, middle), Is.NUMBER, glued)
    yield Word(text[cut:], text[cut:], Span(number, middle, found.end() + 1), glued=True)


def _taken(number: int, found: "re.Match[str]", before: Sequence[Word], *, glued: bool) -> Word:
    """The word that was found."""
    text, (start, end) = found.group(), found.span()
    known = _KINDS.get(found.lastgroup or "mark", Is.WORD)
    if known is Is.SLOT:
        text = text[1:-1].strip()
    elif known is Is.POSSESSIVE and not (glued and before and before[0].kind in _OWNING):
        known = Is.MARK
    return Word(text, text.casefold(), Span(number, start + 1, end + 1), known, glued)


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


_STARRED = frozenset({"emphasis", "mark"})


def _is_emphasis(raw: str, found: "re.Match[str]") -> bool:
    """Whether it marks emphasis: several signs, or one that touches a word on one side."""
    at = found.start()
    if found.group() not in {"*", "_"}:
        return found.lastgroup == "emphasis"
    before = raw[at - 1] if at else " "
    after = raw[at + 1] if at + 1 < len(raw) else " "
    return before.isspace() != after.isspace()


def _between(mark: str, ends: str) -> "re.Pattern[str]":
    apostrophe = rf"|{ends}(?=[^\W_])" if mark in "'‘" else ""
    return re.compile(rf"(?:\\.|[^{ends}]{apostrophe})*", re.DOTALL)


_INSIDE = {mark: _between(mark, ends) for mark, ends in {**_QUOTES, '"': '"”', "“": '”"'}.items()}
"""What stands between a mark and the one that closes it; one of two is also an apostrophe."""


def _quoted(number: int, raw: str, at: int, *, glued: bool) -> Word | None:
    mark = raw[at]
    single = mark in "'‘"
    if single and glued:
        return None
    if mark == "”" and glued:
        return None
    inside = _INSIDE[mark].match(raw, at + 1)
    end = inside.end() if inside else at + 1
    closed = end < len(raw)
    if single and not closed:
        return None
    inner = raw[at + 1 : end]
    inner = inner.replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
    stop = end + 1 if closed else len(raw.rstrip())
    span = Span(number, at + 1, stop + 1)
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
    return words[0].span.to(words[-1].span) if len(words) > 1 else words[0].span
