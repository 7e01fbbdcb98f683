"""A live feature is run from a form that is made of its INPUT; what it gave, as people read it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from one.errors import Conflict, OneError
from one.web.pages.fields import label_of
from one.web.pages.inputs import Blank, given, names_in, wanted_of
from one.web.pages.picking import meant
from one.web.pages.reading import beside
from one.web.pages.visit import Visit
from one.workshop.calling import Calling, Came, refuse
from one.workshop.retelling import worded

_WAIT = 8.0  # seconds that a page waits for the end of a run


@dataclass(frozen=True, slots=True)
class Given:
    """Something that a run gave, or was given; `path` is where the thing stands that it is."""

    label: str
    says: str
    path: str = ""


async def ran(visit: Visit, blanks: Sequence[Blank], *, handle: str, slug: str) -> Came:
    """A call like anybody's, with what was filled in. Raises what is wrong with that, beside its
    fields, and what the feature refuses with.
    """
    if visit.app.caller is None:
        raise Conflict("Features aren't run here.", cure="Ask whoever runs this site.")
    named = await meant(visit, wanted_of(blanks), form=visit.form)
    filled = given(blanks, named.form, wrong=named.wrong)
    call = Calling(
        visit.space,
        visit.actor,
        handle=handle,
        slug=slug,
        body=orjson.dumps(filled),
        key=visit.once().asked.idempotency_key,
        wait=_WAIT,
    )
    try:
        came = await visit.app.caller.call(call)
        if came.run is not None and came.run.status != "done":
            refuse(visit.actor, came.run)
    except OneError as error:
        raise beside(error, names_in(blanks)) from None
    return came


def told(values: JsonValue, names: Mapping[str, str] | None = None) -> Iterator[Given]:
    """Each value with its name in words; `names` are what things are called, by their ids."""
    if not isinstance(values, dict):
        return
    for key, value in values.items():
        match value:
            case {"id": str(id), "name": str(name), "type": str()}:
                yield Given(label_of(key), name, f"/things/{id}")
            case str(id) if names and id in names:
                yield Given(label_of(key), names[id], f"/things/{id}")
            case _ if said := worded(value):
                yield Given(label_of(key), said)
            case _:
                pass
