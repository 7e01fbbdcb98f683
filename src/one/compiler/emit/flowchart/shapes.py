"""Parts of a flow chart: boxes that know their size, put below and beside each other.

Whatever goes in comes in at the top of a part's axis and leaves at its bottom. Sizes are pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from textwrap import wrap

from one.compiler.light import frozen

GAP, BESIDE, PAD = 26, 34, 14
_LINE, _LETTER, _WIDEST = 17, 7.0, 34
_NARROWEST = 120

Draw = Callable[[float, float], list[str]]


@frozen
class Part:
    """`draw` gives the SVG of the part with its left upper corner at a place. `ends`: nothing goes
    on from here.
    """

    width: float
    height: float
    axis: float
    draw: Draw
    ends: bool = False


def _nothing(_x: float, _y: float) -> list[str]:
    return []


NOTHING = Part(0, 0, 0, _nothing)


def box(text: str, kind: str, *, ends: bool = False) -> Part:
    """A step in words. `kind` is its colour."""
    lines = wrap(text, _WIDEST, break_long_words=True) or [""]
    width = max(_NARROWEST, max(map(len, lines)) * _LETTER + 2 * PAD + 6)
    height = len(lines) * _LINE + 2 * PAD - 6

    def draw(x: float, y: float) -> list[str]:
        shape = (
            f'<rect class="box {kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            ' rx="8"/>'
        )
        mark = (
            f'<rect class="mark {kind}" x="{x:g}" y="{y + 8:g}" width="4"'
            f' height="{height - 16:g}" rx="2"/>'
        )
        words = [
            _text(line, x + PAD + 2, y + PAD + 8 + n * _LINE, kind="words")
            for n, line in enumerate(lines)
        ]
        return [shape, mark, *words]

    return Part(width, height, width / 2, draw, ends)


def _text(said: str, x: float, y: float, *, kind: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(said)}</text>'


def line(*points: tuple[float, float], arrow: bool = True, kind: str = "") -> str:
    """A line through points."""
    path = " L".join(f"{x:g} {y:g}" for x, y in points)
    end = ' marker-end="url(#tip)"' if arrow else ""
    return f'<path class="line {kind}" d="M{path}"{end}/>'


def below(parts: Sequence[Part]) -> Part:
    """Parts one after the other."""
    found = [part for part in parts if part.height]
    if not found:
        return NOTHING
    axis = max(part.axis for part in found)
    width = axis + max(part.width - part.axis for part in found)
    height = sum(part.height for part in found) + GAP * (len(found) - 1)

    def draw(x: float, y: float) -> list[str]:
        drawn: list[str] = []
        for n, part in enumerate(found):
            drawn += part.draw(x + axis - part.axis, y)
            y += part.height
            if n < len(found) - 1:
                if not part.ends:
                    drawn.append(line((x + axis, y), (x + axis, y + GAP - 2)))
                y += GAP
        return drawn

    return Part(width, height, axis, draw, found[-1].ends)


def split(head: Part, sides: Sequence[tuple[str, Part]]) -> Part:
    """Ways that part after a head and meet again; a way without parts goes straight on."""
    columns = [(label, part if part.height else _straight()) for label, part in sides]
    inner = sum(part.width for _, part in columns) + BESIDE * (len(columns) - 1)
    lefts: list[float] = []
    left = 0.0
    for _, part in columns:
        lefts.append(left)
        left += part.width + BESIDE
    axes = [at + part.axis for at, (_, part) in zip(lefts, columns, strict=True)]
    axis = max((axes[0] + axes[-1]) / 2, head.axis)
    shift = axis - (axes[0] + axes[-1]) / 2
    width = max(shift + inner, axis - head.axis + head.width)
    tallest = max(part.height for _, part in columns)
    height = head.height + 2 * GAP + tallest + GAP
    ends = all(part.ends for _, part in columns)

    def draw(x: float, y: float) -> list[str]:
        drawn = head.draw(x + axis - head.axis, y)
        fork, top = y + head.height + GAP * 0.6, y + head.height + 2 * GAP
        bottom = y + height
        drawn.append(line((x + axis, y + head.height), (x + axis, fork), arrow=False))
        for (label, part), at, own in zip(columns, lefts, axes, strict=True):
            to = x + shift + own
            drawn.append(line((x + axis, fork), (to, fork), (to, top - 2)))
            if label:
                drawn.append(_text(label, to + 6, top - 10, kind="label"))
            drawn += part.draw(x + shift + at, top)
            if not part.ends:
                end = top + part.height
                points = ((to, end), (to, bottom - GAP * 0.4), (x + axis, bottom - GAP * 0.4))
                drawn.append(line(*points, arrow=False))
        if not ends:
            drawn.append(line((x + axis, bottom - GAP * 0.4), (x + axis, bottom), arrow=False))
        return drawn

    return Part(width, height, axis, draw, ends)


def _straight() -> Part:
    return Part(30, 1, 15, lambda x, y: [line((x + 15, y), (x + 15, y + 1), arrow=False)])


def aside(part: Part, label: str, *, other: Part) -> Part:
    """What is done beside a part when that doesn't hold or fails."""
    if not other.height:
        return part
    left = part.width + BESIDE + len(label) * 6
    width, height = left + other.width, max(part.height, other.height)
    joins = not other.ends

    def draw(x: float, y: float) -> list[str]:
        at = y + min(24, part.height / 2)
        drawn = part.draw(x, y)
        drawn.append(line((x + part.width, at), (x + left - 2, at), kind="wrong"))
        drawn.append(_text(label, x + part.width + 8, at - 6, kind="label"))
        drawn += other.draw(x + left, y)
        if not part.ends and height > part.height:
            start = (x + part.axis, y + part.height)
            drawn.append(line(start, (x + part.axis, y + height), arrow=False))
        if joins:
            down = x + left + other.axis
            end = y + height + GAP * 0.5
            drawn.append(
                line((down, y + other.height), (down, end), (x + part.axis, end), kind="wrong")
            )
        return drawn

    more = GAP * 0.5 if joins else 0
    return Part(
        width, height + more, part.axis, _joined(draw, part, height=height, more=more), part.ends
    )


