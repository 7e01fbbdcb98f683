"""How pages look: their templates, the files beside them, and the headers that close them off."""

import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from one.compiler.vocabulary import spaced
from one.errors import JSON, NotFound, OneError
from one.store.runs import Status
from one.web.pages import amounts
from one.web.pages.browser import machine, on_phone
from one.workshop.retelling import worded

_WEB = Path(__file__).parents[1]
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FONT = re.compile(r"url\(\"?([a-z]+\.woff2)\"?\)")
_LINK = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")
# Nothing of a page comes from elsewhere, only our own files run, and it stands in no other page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{}; connect-src 'self';"
    " font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
SEALED = {
    "content-security-policy": _POLICY.format(""),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    # With `no-referrer` browsers say `Origin: null` of our own forms, and without https nothing
    # else tells them from another site's. Other sites learn nothing by this one either.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
RUN_STATES: Mapping[Status, str] = {
    "pending": "About to run",
    "running": "Running",
    "waiting": "Waiting",
    "stopped": "Stopped",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "dead": "Given up",
}
# What the frame of a page is told where nobody is in.
PLAIN: Mapping[str, object] = {
    "here": "",
    "me": None,
    "next": "",
    "onward": "",
    "outbox": False,
    "shell": None,
    "signed_in": False,
    "staff": False,
    "style_nonce": "",
    "theme": "",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that pages use, in memory, as it is and packed."""

    kind: str
    body: bytes
    packed: bytes
    digest: str


@cache
def _files() -> dict[str, File]:
    kept = [path for path in (_WEB / "static").iterdir() if path.suffix in _KINDS]
    found = {path.name: _file(path.suffix, path.read_bytes()) for path in kept}
    for name, file in found.items():
        if name.endswith(".css"):
            # A font is asked for where the page says that it will be: once.
            text = _FONT.sub(lambda font: f"url({_at(found, font[1])})", file.body.decode())
            found[name] = _file(".css", text.encode())
    return found


def _file(suffix: str, body: bytes) -> File:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return File(_KINDS[suffix], body, gzip.compress(body, mtime=0), digest)


def _at(files: Mapping[str, File], name: str) -> str:
    return f"/static/{files[name].digest}/{name}"


def _address(name: str) -> str:
    """Where a file is, as long as it is as it is."""
    return _at(_files(), name)


async def static(request: Request) -> Response:
    """A file that pages use; a browser keeps it, for it never changes under its address."""
    file = _files().get(request.path_params["name"])
    if file is None:
        raise NotFound("There is nothing at this address.")
    lasting = request.path_params["digest"] == file.digest
    said = {
        "cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache",
        "content-security-policy": "default-src 'none'",
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.body, media_type=file.kind, headers=said)
    said["content-encoding"] = "gzip"
    return Response(file.packed, media_type=file.kind, headers=said)


def page(template: str, *, facts: Mapping[str, object], status: int = 200) -> Response:
    """A page made of a template. Style sheets that a script makes need its `style_nonce`."""
    html = _templates().get_template(template).render({**PLAIN, **facts})
    headers = SEALED
    if nonce := facts.get("style_nonce"):
        policy = _POLICY.format(f" 'nonce-{nonce}'")
        headers = {**SEALED, "content-security-policy": policy}
    return HTMLResponse(html, status_code=status, headers=headers)


def trouble(error: OneError) -> Response:
    """A page that tells what went wrong, where there is no form to tell it in."""
    facts = {
        "title": error.title,
        "message": error.message,
        "cure": error.cure,
        "reference": error.details.get("reference"),
    }
    return page("trouble.html", facts=facts, status=error.status)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    cast("dict[str, object]", made.globals).update(run_states=RUN_STATES, static=_address)
    cast("dict[str, object]", made.filters).update(
        as_image=_as_image,
        day=_day,
        lasting=_lasting,
        linked=_linked,
        machine=machine,
        moment=_moment,
        money=amounts.money,
        on_phone=on_phone,
        pretty=_pretty,
        price=amounts.price,
        spaced=spaced,
        worded=worded,
    )
    return made


def _day(moment: datetime) -> str:
    """`7 May 2030`"""
    return f"{moment.day} {moment:%b %Y}"


def _moment(moment: datetime) -> str:
    """`7 May 2030, 14:05 UTC`"""
    return f"{_day(moment)}, {moment:%H:%M} UTC"


def _lasting(time: timedelta) -> str:
    """`less than 0.1 s`, `0.4 s`, `12 s`, `3 min`, `5 h`, `2 days`"""
    seconds = time.total_seconds()
    if seconds < 0.1:
        return "less than 0.1 s"
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.{1 if seconds < 10 else 0}f} s"


def _pretty(value: JSON) -> str:
    """JSON as people read it."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _as_image(svg: str) -> str:
    """A picture that stands in HTML as an address of its own: as an image nothing in it can run."""
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _linked(text: str, site: str) -> Markup:
    """Text whose addresses can be clicked; those of this site lead to where one is."""
    anchor = Markup('<a class="link break-all" href="{}">{}</a>')
    return Markup().join(
        anchor.format(part.removeprefix(site) or "/", part) if place % 2 else escape(part)
        for place, part in enumerate(_LINK.split(text))
    )
