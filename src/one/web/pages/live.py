"""A live feature of one's own: a form made from its INPUT to try it, its revisions, its package."""

import re

from starlette.responses import PlainTextResponse, Response

from one.compiler import is_technical
from one.compiler.sheet import Sheet, sheet_words
from one.domains import features
from one.domains.features import FeatureTold
from one.domains.runs import shown
from one.errors import NotSignedIn
from one.store.runs import Run
from one.web.pages import look
from one.web.pages.feature import page_of
from one.web.pages.inputs import Blank, blanks_of, wanted_of
from one.web.pages.picking import offers
from one.web.pages.running import ran
from one.web.pages.studio import MARK
from one.web.pages.visit import Form, Page, Visit
from one.workshop.calling import Came

TABS = {"try": "Try it", "does": "What it does", "revisions": "Revisions", "share": "Share"}
_DONE = {
    "deployed": "It is live: every call from now on meets this.",
    "canary": "A share of the calls meets the new revision.",
    "kept": "That revision is live.",
    "ended": "The trial is over.",
    "retired": "It is taken down. Runs that have begun go on.",
}


async def _show(visit: Visit, form: Form, came: Came | None = None) -> Response:
    told = await _told(visit)
    tab = "try" if form.name == "try" or came else visit.query.get("tab", "try")
    tab = tab if tab in TABS else "try"
    facts: dict[str, object] = {"blanks": [], "offers": {}, "past": None, "compared": None}
    if tab == "try":
        blanks = _blanks(told)
        offered = await offers(visit, wanted_of(blanks), form=form)
        facts |= {"blanks": blanks, "offers": offered}
    if tab == "revisions":
        facts |= await _past(visit, told)
    sheet = Sheet.model_validate(told.sheet)
    run: Run | None = shown(visit.actor, came.run) if came and came.run else None
    return visit.page(
        "studio/feature.html",
        form=form,
        told=told,
        feature=told.feature,
        rights=[*sheet_words(sheet)],
        tabs=TABS,
        tab=tab,
        came=came,
        run=run,
        offered=sheet.runs.who in features.OFFERED,
        page=page_of(told.feature.handle or "", told.feature.slug),
        site=visit.app.deployment.settings.address,
        done=_DONE.get(visit.query.get("done", ""), ""),
        **facts,
    )


async def _told(visit: Visit) -> FeatureTold:
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to see your features.", cure="Sign in, or sign up.")
    asked = {"owner": str(visit.actor.id)}
    return (await visit.call(features.get_feature, id=visit.path["slug"], **asked)).result


def _blanks(told: FeatureTold) -> list[Blank]:
    """The fields of its INPUT."""
    runs = told.sheet.get("runs")
    runner = str(runs.get("runner") or "") if isinstance(runs, dict) else ""
    return blanks_of(told.input, runner=runner, picks=True)


async def _past(visit: Visit, told: FeatureTold) -> dict[str, object]:
    """Its revisions, and what changed from the one that is looked at to the live one."""
    slug, mine = told.feature.slug, str(told.feature.owner)
    past = (await visit.call(features.list_revisions, id=slug, owner=mine)).result
    number = visit.query.get("with", "")
    if not re.fullmatch("[1-9][0-9]{0,8}", number):
        return {"past": past}
    before, after = sorted((int(number), told.feature.revision))
    compared = await visit.call(
        features.compare_revisions, id=slug, before=before, after=after, owner=mine
    )
    return {"past": past, "compared": compared.result}


async def _try(visit: Visit) -> Response:
    """A call like anybody's; what comes of it is the answer, and stays in its run."""
    told = await _told(visit)
    feature = told.feature
    came = await ran(visit, _blanks(told), handle=feature.handle or "", slug=feature.slug)
    return await _show(visit, Form("try", visit.form), came)


# --- what is done to its pointer


async def _edit(visit: Visit) -> Response:
    """On with the draft of it, if there is one; else a new one that stands on what is live."""
    slug = visit.path["slug"]
    drafts = (await visit.call(features.list_drafts)).result.items
    known = next((one for one in drafts if one.feature == slug), None)
    draft = known or (await visit.call(features.begin_draft, feature=slug)).result
    return visit.go(f"/studio/drafts/{draft.id}")


async def _keep(visit: Visit) -> Response:
    """An earlier revision, or the one on trial, is the live one from now on."""
    slug = visit.path["slug"]
    await visit.seen().call(features.roll_back_feature, id=slug, to=visit.number("revision"))
    return visit.go(f"/studio/features/{slug}?tab=revisions&done=kept")


async def _share(visit: Visit) -> Response:
    """Sends a share of the calls to another revision; none ends the trial, all make it live."""
    slug, percent = visit.path["slug"], visit.number("percent")
    await visit.seen().call(
        features.set_canary,
        id=slug,
        percent=percent if percent is not None else -1,
        revision=visit.number("revision"),
    )
    done = {0: "ended", 100: "kept"}.get(percent or 0, "canary")
    return visit.go(f"/studio/features/{slug}?tab=revisions&done={done}")


async def _retire(visit: Visit) -> Response:
    slug = visit.path["slug"]
    await visit.seen().call(features.retire_feature, id=slug)
    return visit.go(f"/studio/features/{slug}?done=retired")


# --- its package


async def _package(visit: Visit, form: Form) -> Response:
    """The text of what is live, and who shares it, as a file that anybody can take in."""
    del form
    told = await _told(visit)
    feature = told.feature
    name = f"{feature.slug}.one"
    said = {"content-disposition": f'attachment; filename="{name}"'}
    when = visit.app.desk.clock.now()
    by = f"@{feature.handle}" if feature.handle else "the platform"
    text = package(told, by=by, day=f"{when:%Y-%m-%d}")
    return PlainTextResponse(text, headers={**look.SEALED, **said})


def package(told: FeatureTold, *, by: str, day: str) -> str:
    """A package is the text with a head of comments, so that it is deployed as it is, too."""
    feature, text = told.feature, told.text
    mark = "//" if is_technical(text) else "#"
    head = [
        f"{MARK} {feature.title}",
        f"Shared by {by} on {day}: revision {feature.revision}, program {feature.digest}",
        "This text is all there is to it. It brings no data, no keys and no code; whoever takes it",
        "in reads what it may do, and deploys it as their own.",
    ]
    lines = text.splitlines()
    if lines and MARK in lines[0]:
        while lines and lines[0].startswith(mark):
            lines.pop(0)
    body = "\n".join(lines).strip("\n")
    return "\n".join([*(f"{mark} {line}" for line in head), "", body, ""])


PAGES = (
    Page("/studio/features/{slug}", _show, _try, form="try"),
    Page("/studio/features/{slug}/edit", _show, _edit, form="edit", read=False),
    Page("/studio/features/{slug}/keep", _show, _keep, form="revisions", read=False),
    Page("/studio/features/{slug}/canary", _show, _share, form="revisions", read=False),
    Page("/studio/features/{slug}/retire", _show, _retire, form="revisions", read=False),
    Page("/studio/features/{slug}/package", _package),
)
