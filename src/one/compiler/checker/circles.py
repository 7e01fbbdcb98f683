"""Features that use each other in a circle, or themselves."""

from collections import deque
from collections.abc import Mapping, Sequence

from one.compiler.checker.infer import Judge
from one.compiler.program import Program, Step
from one.compiler.vocabulary import FeatureFace

MOST = 200
"""Features that a circle is looked for among."""


def check_circles(judge: Judge, program: Program, steps: Sequence[Step]) -> None:
    """Each USE FEATURE that closes a circle; in a file that is the one of its last feature."""
    own = judge.vocabulary.feature(program.feature)
    for step in steps:
        if step.call is None:
            continue
        way = _way(judge, step.call.feature, program.feature)
        if way is None or any(own and one.line > own.line for one in way):
            continue
        judge.error("E604", _said(way), span=judge.locate(step))


def _way(judge: Judge, start: str, goal: str) -> list[FeatureFace] | None:
    """The features from `start` on by which `goal` is used again; none when it is `goal`."""
    if start == goal:
        return []
    users = {start: ""}
    waiting = deque([start])
    while waiting and len(users) <= MOST:
        slug = waiting.popleft()
        face = judge.vocabulary.feature(slug)
        calls = face.calls if face is not None else ()
        if goal in calls:
            return _chain(judge, slug, users)
        fresh = dict.fromkeys((call for call in calls if call not in users), slug)
        users |= fresh
        waiting.extend(fresh)
    return None


def _chain(judge: Judge, last: str, users: Mapping[str, str]) -> list[FeatureFace]:
    """The features from the first to the last, each used by the one before it."""
    way: list[FeatureFace] = []
    while last:
        face = judge.vocabulary.feature(last)
        way = [face, *way] if face is not None else way
        last = users[last]
    return way


def _said(way: list[FeatureFace]) -> str:
    if not way:
        return "A feature can't use itself."
    chain = " uses ".join(f"“{face.title}”" for face in way)
    return f"This goes round in a circle: {chain} uses this one again."
