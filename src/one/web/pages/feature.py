"""A live feature as whoever may run it meets it: what it does, may do with them, and a form.

Who is in follows the run on its page; who has no account is led to one that they alone know of.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from one.domains import features
from one.domains.features import Face
from one.domains.runs import key_of
from one.errors import NotFound, NotSignedIn
from one.store import PLATFORM
from one.store.runs import Run
from one.web.pages.inputs import Blank, blanks_of, wanted_of
from one.web.pages.picking import offers
from one.web.pages.running import ran
from one.web.pages.visit import Form, Page, Visit

_WHO = {
    "everybody": "Everybody may run it",
    "guests": "Anyone may run it, without an account too",
    "signedIn": "Anyone who is signed in may run it",
    "managers": "You and those who help you may run it",
    "nobody": "Nobody runs it: it runs by itself",
}
_HEADS = ("It needs ", "It gives ")


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence of what it does; `depth`: how many it stands within."""

    says: str
    depth: int


def page_of(handle: str, slug: str) -> str:
    """Where the page of a live feature is; the platform's own have no handle in it."""
    return f"/f/{handle}/{slug}" if handle else f"/f/{slug}"


async def face_in(visit: Visit) -> Face:
    """Raises NotFound."""
    by = visit.path.get("handle", "")
    return (await visit.call(features.show_face, slug=visit.path["slug"], by=by)).result


async def face_of(visit: Visit, run: Run) -> Face | None:
    """The feature of a run as it is live now, if it is."""
    by = "" if run.author == PLATFORM else str(run.author)
    try:
        return (await visit.call(features.show_face, slug=run.feature, by=by)).result
    except NotFound:
        return None


async def _show(visit: Visit, form: Form) -> Response:
    try:
        face = await face_in(visit)
    except NotFound as error:
        return _gone(visit, error)
    there = page_of(face.handle, face.slug)
    if visit.here != there and not form.name:
        return visit.go(there)
    blanks = _blanks(face)
    runs = face.who != "nobody" and (visit.signed_in or face.open)
    authors = (face.author,) if face.handle else ()
    return visit.page(
        "features/feature.html",
        form=form,
        face=face,
        there=there,
        who=_WHO[face.who],
        does=[_step(one) for one in face.does if not one.startswith(_HEADS)],
        blanks=blanks if runs else [],
        offers=await offers(visit, wanted_of(blanks), form=form, authors=authors) if runs else {},
        runs=runs,
        mine=visit.actor.id == face.author,
        onward="?" + urlencode({"next": there}),
    )


def _gone(visit: Visit, error: NotFound) -> Response:
    """Nothing is live at this address, and where to look instead."""
    answer = visit.page(
        "features/gone.html",
        problem=error,
        author=error.details.get("author", ""),
    )
    answer.status_code = error.status
    return answer


def _step(says: str) -> Step:
    return Step(says.strip(), min((len(says) - len(says.lstrip())) // 2, 4))


def _blanks(face: Face) -> list[Blank]:
    return blanks_of(face.input, runner=face.runner, picks=True)


async def _run(visit: Visit) -> Response:
    """On to the page of the run; of one without an account by its key."""
    face = await face_in(visit)
    if not visit.signed_in and not face.open:
        raise NotSignedIn("Sign in to run this.", cure="Sign in, or sign up.")
    came = await ran(visit, _blanks(face), handle=face.handle, slug=face.slug)
    if visit.signed_in:
        return visit.go(f"/runs/{came.id}?done=ran")
    return visit.go(f"/ran/{key_of(visit.app.deployment, visit.space, run=came.id)}")


PAGES = (
    Page("/f/{handle}/{slug}", _show, _run, form="run"),
    Page("/f/{slug}", _show, _run, form="run"),
)