def _joined(draw: Draw, part: Part, *, height: float, more: float) -> Draw:
    def drawn(x: float, y: float) -> list[str]:
        found = draw(x, y)
        if more and not part.ends:
            start = (x + part.axis, y + height)
            found.append(line(start, (x + part.axis, y + height + more), arrow=False))
        return found

    return drawn


def framed(title: str, inner: Part, *, kind: str) -> Part:
    """A frame around what stands together; `kind` loop has a line back to its beginning."""
    lines = wrap(title, 44)
    loop = kind == "loop"
    left = PAD + (18 if loop else 0)
    top = len(lines) * _LINE + PAD
    width = max(inner.width + left + PAD, max(map(len, lines), default=0) * _LETTER + 2 * PAD)
    spare = (width - inner.width - left - PAD) / 2
    height = top + inner.height + 2 * PAD

    def draw(x: float, y: float) -> list[str]:
        drawn = [
            f'<rect class="frame {kind}" x="{x:g}" y="{y:g}" width="{width:g}"'
            f' height="{height:g}" rx="10"/>'
        ]
        drawn += [
            _text(said, x + PAD, y + PAD + 5 + n * _LINE, kind="title")
            for n, said in enumerate(lines)
        ]
        at = x + left + spare
        drawn += inner.draw(at, y + top + PAD / 2)
        if loop and not inner.ends:
            end, begin = y + top + PAD / 2 + inner.height, y + top + PAD / 2
            back = x + PAD - 2
            axis = at + inner.axis
            points = ((axis, end), (axis, end + 8), (back, end + 8), (back, begin - 6))
            drawn.append(line(*points, (axis - 3, begin - 6), kind="back"))
        return drawn

    return Part(width, height, left + spare + inner.axis, draw, inner.ends)


def going_on(part: Part) -> Part:
    """The same, after which it goes on."""
    return replace(part, ends=False)
