"""What ONE has of a person, as a file to take along: made while it is sent, a page at a time."""

from collections.abc import AsyncGenerator
from io import RawIOBase
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from starlette.responses import Response, StreamingResponse
from typing_extensions import Buffer, override

from one.domains import accounts
from one.store.archive import Part
from one.web.pages import look
from one.web.pages.visit import Form, Page, Visit

_READ_ME = """What ONE has of you: a file for each part, in it a line of JSON for each row.

account      how you sign in
person       what you say of yourself
things       what you own, also what you deleted
tags         what your things and you are tagged with
relations    what you are tied to
events       what you did, and what was done to you
messages     what was said in your conversations
notices      what you were told in the app, letters what by e-mail and telephone
requests     what you were asked to agree to
preferences  what you want to hear of
features     the texts of your features, each revision
drafts       the texts that you are still writing
runs         what was run by you and of your features
purchases    what you bought: each is its receipt
earnings     what came to you and went from you, fact by fact, and payouts where you are paid
devices      where you were signed in
tokens       what acts as you, without its secret
log          what is kept for certain

Of others it holds ids, not what they say of themselves.
"""


class _Pipe(RawIOBase):
    """A file that is handed on as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    @override
    def write(self, data: Buffer, /) -> int:
        view = memoryview(data)
        self._waiting += view
        return view.nbytes

    def taken(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


async def _download(visit: Visit, form: Form) -> Response:
    del form
    await visit.call(accounts.show_account)  # whoever isn't in is told before a file begins
    name = f"one-{visit.app.desk.clock.now():%Y-%m-%d}.zip"
    said = {"content-disposition": f'attachment; filename="{name}"'}
    archive = StreamingResponse(_zipped(visit), media_type="application/zip", headers=said)
    archive.headers.update(look.SEALED)
    return archive


async def _zipped(visit: Visit) -> AsyncGenerator[bytes]:
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _READ_ME)
        part: Part | None = "account"
        while part is not None:
            after: str | None = None
            with archive.open(f"{part}.ndjson", "w") as file:
                while True:
                    page = (
                        await visit.call(accounts.export_account, part=part, after=after)
                    ).result
                    for item in page.items:
                        file.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
                    yield pipe.taken()
                    after = page.after
                    if after is None:
                        break
            part = page.then
    yield pipe.taken()


PAGES = (Page("/account/export", _download),)
