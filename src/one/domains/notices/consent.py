"""Asking for a yes: nobody is spoken for, so what needs somebody's own word asks them, once.

The question is a notice that its person answers; the runs that wait for it are woken. A yes is
read when it is needed, and can be taken back at any time.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.domains.notices.inbox import Limit
from one.domains.notices.reach import reach_of
from one.domains.notices.telling import Notice, tell
from one.errors import Conflict, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Link, Row, Store, Viewer
from one.store.signals import send
from one.store.yeses import (
    Line,
    Request,
    agreed_ties,
    answer,
    answer_of,
    keep_tie,
    requests_of,
    take_waiting,
    wait_for,
)
from one.store.yeses import ask as put

KIND = "request"


class Requests(Row):
    """What you were asked, newest first; `next` is the `before` of the following page."""

    items: list[Request]
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a line of a feature's sheet asks of a person. The same `line` is asked once.

    A `run` that waits is woken by a signal `topic` with `{"yes": …}` as its payload. A `tie` that
    the yes is for is made when the last of those who were asked has said it.
    """

    line: str
    words: str
    run: UUID | None = None
    topic: str = ""
    tie: Link | None = None


async def ask(ctx: Context, question: Question, *, person: UUID) -> bool | None:
    """What a person has said; with none they are asked, unless they were, and the run is woken
    when they say. The actor is the author. Raises Invalid, NotFound.
    """
    found = await reach_of(ctx, [person], kind=KIND)
    if person not in found.known:
        raise NotFound("Who is to say yes is not here.", details={"id": str(person)})
    session = ctx.store.session
    line = Line(person=person, author=ctx.me, line=question.line)
    request, new = await put(session, line, words=question.words)
    if request.answer is None and question.run is not None:
        await wait_for(session, request.id, run=question.run, topic=question.topic)
    if request.answer is None and question.tie is not None:
        await keep_tie(session, request.id, question.tie)
    if new and not found.objects(person):
        notice = Notice(
            about=question.words,
            key=f"request:{request.id}",
            kind=KIND,
            url=f"/api/notices/requests/{request.id}",
            run_of=(person,),
        )
        await tell(ctx, notice, to=[person])
    return request.answer


async def answer_to(ctx: Context, question: Question, *, person: UUID) -> bool | None:
    """What a person has said to the actor, as an author; none when they haven't yet."""
    return await answer_of(ctx.store.session, Line(person, ctx.me, question.line))


@operation(kind="read", snapshot=False, allow=signed_in, route="GET /api/notices/requests")
async def list_requests(
    ctx: Context,
    *,
    open: Annotated[bool, Field(description="Only those not answered yet.")] = False,
    limit: Limit = 20,
    before: UUID | None = None,
) -> Requests:
    """What features have asked your yes for, and what you said."""
    found = await requests_of(
        ctx.store.session, ctx.me, open_only=open, before=before, limit=limit + 1
    )
    items = found[:limit]
    return Requests(items=items, next=items[-1].id if len(found) > limit else None)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound,),
    route="POST /api/notices/requests/{id}/answer",
)
async def answer_request(ctx: Context, *, id: UUID, yes: bool) -> Request:
    """Says yes or no to what you were asked; you may change it at any time, for what comes."""
    session = ctx.store.session
    request = await answer(session, id, person=ctx.me, yes=yes)
    if request is None:
        raise NotFound("You were not asked this.", cure="List your requests to find it.")
    for run, topic in await take_waiting(session, id):
        await send(session, run, topic=topic, payload={"yes": yes})
    for tie in await agreed_ties(session, id) if yes else ():
        await _make(ctx, tie, author=request.author)
    return request


async def _make(ctx: Context, tie: Link, *, author: UUID) -> None:
    """A connection that everybody has said yes to, unless it holds already or an end is gone."""
    session = ctx.deployment.desk.session_of(
        ctx.store.session.tx, ctx.space, Viewer(author, "staff")
    )
    with suppress(Conflict, NotFound):
        await Store(session).connect(tie)
