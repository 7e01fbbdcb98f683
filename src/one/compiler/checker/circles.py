"""Features that use each other in a circle, or themselves."""

from one.compiler.checker.infer import Judge
from one.compiler.program import Program, walk
from one.compiler.vocabulary import FeatureFace


def check_circles(judge: Judge, program: Program) -> None:
    """Each USE FEATURE that closes a circle; in a file that is the one of its last feature."""
    own = judge.vocabulary.feature(program.feature)
    for _, step in walk(program.flow):
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
    seen: set[str] = set()
    waiting: list[tuple[str, list[FeatureFace]]] = [(start, [])]
    while waiting:
        slug, before = waiting.pop(0)
        face = judge.vocabulary.feature(slug)
        if face is None or slug in seen:
            continue
        seen.add(slug)
        way = [*before, face]
        if goal in face.calls:
            return way
        waiting += [(call, way) for call in face.calls]
    return None


def _said(way: list[FeatureFace]) -> str:
    if not way:
        return "A feature can't use itself."
    chain = " uses ".join(f"“{face.title}”" for face in way)
    return f"This goes round in a circle: {chain} uses this one again."
