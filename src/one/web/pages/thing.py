"""A thing as a person sees it and changes it: what it says, its tags, its life."""

from dataclasses import dataclass, replace
from uuid import UUID

from starlette.responses import Response

from one.domains import features, graph, payments
from one.domains.features import FaceShown
from one.domains.payments import Had
from one.domains.payments.offers import BY_NUMBER, on_sale
from one.domains.payments.wares import SOLD_TYPES
from one.errors import JSON, Conflict, Denied, NotFound, OneError
from one.ontology import STATUSES, EntityType
from one.runtime import Operation
from one.store import Entity
from one.web.pages.fields import (
    Field,
    Filled,
    changes,
    fields_of,
    filled,
    fitted,
    names_in,
    typed,
)
from one.web.pages.names import names_of
from one.web.pages.picking import entries, meant, references, told
from one.web.pages.reading import beside
from one.web.pages.visit import Act, Form, Page, Visit

VISIBLE = (
    ("public", "Everybody"),
    ("members", "Its members"),
    ("parties", "Its parties"),
    ("private", "Its owners alone"),
)
_DONE = {
    "made": "It is made.",
    "saved": "It is saved.",
    "same": "Nothing was changed.",
    "taken": "You have it.",
    "tagged": "The tags are changed.",
    "publish": "It is published.",
    "archive": "It is archived: nobody but its owners sees it.",
    "restore": "It is back.",
}
_NAME = Field("name", "line", required=True, first=True)
_SEEN = Field("visibility", "choice", tuple(known for known, _ in VISIBLE), first=True)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as the visitor sees it. `mine`: they may change it, and see what is private of it."""

    entity: Entity
    kind: EntityType
    mine: bool
    deleted: bool = False

    @property
    def values(self) -> dict[str, JSON]:
        """What its form is about, by key."""
        one = self.entity
        own: dict[str, JSON] = {"name": one.name, "visibility": one.visibility}
        return {**one.properties, **own}


def id_in(visit: Visit) -> UUID:
    """The id in the address. Raises NotFound."""
    return visit.id("There is nothing at this address.", cure="Find it by its name.")


async def thing_in(visit: Visit) -> Thing:
    """The thing in the address; one that was deleted for its owners. Raises NotFound."""
    id = id_in(visit)
    try:
        entity, mine = await _read(visit, id)
    except NotFound:
        gone = await visit.call(graph.list_entities, ids=[str(id)], deleted=True, limit=1)
        if not gone.result.items:
            raise
        return Thing(gone.result.items[0], _kind(visit, gone.result.items[0]), True, True)
    return Thing(entity, _kind(visit, entity), mine)


async def _read(visit: Visit, id: UUID) -> tuple[Entity, bool]:
    """Raises NotFound."""
    if visit.actor.id is None and not visit.actor.staff:
        return (await visit.call(graph.get_entity, id=id)).result, False
    try:
        return (await visit.call(graph.get_entity, id=id, include="private")).result, True
    except Denied:
        return (await visit.call(graph.get_entity, id=id)).result, False


def _kind(visit: Visit, entity: Entity) -> EntityType:
    return visit.app.desk.ontology.entity(entity.type)


def fields_for(visit: Visit, kind: EntityType) -> tuple[Field, ...]:
    """What a person may say of such a thing."""
    hidden = () if visit.actor.staff else kind.guarded
    ontology = visit.app.desk.ontology
    # a key that a type calls `name` or `visibility` is told by the thing's own
    return (_NAME, *fields_of(ontology, kind, hidden={*hidden, "name", "visibility"}), _SEEN)


async def _show(visit: Visit, form: Form) -> Response:
    thing = await thing_in(visit)
    return await shown(visit, thing, form=form)


async def shown(visit: Visit, thing: Thing, *, form: Form) -> Response:
    """The page of a thing."""
    tags = [] if thing.deleted else await _tags(visit, thing)
    fields = fields_for(visit, thing.kind)
    if thing.mine and not thing.deleted:
        read = await entries(visit, fields, form=form, values=thing.values)
    else:
        read = await told(visit, [filled(one, thing.values.get(one.key)) for one in fields])
    had = await _had(visit, thing)
    known = {one.key for one in fields}
    free = {k: v for k, v in thing.entity.properties.items() if k not in known and v is not None}
    return visit.page(
        "things/thing.html",
        done=_DONE.get(visit.query.get("done", ""), ""),
        entries=[one for one in read if one.field.first or one.text],
        rest=[one for one in read if not one.field.first and not one.text],
        form=form,
        free=free,
        may=_may(thing),
        deal=_deal(visit, thing, had),
        had=had,
        faces=await _faces(visit, thing),
        tags=tags,
        thing=thing,
        one=thing.entity,
        visible=dict(VISIBLE),
    )


async def _had(visit: Visit, thing: Thing) -> Had | None:
    """What somebody has of what others sell."""
    if thing.mine or not visit.signed_in or thing.entity.type not in SOLD_TYPES:
        return None
    return (await visit.call(payments.show_had, id=thing.entity.id)).result


def _deal(visit: Visit, thing: Thing, had: Had | None) -> tuple[str, str] | None:
    """Where it is bought, or its price is set, and how that is called."""
    if thing.deleted or thing.entity.type not in SOLD_TYPES:
        return None
    if thing.mine:
        return f"/sell/{thing.entity.id}", "Price and sales"
    again = thing.entity.type in BY_NUMBER
    if had is not None and (had.had or had.entered) and not again:
        return None
    words = {"open": "Buy more" if had and (had.had or had.units) else "Buy", "free": "Take it"}
    said = words.get(on_sale(thing.entity, now=visit.app.desk.clock.now()))
    return (f"/buy/{thing.entity.id}", said) if said else None


async def _faces(visit: Visit, thing: Thing) -> list[FaceShown]:
    """The features of a person that others may run."""
    if thing.deleted or "person" not in thing.kind.groups:
        return []
    return (await visit.call(features.list_faces, author=str(thing.entity.id))).result.items


async def _tags(visit: Visit, thing: Thing) -> list[tuple[str, str]]:
    """Its tags: what each is called in forms, and its words."""
    found = (await visit.call(graph.list_entity_tags, id=thing.entity.id)).result.items
    return [(f"{one.category}:{one.name}", one.name) for one in found]


def _may(thing: Thing) -> frozenset[str]:
    """What may be done with it as it stands."""
    if not thing.mine:
        return frozenset()
    if thing.deleted:
        return frozenset({"restore"})
    one, after = thing.entity, thing.kind.transitions
    following = after.get(one.status, frozenset[str]())
    steps = {"publish": "published", "archive": "archived"}
    may = {step for step, status in steps.items() if status in following and status in STATUSES}
    if one.status == "archived":
        may = {"restore"}
    return frozenset(may | (set() if "person" in thing.kind.groups else {"delete"}))


async def _save(visit: Visit) -> Response:
    """Keeps what was changed; where somebody else was faster, shows both."""
    thing = await thing_in(visit)
    fields = fields_for(visit, thing.kind)
    named = await meant(visit, references(fields), form=visit.form)
    visit = replace(visit, form=named.form)
    patch = changes(fields, _chosen(visit, fields), current=thing.values, wrong=named.wrong)
    own: dict[str, JSON] = {key: patch.pop(key) for key in ("name", "visibility") if key in patch}
    version = visit.number("version")
    here = f"/things/{thing.entity.id}"
    if not patch and not own and version == thing.entity.version:
        return visit.go(f"{here}?done=same")
    try:
        await visit.call(
            graph.update_entity,
            id=thing.entity.id,
            version=version or None,
            properties=patch or None,
            **own,
        )
    except Conflict as error:
        if "current" not in error.details:
            raise
        return await _compared(visit, thing, error)
    except OneError as error:
        raise beside(error, names_in(fields)) from None
    return visit.go(f"{here}?done=saved")


def _chosen(visit: Visit, fields: tuple[Field, ...]) -> dict[str, str]:
    """What was typed, without what the person leaves as somebody else put it."""
    left = {one.key for one in fields if visit.form.get(f"take.{one.key}") == "theirs"}
    if visit.form.get("whole") == "mine":
        left = set[str]()
    return {
        name: text
        for name, text in visit.form.items()
        if name.partition(".")[2].partition(".")[0] not in left
    }


@dataclass(frozen=True, slots=True)
class Differing:
    """A field that is otherwise by now. `both`: the two of them changed it."""

    mine: Filled
    theirs: Filled
    chosen: str
    both: bool


async def _compared(visit: Visit, thing: Thing, error: Conflict) -> Response:
    """The thing as it is by now beside what was typed, to choose from."""
    was = await _base(visit, thing)
    rows: list[Differing] = []
    for one in fields_for(visit, thing.kind):
        value = thing.values.get(one.key)
        theirs, mine = filled(one, value), typed(one, visit.form, faults={}, value=value)
        if (mine.text.split(), mine.currency if mine.text else "") == (
            theirs.text.split(),
            theirs.currency if theirs.text else "",
        ):
            continue
        # told apart as texts, in the field as it is shown now
        before = filled(one, was.get(one.key)) if fitted(one, value) == one else theirs
        changed = was == {} or before.text.split() != mine.text.split()
        both = changed and before.text.split() != theirs.text.split()
        rows.append(Differing(mine, theirs, "mine" if changed else "theirs", both))
    if not rows:
        return visit.go(f"/things/{thing.entity.id}?done=same")
    both_of = await told(visit, (one for row in rows for one in (row.mine, row.theirs)))
    rows = [
        replace(row, mine=mine, theirs=theirs)
        for row, mine, theirs in zip(rows, both_of[::2], both_of[1::2], strict=True)
    ]
    people = await _who(visit, thing)
    answer = visit.page(
        "things/conflict.html", one=thing.entity, rows=rows, who=people, visible=dict(VISIBLE)
    )
    answer.status_code = error.status
    return answer


async def _base(visit: Visit, thing: Thing) -> dict[str, JSON]:
    """What the thing was when its form was shown, where that is still known."""
    version = visit.number("version")
    if not version:
        return {}
    found = await visit.call(graph.list_history, id=thing.entity.id, limit=1, before=version + 2)
    first = found.result.items[0] if found.result.items else None
    if first is None or first.before is None or first.version != version + 1:
        return {}
    return Thing(first.before, thing.kind, mine=True).values


async def _who(visit: Visit, thing: Thing) -> str:
    """Who changed it last."""
    found = await visit.call(graph.list_history, id=thing.entity.id, limit=1)
    actor = found.result.items[0].actor if found.result.items else None
    if actor is None:
        return "Somebody else"
    if actor == visit.actor.id:
        return "You, elsewhere,"
    return (await names_of(visit, [actor])).get(actor, "Somebody else")


async def _tag(visit: Visit) -> Response:
    names = [name.strip() for name in visit.form.get("tags", "").split(",") if name.strip()]
    try:
        await visit.call(graph.tag_entity, id=id_in(visit), names=[*names])
    except OneError as error:
        raise _beside_tags(error) from None
    return visit.go(f"/things/{id_in(visit)}?done=tagged")


def _beside_tags(error: OneError) -> OneError:
    """Told above the form: a tag that can't be."""
    said = [one.message for one in error.faults]
    error.message = (
        f"{error.message} {said[0]}" if said and said[0] not in error.message else error.message
    )
    error.faults = ()
    return error


async def _untag(visit: Visit) -> Response:
    await visit.call(graph.untag_entity, id=id_in(visit), names=[visit.form.get("tag", "")])
    return visit.go(f"/things/{id_in(visit)}?done=tagged")


Changes = Operation[..., Entity]


def _act(change: Changes, done: str = "") -> Act:
    """What takes a thing a step through its life."""

    async def act(visit: Visit) -> Response:
        await visit.call(change, id=id_in(visit))
        return visit.go(f"/things/{id_in(visit)}{f'?done={done}' if done else ''}")

    return act


PAGES = (
    Page("/things/{id}", _show, _save),
    Page("/things/{id}/tag", _show, _tag, form="tag", read=False),
    Page("/things/{id}/untag", _show, _untag, form="tag", read=False),
    *(
        Page(f"/things/{{id}}/{step}", _show, act, form="life", read=False)
        for step, act in {
            "publish": _act(graph.publish_entity, "publish"),
            "archive": _act(graph.archive_entity, "archive"),
            "delete": _act(graph.delete_entity),
            "restore": _act(graph.restore_entity, "restore"),
        }.items()
    ),
)
