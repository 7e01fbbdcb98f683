"""Where things stand in a small picture: those that are connected to one, around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from uuid import UUID

from one.store import Entity

WIDTH, HEIGHT = 720, 420
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Around:
    """A thing around the one in the middle: its place, and the words that stand there."""

    id: UUID
    name: str
    words: str
    relation: str
    x: int
    y: int
    anchor: str


def around(ends: Sequence[tuple[str, str, Entity]]) -> list[Around]:
    """The relation, its way and the thing at its end, in a ring: those that it leads to on the
    right, those that lead to it on the left.
    """
    right = [end for end in ends if end[1] == "out"]
    left = [end for end in ends if end[1] != "out"]
    return [
        *(_placed(end, at, len(right), side=1) for at, end in enumerate(right)),
        *(_placed(end, at, len(left), side=-1) for at, end in enumerate(left)),
    ]


def _placed(end: tuple[str, str, Entity], at: int, many: int, *, side: int) -> Around:
    relation, _, thing = end
    turn = pi * ((at + 0.5) / many - 0.5)
    x = round(WIDTH / 2 + side * (80 + 110 * cos(turn)))
    y = round(HEIGHT / 2 + (HEIGHT / 2 - 24) * sin(turn))
    short = thing.name if len(thing.name) <= _LONGEST else f"{thing.name[: _LONGEST - 1]}…"
    return Around(thing.id, thing.name, short, relation, x, y, "start" if side > 0 else "end")
