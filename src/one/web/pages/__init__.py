"""The pages that people see: made on the server of templates, whole without any script."""

from starlette.responses import Response
from starlette.routing import Route

from one.app import App
from one.web.pages import (
    account,
    archive,
    buying,
    earnings,
    entrance,
    outbox,
    paying,
    purchases,
    selling,
    staff,
)
from one.web.pages.look import page, static, trouble

__all__ = ["home", "routes", "trouble"]


def home() -> Response:
    """Where somebody comes in by the front door."""
    return page("home.html", facts={})


def routes(app: App) -> list[Route]:
    """Every page, and the files that they use."""
    pages = [*entrance.PAGES, *account.PAGES, *archive.PAGES, *outbox.PAGES]
    pages += [
        *paying.PAGES,
        *buying.PAGES,
        *purchases.PAGES,
        *earnings.PAGES,
        *selling.PAGES,
        *staff.PAGES,
    ]
    return [*(page.route(app) for page in pages), Route("/static/{digest}/{name}", static)]
