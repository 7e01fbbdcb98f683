"""A feature's test module: a test for each way through it that a run can be led."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from one.compiler.bind.feature import slug_of
from one.compiler.emit.cases.finding import Finding
from one.compiler.emit.cases.scene import Unsolved
from one.compiler.emit.cases.setting import Setting
from one.compiler.emit.cases.steps import SHAPES
from one.compiler.emit.cases.ways import Fork, Unreached, Walk, path_of
from one.compiler.emit.module import SDK, Emitted
from one.compiler.emit.printing import imported, laid_out
from one.compiler.emit.tidying import tidied
from one.compiler.light import frozen
from one.compiler.program import Program, Query
from one.compiler.vocabulary import Vocabulary

_MOST = 60
_GOOD = "It goes well"
Told = Mapping[str, int]


@frozen
class Missed:
    """A way that no test takes: where it parts, a path of the program, and why in words."""

    path: str
    says: str


@frozen
class Cases:
    """The test module, and the ways that no test takes."""

    module: str
    missed: tuple[Missed, ...]
    count: int


@frozen
class _Case:
    says: str
    lines: tuple[str, ...]


@frozen
class _Goal:
    """A side of a fork that a test shall take, and the ways to come there, the likeliest first."""

    path: str
    says: str
    told: tuple[Told, ...]


def cases_of(program: Program, vocabulary: Vocabulary, *, emitted: Emitted) -> Cases:
    """The tests of a whole program."""
    found: list[_Case] = []
    missed: dict[str, Missed] = {}
    seen: set[tuple[str, int]] = set()
    goals = [_Goal("", _GOOD, ({},))]
    while goals and len(found) < _MOST:
        goal = goals.pop(0)
        why = path = ""
        for told in goal.told:
            walk = Walk(program, vocabulary, emitted.errors, told, SHAPES, _can_place)
            try:
                lines = _lines(walk)
            except (Unreached, Unsolved) as error:
                known = isinstance(error, Unreached)
                path = path or (error.path if known else "")
                why = why or (error.why if known else "is known too late")
            else:
                found.append(_Case(goal.says, tuple(lines)))
                seen |= {(fork.place, fork.taken) for fork in walk.forks}
                goals += _goals(walk.forks, seen)
                missed |= {path: Missed(path, says) for path, says in walk.unplaced.items()}
                break
        else:
            says = why if goal.says in (_GOOD, *why.split(": ")) else f"{goal.says}: {why}"
            missed[says] = Missed(goal.path or path, says)
    if not found:
        walk = Walk(program, vocabulary, emitted.errors, {}, SHAPES, _can_place)
        found += _open(walk)
    told_ = tuple(missed.values())
    return Cases(_module(program, found, told_), told_, len(found))


def _open(walk: Walk) -> Iterator[_Case]:
    """A test that only sees whether it runs, where nothing can be told of what it does."""
    with suppress(Unreached, Unsolved):
        with suppress(Unreached):
            walk.go()
        lines = [*_placed(walk), "    did.ended()"]
        yield _Case("It runs to an end", tuple(tidied(lines, depth=1)))


def _can_place(walk: Walk, query: Query) -> bool:
    return Finding(walk, {}, {}).can_place(query)


def _goals(forks: Sequence[Fork], seen: set[tuple[str, int]]) -> Iterator[_Goal]:
    """The sides that were not taken, each once."""
    for n, fork in enumerate(forks):
        for side in range(len(fork.sides)):
            if (fork.place, side) in seen:
                continue
            seen.add((fork.place, side))
            path = path_of(fork.place)
            yield _Goal(path, fork.sides[side].says, tuple(_told(forks[:n], fork.place, side)))


def _told(before: Sequence[Fork], place: str, side: int) -> Iterator[Told]:
    taken = {fork.place: fork.taken for fork in before}
    yield {**taken, place: side}
    for n in reversed(range(len(before))):
        first = {fork.place: fork.taken for fork in before[:n]}
        for other in range(len(before[n].sides)):
            if other != before[n].taken:
                yield {**first, before[n].place: other, place: side}


def _lines(walk: Walk) -> list[str]:
    """A test's statements. Raises Unreached, Unsolved."""
    walk.go()
    for place in walk.told:
        if place not in {fork.place for fork in walk.forks}:
            raise Unreached("the way that leads there is another one")
    return tidied([*_placed(walk), *walk.write.writer.lines], depth=1)


def _placed(walk: Walk) -> list[str]:
    """The statements that put things in place and run it. Raises Unreached, Unsolved."""
    facts = {**walk.scene.facts, **(walk.scene.solved() or {})}
    placed = Setting(walk, facts).write()
    return [line for one in placed for line in laid_out(one, 1)]


# --- the module -----------------------------------------------------------------------------------


def _module(program: Program, found: Sequence[_Case], missed: Sequence[Missed]) -> str:
    title = " ".join((program.title or program.feature).replace('"', "'").split())
    title = "".join(one for one in title if one.isprintable() and one != "\\")
    body: list[str] = []
    names: set[str] = set()
    for case in found:
        name = _fresh(f"test_{slug_of(case.says)[:50].strip('_')}", names)
        body += ["", "", f"async def {name}(rehearsal: Rehearsal) -> None:"]
        body += [f'    """{_sentence(case.says)}"""']
        body += case.lines
    doc = [f'"""What {title!r} does, way by way.'.replace("'", "“", 1).replace("'", "”", 1), ""]
    doc += ["Written by ONE from the text of the feature."]
    if missed:
        doc += ["", "No run can be led where", *[f"- {_plain(one.says)}" for one in missed]]
    text = "\n".join(body)
    nodes = list(ast.walk(ast.parse(text)))
    used = {one.id for one in nodes if isinstance(one, ast.Name)}
    harness = sorted(used & {"Rehearsal", "PLANNED"})
    sdk = sorted(used & SDK, key=lambda one: (not one[0].isupper(), one))
    head = [*doc, '"""', ""]
    head += imported("one.sdk", sdk) if sdk else []
    head += imported("one.workshop.rehearsal", harness) if harness else []
    return "\n".join([*head, text]).rstrip() + "\n"


def _fresh(name: str, names: set[str]) -> str:
    found, n = name, 2
    while found in names:
        found, n = f"{name}_{n}", n + 1
    names.add(found)
    return found


def _sentence(says: str) -> str:
    said = _plain(says)
    return f"{said[:1].upper()}{said[1:]}."


def _plain(says: str) -> str:
    said = "".join(one for one in " ".join(says.split()) if one.isprintable() and one != "\\")
    said = said.replace('"', "'").rstrip(".")
    return said if len(said) <= 84 else f"{said[:83].rstrip()}…"
