"""The studio: an author's features, what they are writing, and texts to begin from."""

from starlette.responses import Response

from one.domains import features, runs
from one.errors import Invalid, NotFound, NotSignedIn
from one.library import ABOUT, texts
from one.web.pages import wishing
from one.web.pages.visit import Form, Page, Visit
from one.web.pages.wishing import Proposal

MARK = "A feature for ONE:"
_EMPTY = (
    "FEATURE: \n\nINPUT:\n  - fan: who asks\n\nOUTPUT:\n  - reply: what they hear\n\nGIVE reply\n"
)
_DONE = {
    "discarded": "The draft is thrown away.",
    "deployed": "They are live.",
}


async def _show(visit: Visit, form: Form) -> Response:
    """Everything of an author's at a glance."""
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to write features.", cure="Sign in, or sign up.")
    mine = str(visit.actor.id)
    found = await visit.call(features.list_features, owner=mine, retired=True)
    drafts = await visit.call(features.list_drafts)
    counts = (await visit.call(runs.count_runs)).result.items
    return visit.page(
        "studio/studio.html",
        form=form,
        features=found.result.items,
        drafts=drafts.result.items,
        counts={one.feature: one for one in counts},
        templates=templates(),
        done=_DONE.get(visit.query.get("done", ""), ""),
    )


def templates() -> list[tuple[str, str, str]]:
    """Texts to begin from: their names, titles and what they do."""
    return [(name, features.title_of(text), ABOUT[name]) for name, text in texts().items()]


async def _new(visit: Visit, form: Form) -> Response:
    return await _choosing(visit, form)


async def _choosing(visit: Visit, form: Form, proposal: Proposal | None = None) -> Response:
    """What a text can begin from; one that was written for a wish, if there is one."""
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to write features.", cure="Sign in, or sign up.")
    name = visit.query.get("from", "")
    known = texts()
    if name and name not in known:
        raise NotFound(f"There is no template {name}.", cure="Choose one of the studio's.")
    return visit.page(
        "studio/new.html",
        form=form,
        name=name,
        title=features.title_of(known[name]) if name else "",
        about=ABOUT.get(name, ""),
        text=known.get(name, ""),
        templates=templates(),
        proposal=proposal,
        writer=await wishing.writer(visit),
    )


async def _wish(visit: Visit) -> Response:
    """What the model makes of a wish. It is a draft only once it is taken."""
    return await _choosing(visit, Form("wish", visit.form), await wishing.proposed(visit))


async def _begin(visit: Visit) -> Response:
    """A draft of a template, of a text that was sent along, or of nearly nothing."""
    name, sent = visit.form.get("from", ""), visit.form.get("text", "")
    text = sent if sent.strip() else texts().get(name, _EMPTY)
    made = (await visit.call(features.begin_draft, text=text)).result
    return visit.go(f"/studio/drafts/{made.id}")


async def _take(visit: Visit) -> Response:
    """A package of somebody else's becomes a draft; what it may do is shown first."""
    text = visit.form.get("package", "")
    if not text.strip():
        raise Invalid("There is nothing in it.", cure="Choose a file, or paste its text.")
    made = (await visit.call(features.begin_draft, text=text)).result
    return visit.go(f"/studio/drafts/{made.id}?tab=rights&done=taken")


PAGES = (
    Page("/studio", _show),
    Page("/studio/new", _new, _begin, form="new"),
    Page("/studio/new/wish", _new, _wish, form="wish"),
    Page("/studio/new/package", _new, _take, form="package", read=False),
)
