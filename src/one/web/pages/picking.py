"""Things that forms refer to, picked by their names: what a name meant, and what it may mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from one.domains import graph
from one.errors import JSON
from one.store import Entity
from one.web.pages.exploring import quoted
from one.web.pages.fields import Field, Filled, Offer, typed
from one.web.pages.names import names_of
from one.web.pages.visit import Form, Visit

_WHICH, _PICK = ".which", ".pick"
_KNOWN = 20
_TYPES = 10
_LINES = 20
_LONGEST = 300  # characters of a filter
_COMMON = ("course", "lesson", "community", "creator", "blog_post", "video", "token")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of a form that is to hold things of these types (none: any); `lines`: one on each."""

    name: str
    types: tuple[str, ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """What the names in a form came to. `form` has ids in their place; `wrong` is what to say of
    those that came to nothing, and `near` the things that they may have meant.
    """

    form: Mapping[str, str]
    wrong: Mapping[str, str]
    near: Mapping[str, tuple[Entity, ...]]


def common(types: Iterable[str]) -> list[str]:
    """As many as one list holds: what people make most."""
    return sorted(types, key=lambda name: (name not in _COMMON, name))[:_TYPES]


async def meant(visit: Visit, wanted: Iterable[Wanted], *, form: Mapping[str, str]) -> Meant:
    """Finds what is called as somebody typed; an id stands for itself."""
    read, wrong, near = dict(form), dict[str, str](), dict[str, tuple[Entity, ...]]()
    fields = [one for one in wanted if form.get(one.name, "").strip()]
    chosen = await _chosen(visit, fields, form)
    for one in fields:
        said = form[one.name].strip()
        if one.lines:
            read[one.name], words = await _each(visit, one, said)
            if words:
                wrong[one.name] = words
        elif is_id(said):
            read[one.name] = said
        elif one.name in chosen:
            read[one.name] = chosen[one.name]
        else:
            found, words = await _called(visit, one, said)
            if words:
                wrong[one.name], near[one.name] = words, found
            else:
                read[one.name] = str(found[0].id)
    return Meant(read, wrong, near)


def is_id(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False


def _same(name: str, said: str) -> bool:
    return name.casefold() == said.casefold()


async def _chosen(
    visit: Visit, fields: Iterable[Wanted], form: Mapping[str, str]
) -> dict[str, str]:
    """The ids of those that stood there before, or were picked among what a name may have meant."""
    said = {
        (one.name, end): UUID(form[one.name + end])
        for one in fields
        for end in (_WHICH, _PICK)
        if is_id(form.get(one.name + end, ""))
    }
    names = {id: name.casefold() for id, name in (await names_of(visit, said.values())).items()}
    found: dict[str, str] = {}
    for (field, end), id in said.items():
        name, text = names.get(id, ""), form[field].strip().casefold()
        if name == text or (end == _PICK and name.startswith(text)):
            found[field] = str(id)
    return found


async def _each(visit: Visit, wanted: Wanted, said: str) -> tuple[str, str]:
    """Ids in the place of names, line by line, and what is wrong with the first that is none."""
    names = [line.strip() for line in said.splitlines() if line.strip()]
    if len([name for name in names if not is_id(name)]) > _LINES:
        return said, f"Name at most {_LINES}"
    ids: list[str] = []
    for name in names:
        if is_id(name):
            ids.append(name)
            continue
        found, words = await _called(visit, wanted, name)
        if words:
            several = len([one for one in found if _same(one.name, name)]) > 1
            cure = "write the id of the one you mean; it stands on its page" if several else ""
            near = "" if several else ", ".join(f"“{one.name}”" for one in found[:3])
            return said, f"“{name}”: {cure or words}{f' {near}' if near else ''}"
        ids.append(str(found[0].id))
    return "\n".join(ids), ""


async def _called(visit: Visit, wanted: Wanted, said: str) -> tuple[tuple[Entity, ...], str]:
    """The thing of this name; where it isn't one alone, those that it may be and what to say."""
    exactly = f"name eq {quoted(said)}"
    begun: list[Entity] = []
    if "\0" in said:
        found = begun
    elif len(exactly) <= _LONGEST:
        found = await _found(visit, wanted.types, exactly)
    else:
        begun = await _found(visit, wanted.types, begins(said))
        found = [one for one in begun if _same(one.name, said)]
    if len(found) == 1:
        return (found[0],), ""
    if found:
        return tuple(found), "Several are called so: choose one"
    if "\0" not in said and not begun:
        begun = await _found(visit, wanted.types, begins(said))
    if begun:
        return tuple(begun), "Nothing is called just so. Did you mean one of these?"
    return (), "Nothing that you see is called so"


def begins(said: str) -> str:
    """The filter for names that begin so, as far as a filter holds it."""
    asked = f"name startsWith {quoted(said[:100])}"
    return asked if len(asked) <= _LONGEST else f"name startsWith {quoted(said[:40])}"


async def _found(
    visit: Visit, types: Iterable[str], where: str | None = None, *, owner: UUID | None = None
) -> list[Entity]:
    """As many as somebody can choose from, the newest first unless they are found by name."""
    known = visit.app.desk.ontology.entities
    asked: list[JSON] = [*common(types or known)]
    whose = str(owner) if owner else None
    return (
        await visit.call(graph.list_entities, type=asked, where=where, owner=whose, limit=_KNOWN)
    ).result.items


async def _known(visit: Visit, types: Iterable[str], authors: Iterable[UUID]) -> tuple[Entity, ...]:
    """Some to choose from, each kind newest first: whoever looks has their own before those of
    the authors and everybody's.
    """
    found: dict[UUID, Entity] = {}
    own = [visit.actor.id] if visit.actor.id else []
    for owner in (*dict.fromkeys([*own, *authors]), None):
        if len(found) < _KNOWN:
            found |= {
                one.id: one
                for one in await _found(visit, types, owner=owner)
                if one.id not in found
            }
    return tuple(found.values())[:_KNOWN]


async def offers(
    visit: Visit,
    wanted: Iterable[Wanted],
    *,
    form: Form,
    held: Mapping[str, str] | None = None,
    authors: Iterable[UUID] = (),
) -> dict[str, Offer]:
    """Of each field how it is shown; `held` are the ids that stand in those that weren't typed.
    Things of the `authors` of what asks for them are offered before others'.
    """
    single = [one for one in wanted if not one.lines]
    found = await meant(visit, single, form=form.values)
    texts = {one.name: found.form.get(one.name, (held or {}).get(one.name, "")) for one in single}
    names = await names_of(visit, (UUID(text) for text in texts.values() if is_id(text)))
    known = {types: await _known(visit, types, authors) for types in {one.types for one in single}}
    return {
        one.name: Offer(
            text,
            called=names.get(UUID(text), "") if is_id(text) else "",
            known=known[one.types],
            near=found.near.get(one.name, ()),
            wrong=form.faults.get(one.name, ""),
        )
        for one in single
        for text in [texts[one.name]]
    }


# --- the fields of a type


def references(fields: Iterable[Field]) -> list[Wanted]:
    return [Wanted(one.name, one.options) for one in fields if one.kind == "reference"]


async def entries(
    visit: Visit, fields: Iterable[Field], *, form: Form, values: Mapping[str, JSON]
) -> list[Filled]:
    """The fields as they are shown to be filled in."""
    made = [
        typed(one, form.values, faults=form.faults, value=values.get(one.key)) for one in fields
    ]
    held = {one.field.name: one.text for one in made}
    offered = await offers(visit, references(one.field for one in made), form=form, held=held)
    return [replace(one, offer=offered.get(one.field.name)) for one in made]


async def told(visit: Visit, fields: Iterable[Filled]) -> list[Filled]:
    """The fields as they are read, with what things are called that references lead to."""
    made = list(fields)
    texts = [one.text for one in made if one.field.kind == "reference" and is_id(one.text)]
    names = await names_of(visit, map(UUID, texts))
    return [
        replace(one, called=names.get(UUID(one.text), "")) if one.text in texts else one
        for one in made
    ]
