"""The front door: what ONE is, with an example that is read as it is typed, and where one begins
once in.
"""

from starlette.responses import Response

from one.domains import features, language, notices, payments, runs
from one.errors import OneError
from one.web.pages.visit import THEME, THEMES, Form, Page, Visit, refused

EXAMPLE = """FEATURE: Welcome a new follower
WHEN a fan follows me
INPUT:
  - fan: who follows

NOTIFY fan ABOUT "Welcome, [fan]! Good to have you here." VIA push
WAIT 3 days
CHECK fan still follows me
  OTHERWISE stop

GET my newest course SAVE AS course
CHECK course exists
  OTHERWISE stop
IF fan is enrolled in course THEN
  TAG fan WITH goal:learning
ELSE
  NOTIFY fan ABOUT "Have a look at [course]" VIA email
"""


async def _show(visit: Visit, form: Form) -> Response:
    """For who is in, their home."""
    if visit.signed_in:
        return visit.go("/home")
    text = form.typed("text") or EXAMPLE
    return await _tried(visit, form, text=text)


async def _try(visit: Visit) -> Response:
    text = visit.form.get("text", "")
    try:
        return await _tried(visit, Form("", visit.form), text=text)
    except OneError as error:
        form = refused(error, visit.form, name="")
        return await _tried(visit, form, text="")


async def _tried(visit: Visit, form: Form, *, text: str) -> Response:
    """What is understood of a text."""
    found = (await visit.call(language.check_features, text=text or " ")).result
    return visit.page(
        "front/landing.html", form=form, text=text, read=found["files"][0]["features"]
    )


async def _home(visit: Visit, form: Form) -> Response:
    """What is new, and what could be next."""
    del form
    creates = visit.shell is not None and visit.shell.kind != "audience_member"
    mine = (await visit.call(features.list_features)).result.items if creates else []
    earned = (await visit.call(payments.show_earnings)).result if creates else None
    begun = (await visit.call(runs.list_my_runs, limit=6)).result.items
    news = (await visit.call(notices.list_notices, limit=5)).result.items
    asked = (await visit.call(notices.list_requests, open=True, limit=3)).result.items
    return visit.page(
        "front/home.html",
        creates=creates,
        features=mine,
        runs=begun,
        news=news,
        asked=asked,
        earned=earned,
    )


async def _choose_theme(visit: Visit) -> Response:
    """The colours that this browser shows from now on; none: those of the device."""
    chosen, back = visit.form.get("theme", ""), visit.form.get("back", "")
    answer = visit.go(back if visit.is_own(back) else "/")
    if chosen in THEMES:
        answer.set_cookie(THEME, chosen, max_age=365 * 86_400, httponly=True, samesite="lax")
    else:
        answer.delete_cookie(THEME)
    return answer


FRONT = Page("/", _show, _try)
PAGES = (
    Page("/home", _home),
    Page("/theme", _show, _choose_theme, read=False),
)
