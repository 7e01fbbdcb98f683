"""Amounts as they are written elsewhere: `$5,00`, `5€`, `-$5`, `$5 USD`, `10.000 views`.

What can only be one thing is read as that; what could be two, or is less than nothing, is told once
where it stands, and read on as what it was most likely meant as.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity
from one.compiler.reader import Is, Line, Word, currency_of, whole

_AMOUNTS = frozenset({Is.NUMBER, Is.MONEY})
_SIGNS = "$€£¥₹"
_SIGN_OF = {"usd": "$", "dollar": "$", "eur": "€", "euro": "€", "gbp": "£", "pound": "£"} | {
    "jpy": "¥",
    "yen": "¥",
}
_NAMES = "|".join(_SIGN_OF)
_ODD = re.compile(
    rf"\d,\d{{1,2}}(?!\d)|\d\.\d\d0(?!\d)|-\s?[{_SIGNS}]|[{_SIGNS}]\s?-|\d\s?[{_SIGNS}]"
    rf"|(?:[{_SIGNS}]\s?[\d.,]+|(?:{_NAMES})s?)\s+(?:{_NAMES})s?\b|(?:{_NAMES})\s+[{_SIGNS}]"
    rf"|-\d[\d.,]*\s+(?:{_NAMES})",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})*,\d{1,2}|\d+,\d{1,2}")
_POINT = re.compile(r"\d{1,3}\.\d\d0")
_LENGTHS = frozenset({"second", "minute", "hour", "day", "week", "month", "year", "percent"})

_MEASURING = frozenset({"than", "least", "most", "is", "by", "times", "over", "under", "amount"})
"""Words that one number follows, not a list of them."""


@dataclass(slots=True)
class _Amount:
    """Words that are one amount: its digits, what it counts in, and whether it is less than 0."""

    words: list[Word]
    digits: str
    signs: list[str]
    negative: bool
    percent: bool

    @property
    def said(self) -> str:
        return "".join(f"{'' if word.glued else ' '}{word.text}" for word in self.words).strip()


def as_written_here(line: Line, findings: Findings) -> Line:
    """The line with every amount as the language writes it; what is in doubt is told."""
    if line.kinds.isdisjoint(_AMOUNTS) or not _ODD.search(line.raw):
        return line
    words: list[Word] = []
    at = 0
    while at < len(line.words):
        found = _amount(line.words, at)
        around = line.words[:at][-1:], line.words[at + len(found.words) :] if found else []
        if found is None or (right := _right(found, *around)) is None:
            words.append(line.words[at])
            at += 1
            continue
        _tell(found, right, findings)
        words.append(_merged(found, right))
        at += len(found.words)
    return line.with_words(words)


def _amount(words: Sequence[Word], at: int) -> _Amount | None:
    """The amount that begins there."""
    signs: list[str] = []
    n, negative = at, False
    while n < len(words) and words[n].kind not in {Is.NUMBER, Is.MONEY}:
        sign = _sign(words[n])
        minus = words[n].text == "-" and n + 1 < len(words) and words[n + 1].glued
        if not sign and (not minus or (n == at and words[n].glued)):
            return None
        signs += [sign] if sign else []
        negative = negative or minus
        n += 1
    if n == len(words) or n - at > 3:
        return None
    text = words[n].text
    if words[n].kind is Is.MONEY:
        signs.append(text[0])
        text = text[1:].strip()
    percent, n = False, n + 1
    while _goes_on(words[n : n + 2]):
        percent = words[n + 1].kind is Is.PERCENT
        text += "," + words[n + 1].text.rstrip("% ")
        n += 2
    while n < len(words) and (sign := _sign(words[n])) and len(signs) < 3:
        signs.append(sign)
        n += 1
    return _Amount(list(words[at:n]), text, signs, negative, percent)


def _goes_on(words: Sequence[Word]) -> bool:
    """`,00` straight behind a number."""
    return (
        len(words) == 2
        and words[0].text == ","
        and all(word.glued for word in words)
        and words[1].kind in {Is.NUMBER, Is.PERCENT}
    )


def _sign(word: Word) -> str:
    if word.kind is Is.MARK:
        return word.text if word.text in _SIGNS else ""
    low = word.low.removesuffix("s") if word.kind is Is.WORD else ""
    return _SIGN_OF.get(low, "")


def _right(amount: _Amount, before: Sequence[Word], after: Sequence[Word]) -> list[str] | None:
    """How it is written here, most likely first; None where it is right, or no amount at all."""
    sign = amount.signs[0] if amount.signs else ""
    counted = bool(after) and after[0].low.removesuffix("s") in _LENGTHS
    counted = counted or (bool(before) and before[0].low in _MEASURING)
    unit = "%" if amount.percent else ""
    if _COMMA.fullmatch(amount.digits) and (sign or counted or unit):
        plain = amount.digits.replace(".", "").replace(",", ".")
        return [_written(sign, plain) + unit]
    if _POINT.fullmatch(amount.digits) and (sign or amount.digits.endswith(".000")):
        return [
            _written(sign, amount.digits.replace(".", ",")),
            _written(sign, amount.digits.rstrip("0").rstrip(".")),
        ]
    if len(set(amount.signs)) > 1:
        return [one + amount.digits for one in dict.fromkeys(amount.signs)]
    if sign and (amount.negative or len(amount.signs) > 1 or _trails(amount)):
        return [sign + amount.digits]
    return None


def _trails(amount: _Amount) -> bool:
    """`5€`: the sign stands behind."""
    last = amount.words[-1]
    return last.kind is Is.MARK and last.text in _SIGNS


def _written(sign: str, digits: str) -> str:
    whole_, point, rest = digits.partition(".")
    grouped = f"{int(whole_):,}" if whole_.isdigit() else whole_
    return f"{sign}{grouped}{point}{rest}"


def _tell(amount: _Amount, right: Sequence[str], findings: Findings) -> None:
    why = "Write $5, $4.50 or $1,200: a point stands before the cents."
    if len(set(amount.signs)) > 1:
        names = " and ".join(currency_of(one).upper() for one in dict.fromkeys(amount.signs))
        said, code = f"“{amount.said}” is in {names}. Which is it?", "E503"
        why = "One amount has one currency."
    elif amount.negative:
        said, code = f"“{amount.said}” is less than nothing.", "E214"
        why = "An amount says how much. Who pays and who is paid is said by the command."
    elif len(right) > 1 or _COMMA.fullmatch(amount.digits):
        code = "E214"
        meant = " or ".join(right)
        said = f"“{amount.said}” is not how a number is written here. Did you mean {meant}?"
    else:
        return
    place = whole(amount.words)
    fixes = [Fix(f"Write {one}", (Edit(place, one),), Applies.MAYBE) for one in right]
    findings.say(Severity.ERROR, (code, place, said), fixes=fixes, why=why)


def _merged(amount: _Amount, right: Sequence[str]) -> Word:
    text = right[0]
    kind = Is.MONEY if text[0] in _SIGNS else Is.PERCENT if text[-1] == "%" else Is.NUMBER
    first = amount.words[0]
    return replace(first, text=text, low=text.casefold(), span=whole(amount.words), kind=kind)
