"""The pages that people see: made on the server of templates, whole without any script."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from one.app import App
from one.web.pages import (
    account,
    archive,
    buying,
    drafts,
    earnings,
    entrance,
    exploring,
    exporting,
    feature,
    finding,
    front,
    gallery,
    importing,
    live,
    making,
    mapping,
    outbox,
    paying,
    purchases,
    relating,
    runs,
    selling,
    sides,
    staff,
    studio,
    telling,
    thing,
)
from one.web.pages.look import static, trouble

__all__ = ["front_door", "routes", "trouble"]


def front_door(app: App) -> Callable[[Request], Awaitable[Response]]:
    """The page at the root, where a program is answered something else."""
    return front.FRONT.door(app)


def routes(app: App) -> list[Route]:
    """Every page, and the files that they use."""
    pages = [*entrance.PAGES, *account.PAGES, *archive.PAGES, *outbox.PAGES]
    pages += [
        *paying.PAGES,
        *buying.PAGES,
        *purchases.PAGES,
        *earnings.PAGES,
        *selling.PAGES,
        *runs.PAGES,
        *staff.PAGES,
        *front.PAGES,
        *telling.PAGES,
        *finding.PAGES,
        *mapping.PAGES,
        *exploring.PAGES,
        *thing.PAGES,
        *sides.PAGES,
        *making.PAGES,
        *exporting.PAGES,
        *importing.PAGES,
        *relating.PAGES,
        *gallery.PAGES,
        *studio.PAGES,
        *drafts.PAGES,
        *live.PAGES,
        *feature.PAGES,
    ]
    return [*(page.route(app) for page in pages), Route("/static/{digest}/{name}", static)]
