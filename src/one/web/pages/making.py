"""A thing made by a form of its type."""

from starlette.responses import Response

from one.domains import graph
from one.errors import JSON, Denied, NotSignedIn, OneError
from one.ontology import EntityType
from one.web.pages.exploring import type_in
from one.web.pages.fields import changes, names_in
from one.web.pages.picking import entries, meant, references
from one.web.pages.reading import beside
from one.web.pages.thing import VISIBLE, fields_for
from one.web.pages.visit import Form, Page, Visit


def makeable(visit: Visit) -> EntityType:
    """The type in the address. Raises NotFound, NotSignedIn, Denied."""
    kind = type_in(visit)
    if not visit.signed_in:
        raise NotSignedIn("Sign in to make things.", cure="Sign in, or sign up.")
    if "person" in kind.groups:
        raise Denied("A person is made by signing up.", cure="Invite them.")
    return kind


def _begun(kind: EntityType) -> dict[str, JSON]:
    """What such a thing says where nothing is typed."""
    return {**kind.defaults, "visibility": kind.visibility}


async def _show(visit: Visit, form: Form) -> Response:
    kind = makeable(visit)
    shown = await entries(visit, fields_for(visit, kind), form=form, values=_begun(kind))
    return visit.page(
        "things/new.html",
        entries=[one for one in shown if one.field.first or one.text],
        form=form,
        kind=kind,
        rest=[one for one in shown if not one.field.first and not one.text],
        visible=dict(VISIBLE),
    )


async def _make(visit: Visit) -> Response:
    kind = makeable(visit)
    fields = fields_for(visit, kind)
    named = await meant(visit, references(fields), form=visit.form)
    said = changes(fields, named.form, current=_begun(kind), wrong=named.wrong)
    own = {key: said.pop(key) for key in ("name", "visibility") if key in said}
    try:
        made = await visit.once().call(
            graph.create_entity, type=kind.name, properties={**said}, **own
        )
    except OneError as error:
        raise beside(error, names_in(fields)) from None
    return visit.go(f"/things/{made.result.id}?done=made")


PAGES = (Page("/explore/{type}/new", _show, _make),)
