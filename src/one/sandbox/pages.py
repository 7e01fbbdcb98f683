"""The pages on which people pay and set up their payments: whole without any script, and saying on
top that no money moves.
"""

import hashlib
from base64 import b64encode
from functools import cache, partial
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from one.sandbox import checkout
from one.sandbox.cards import offered
from one.sandbox.currency import written
from one.sandbox.hands import Hands
from one.sandbox.refusal import Declined, Refusal
from one.sandbox.resource import Resource, seconds

PREFIX = "/_sandbox"
_HERE = Path(__file__).parent / "templates"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    cast("dict[str, object]", made.globals).update(trouble="")
    return made


@cache
def _style() -> str:
    """As it stands in a page, whose policy names its digest."""
    return _templates().get_template("style.css").render()


def _sealed(*, to: str | None = None) -> dict[str, str]:
    """Headers that close a page off: its own style is all it has; its form leads to itself, and
    from there to one other site.
    """
    digest = b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    parts = urlsplit(to or "")
    leads = f" {parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'{leads};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def _page(template: str, facts: dict[str, object], *, status: int = 200, to: str = "") -> Response:
    html = _templates().get_template(template).render(facts)
    return HTMLResponse(html, status_code=status, headers=_sealed(to=to))


def _said(heading: str, words: str, *, link: str = "", status: int = 200) -> Response:
    facts: dict[str, object] = {"heading": heading, "words": words, "link": link}
    return _page("said.html", facts, status=status)


def _nothing() -> Response:
    return _said("Nothing here", "There is nothing at this address.", status=404)


def _after(session: Resource) -> str:
    """Where who has paid goes on."""
    return session.text("success_url").replace("{CHECKOUT_SESSION_ID}", session.id)


def _left(address: str) -> Response:
    return RedirectResponse(address, 303, {"cache-control": "no-store"})


def routes(hands: Hands) -> list[Route]:
    """All of the pages."""
    pages = {"/pay/{id}": _pay, "/onboard/{id}": _onboard, "/receipts/{id}": _receipt}
    return [
        Route(PREFIX + path, partial(page, hands), methods=["GET", "POST"])
        for path, page in pages.items()
    ]


async def _pay(hands: Hands, request: Request) -> Response:
    session = await hands.seen("checkout.session", request.path_params["id"])
    if session is None:
        return _nothing()
    if session.text("status") == "complete":
        return _said("This is paid", "Thank you.", link=_after(session))
    if session.text("status") == "expired":
        back = session.maybe("cancel_url") or ""
        return _said("Too late", "This page has expired; nothing was paid.", link=back)
    if request.method == "GET":
        return _form(session, card=request.query_params.get("card", ""))
    form = await request.form()
    card, email = str(form.get("card", "")), str(form.get("email", ""))
    try:
        await hands.pay(session.id, card, email=email)
    except (Declined, Refusal) as no:
        return _form(session, trouble=str(no), card=card, email=email)
    return _left(_after(session))


async def _onboard(hands: Hands, request: Request) -> Response:
    link = await hands.seen("account_link", request.path_params["id"])
    account = None if link is None else await hands.seen("account", link.text("_account"))
    if link is None or account is None:
        return _nothing()
    if link.whole("expires_at") < seconds(await hands.now()):
        return _left(link.text("_refresh"))
    back = link.text("_return")
    if request.method == "POST":
        await hands.onboard(account.id)
        return _left(back)
    facts: dict[str, object] = {"account": account.id, "country": account.text("country")}
    return _page("onboard.html", {**facts, "back": back}, to=back)


async def _receipt(hands: Hands, request: Request) -> Response:
    charge = await hands.seen("charge", request.path_params["id"])
    if charge is None:
        return _nothing()
    amount = written(charge.whole("amount"), charge.text("currency"))
    return _said(f"Receipt for {amount}", f"Charge {charge.id}: {charge.text('status')}.")


def _form(
    session: Resource, *, trouble: str = "", card: str = "", email: str | None = None
) -> Response:
    """What is to be paid, and with what."""
    currency = session.text("currency")
    lines = [
        {
            "name": line["description"],
            "quantity": line["quantity"],
            "amount": written(checkout.whole(line, "amount_total"), currency),
        }
        for line in checkout.items(session)
    ]
    facts: dict[str, object] = {
        "lines": lines,
        "total": written(session.whole("amount_total"), currency),
        "cards": offered(),
        "card": card,
        "email": session.maybe("customer_email") or "" if email is None else email,
        "cancel": session.maybe("cancel_url"),
        "trouble": trouble,
    }
    status = 402 if trouble else 200
    return _page("pay.html", facts, status=status, to=session.text("success_url"))
