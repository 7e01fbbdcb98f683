"""What a feature looks up, who gets to see it, and what it answers."""

from collections.abc import Iterable, Iterator

from one.compiler.asking import asks
from one.compiler.expression import Call, Expr
from one.compiler.expression import children as parts_of
from one.compiler.program import Entity, Service, Step, trees_in
from one.compiler.sheet.effects import Scene
from one.compiler.sheet.origins import AUTHOR
from one.compiler.sheet.parts import Answer, Party, Read
from one.compiler.sheet.saying import agreed, all_of, capital, carried
from one.compiler.spoken import listed, words

EVERYBODY = Party(who="everybody")
_MESSAGES = frozenset({"email", "sms", "push"})


def reads_of(scene: Scene, receiver: Party) -> Iterator[Read]:
    """Every look-up, with the eyes of all who get what comes of it."""
    eyes: dict[str, list[Party]] = {}
    for path, step in scene.origins.steps:
        for seers, trees in _sinks(step, scene, receiver):
            carried_reads = scene.origins.all(trees).reads | _balances(path, trees)
            for read in sorted(carried_reads):
                eyes.setdefault(read, []).extend(seers)
    for path, step in scene.origins.steps:
        if step.query is not None:
            about = _about(scene, trees_in(step.query))
            yield _read(path, asks(step.query), (eyes.get(path, []), about))
        for tree in _asked(trees_in(step)):
            about = _about(scene, tree.args)
            yield _read(path, words(tree), (eyes.get(f"{path}:balance", []), about))


def _read(path: str, what: str, who: tuple[Iterable[Party], tuple[Party, ...]]) -> Read:
    seen, about = who
    eyes = tuple(dict.fromkeys(one for one in seen if one != AUTHOR))
    whom = f"what {all_of(eyes)} may see" if eyes else "for your eyes alone"
    between = f"; of {all_of(about)} only what lies between them and you" if about else ""
    return Read(
        steps=(path,),
        says=f"Looks up {what}: {whom}{between}.",
        what=what,
        eyes=eyes,
        about=about,
    )


def _about(scene: Scene, trees: Iterable[Expr]) -> tuple[Party, ...]:
    """The people whose history a look-up is about, the author left out."""
    found = [
        one
        for tree in trees
        for part in _all_parts(tree)
        if scene.origins.is_person(part)
        for one in scene.origins.of(part).people
        if one != AUTHOR
    ]
    return tuple(dict.fromkeys(found))


def _all_parts(tree: Expr) -> Iterator[Expr]:
    yield tree
    for part in parts_of(tree):
        yield from _all_parts(part)


def _asked(trees: Iterable[Expr]) -> Iterator[Call]:
    """Balances that are read where they stand."""
    for tree in trees:
        for part in _all_parts(tree):
            if isinstance(part, Call) and part.name == "balance":
                yield part


def _balances(path: str, trees: Iterable[Expr]) -> frozenset[str]:
    return frozenset({f"{path}:balance"} if any(True for _ in _asked(trees)) else ())


def _sinks(
    step: Step, scene: Scene, receiver: Party
) -> Iterator[tuple[tuple[Party, ...], list[Expr]]]:
    """Where values of a step go to somebody: who gets them, and which values."""
    people = scene.origins.people
    if step.return_ is not None:
        yield (receiver,), list(step.return_.values())
    if step.show is not None:
        yield (
            people(step.show.to) if step.show.to is not None else (receiver,),
            list(step.show.values.values()),
        )
    if step.notify is not None:
        yield people(step.notify.to), [step.notify.about, *step.notify.with_.values()]
    if step.service is not None:
        yield from _sent(step.service, scene)
    if step.entity is not None:
        yield _seers(step.entity), [*step.entity.properties.values(), *_named(step.entity)]
    if step.event is not None and step.event.actor is not None:
        yield people(step.event.actor), list(step.event.metadata.values())


def _named(entity: Entity) -> Iterable[Expr]:
    return [entity.name] if entity.name is not None else []


def _seers(entity: Entity) -> tuple[Party, ...]:
    """A thing that is made seen is seen by everybody; else it is its owner's."""
    seen = entity.status == "published" or entity.visibility == "public"
    return (EVERYBODY,) if seen else ()


def _sent(call: Service, scene: Scene) -> Iterator[tuple[tuple[Party, ...], list[Expr]]]:
    to = call.params.get("to") or call.params.get("guest") or call.params.get("customer")
    inside = [tree for key, tree in call.params.items() if key not in {"to", "guest", "customer"}]
    if call.provider in _MESSAGES or call.method == "book":
        yield (scene.origins.people(to) if to is not None else ()), inside
    elif call.method == "publish":
        yield (EVERYBODY,), inside


def answers_of(scene: Scene, receiver: Party) -> Iterator[Answer]:
    """What comes back to whoever runs it."""
    for path, step in scene.origins.steps:
        values = step.return_ if step.return_ is not None else step.show and step.show.values
        if not values:
            continue
        to = receiver
        if step.show is not None and step.show.to is not None:
            to = scene.origins.people(step.show.to)[0]
        what = listed(carried(values.values())) or "an answer in your words"
        said = f"{capital(agreed(to, 'gets'))} {what}."
        yield Answer(steps=(path,), says=said, to=to, gives=tuple(values))
