"""Conversations: what two people, or a person and a clone or agent, say to each other.

There is one between two. Its messages are numbered from 1 without gaps, in the order of time, and
are followed live: `GET /api/live?table=entities&type=message&where=properties.conversation eq ID`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from one.domains.notices.inbox import Cursor, Limit
from one.errors import Conflict, Denied, Invalid, NotFound, TooMany
from one.runtime import Context, operation, signed_in
from one.store import Draft, Entity, EntityAsk, Filter, Link, Page, Patch, Row, Store
from one.store.preferences import unwanted
from one.store.session import Session
from one.store.talks import (
    Party,
    begun_since,
    conversation_of,
    hold,
    hold_conversation,
    owners_of,
    pair_of,
    parties_of,
    seat_of,
)

KIND = "message"
MOST_BEGUN = 50
"""How many conversations one person may begin in a day."""

_NAME = 80


class Talk(Row):
    """A conversation with who is in it; `unread` is how many messages you haven't read."""

    conversation: Entity
    parties: list[Party]
    unread: int


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Denied, Conflict, TooMany),
    route="POST /api/notices/messages",
    status=201,
)
async def say(
    ctx: Context,
    *,
    to: UUID,
    text: Annotated[str, Field(min_length=1, max_length=20_000)],
    by: UUID | None = None,
    in_reply_to: UUID | None = None,
) -> Entity:
    """Says something to a person, a clone or an agent, in the one conversation between you.

    `by` is a clone or agent of yours that says it.
    """
    speaker = await _speaker(ctx, by)
    if not text.strip():
        raise Invalid("A message can't be empty.", cure="Write something.")
    if to == speaker:
        raise Invalid("Nobody talks to themselves here.", cure="Choose somebody else.")
    conversation = await conversation_of(ctx.store.session, pair_of(speaker, to))
    if conversation is None:
        await ctx.store.get(to)  # what they want is told to nobody who doesn't see them
    await _require_willing(ctx, speaker, to)
    if conversation is None:
        conversation = await _begin(ctx, speaker, to)
    else:
        await _require_there(ctx, conversation, to)
    return await _add(ctx, conversation, speaker=speaker, text=text, reply_to=in_reply_to)


@operation(
    kind="read",
    snapshot=False,
    allow=signed_in,
    raises=(Invalid,),
    route="GET /api/notices/conversations",
)
async def list_conversations(
    ctx: Context, *, limit: Limit = 20, cursor: Cursor = None
) -> Page[Talk]:
    """The conversations that you are in, the last spoken in first."""
    ask = EntityAsk(types=("conversation",), order="-properties.lastMessageAt")
    page = await ctx.store.entities(ask, limit=limit, cursor=cursor)
    parties = await parties_of(ctx.store.session, [each.id for each in page.items])
    items = [_talk(ctx, each, parties[each.id]) for each in page.items]
    return Page[Talk](items=items, next=page.next)


@operation(
    kind="read",
    allow=signed_in,
    raises=(NotFound, Invalid),
    route="GET /api/notices/conversations/{id}/messages",
)
async def list_messages(
    ctx: Context, *, id: UUID, limit: Limit = 50, cursor: Cursor = None
) -> Page[Entity]:
    """What was said in a conversation, the last first."""
    await _conversation(ctx, id)
    within = Filter("properties.conversation", "eq", (str(id),))
    ask = EntityAsk(types=("message",), filters=(within,))
    return await ctx.store.entities(ask, limit=limit, cursor=cursor)


@operation(
    kind="write",
    allow=signed_in,
    raises=(NotFound, Invalid, Conflict),
    route="POST /api/notices/conversations/{id}/read",
)
async def read_messages(
    ctx: Context, *, id: UUID, up_to: Annotated[int, Field(ge=1)] | None = None
) -> Talk:
    """Marks the messages of a conversation as read, as far as the number says, or all."""
    conversation = await _conversation(ctx, id)
    seat = await seat_of(ctx.store.session, id, ctx.me)
    if seat is None:
        raise NotFound("You are not in this conversation.", cure="List yours to find it.")
    last = _count(conversation)
    read = max(seat.last_read, min(up_to or last, last))
    if read > seat.last_read:
        await ctx.store.amend(seat.connection, metadata={"lastRead": read})
    return _talk(ctx, conversation, (await parties_of(ctx.store.session, [id]))[id])


async def _speaker(ctx: Context, by: UUID | None) -> UUID:
    """Who says it. Raises NotFound, Denied."""
    if by is None or by == ctx.actor.id:
        return ctx.me
    speaker = await ctx.store.get(by)
    if "agent" not in _groups(ctx, speaker) or await ctx.store.standing(by) != "owner":
        raise Denied("You can't speak for them.", cure="Speak for a clone or agent of your own.")
    return by


async def _require_willing(ctx: Context, speaker: UUID, to: UUID) -> None:
    """Raises Denied when somebody wants no messages of the speaker, or of whose clone it is."""
    for author in {speaker, ctx.me}:
        if (to, "app") in await unwanted(ctx.store.session, author, [to], kind=KIND):
            raise Denied("They don't take messages from you.", cure="Let them write to you.")


async def _require_there(ctx: Context, conversation: UUID, to: UUID) -> None:
    """Raises Denied when somebody has left the conversation."""
    parties = (await parties_of(ctx.store.session, [conversation]))[conversation]
    if to not in {party.id for party in parties}:
        raise Denied("They have left this conversation.", cure="Let them write to you.")


async def _begin(ctx: Context, speaker: UUID, to: UUID) -> UUID:
    """The conversation between two, made unless another was faster.

    Raises NotFound, Invalid, Denied, Conflict, TooMany.
    """
    heard = await ctx.store.get(to)
    if not _groups(ctx, heard) & {"person", "agent"}:
        raise Invalid("Only people, clones and agents are talked to.", cure="Choose one of them.")
    voice = await ctx.store.get(speaker)
    session = ctx.store.session
    for each in sorted((speaker, to)):
        session = await hold(session, each)
    pair = pair_of(speaker, to)
    if known := await conversation_of(session, pair):
        return known
    if await begun_since(session, session.now - timedelta(days=1)) >= MOST_BEGUN:
        raise TooMany(
            f"You have begun {MOST_BEGUN} conversations today, the most.",
            cure="Go on with those, or wait until tomorrow.",
            details={"retryAfter": 3600},
        )
    return await _make(ctx, _system(session), pair=pair, ends=(voice, heard))


async def _make(ctx: Context, system: Store, *, pair: str, ends: tuple[Entity, Entity]) -> UUID:
    """Raises NotFound, Invalid, Denied, Conflict."""
    agents = [each for each in ends if "agent" in _groups(ctx, each)]
    facts: dict[str, JsonValue] = {
        "pair": pair,
        "kind": "agent" if agents else "direct",
        "messageCount": 0,
    }
    name = " and ".join(each.name[:_NAME] for each in ends)
    made = await system.create(Draft("conversation", name, facts, owned=False))
    seated = {each.id: "member" for each in ends if each not in agents}
    for agent in agents:
        await system.connect(Link("assigned_to", made.id, agent.id, {}))
        await system.connect(Link("powers", agent.id, made.id, {}))  # seen by who talks with it
        for owner in await owners_of(system.session, agent.id):
            seated.setdefault(owner, "moderator")
    for person, role in seated.items():
        metadata = {"role": role, "joinedAt": system.session.now.isoformat(), "lastRead": 0}
        await system.connect(Link("member_of", person, made.id, metadata))
    return made.id


async def _add(
    ctx: Context, conversation: UUID, *, speaker: UUID, text: str, reply_to: UUID | None
) -> Entity:
    """The next message. Raises NotFound, Invalid, Denied, Conflict."""
    if reply_to is not None:
        await _require_in(ctx, reply_to, conversation)
    system = _system(await hold_conversation(ctx.store.session, conversation))
    now = system.session.now.isoformat()
    patch = Patch(properties={"lastMessageAt": now}, increment={"messageCount": 1})
    number = _count(await system.update(conversation, patch))
    facts: dict[str, JsonValue] = {
        "text": text,
        "conversation": str(conversation),
        "sequence": number,
        "sentAt": now,
        "role": "user" if speaker == ctx.actor.id else "assistant",
        **({"replyTo": str(reply_to)} if reply_to else {}),
    }
    made = await system.create(Draft("message", " ".join(text.split())[:_NAME], facts))
    await system.connect(Link("part_of", made.id, conversation, {"order": number}))
    await system.connect(Link("authored", speaker, made.id, {}))
    await _seat(ctx, system, conversation, speaker=speaker, read=number)
    return made


async def _seat(
    ctx: Context, system: Store, conversation: UUID, *, speaker: UUID, read: int
) -> None:
    """Who speaks has read what was said before, and is in it again if they had left.

    Raises NotFound, Invalid, Conflict.
    """
    seat = await seat_of(system.session, conversation, speaker)
    if seat is not None:
        await system.amend(seat.connection, metadata={"lastRead": read})
    elif speaker == ctx.actor.id:
        facts = {"role": "member", "joinedAt": system.session.now.isoformat(), "lastRead": read}
        await system.connect(Link("member_of", speaker, conversation, facts))


async def _require_in(ctx: Context, message: UUID, conversation: UUID) -> None:
    """Raises NotFound, Invalid."""
    answered = await ctx.store.get(message)
    if answered.properties.get("conversation") != str(conversation):
        raise Invalid(
            "What you answer was not said in this conversation.", cure="Leave out inReplyTo."
        )


async def _conversation(ctx: Context, id: UUID) -> Entity:
    """Raises NotFound."""
    found = await ctx.store.get(id)
    if found.type != "conversation":
        raise NotFound("There is no conversation with this id.", cure="List yours to find it.")
    return found


def _talk(ctx: Context, conversation: Entity, parties: list[Party]) -> Talk:
    mine = [party.last_read for party in parties if party.id == ctx.actor.id]
    read = (mine[0] if mine else None) or 0
    unread = max(0, _count(conversation) - read) if mine else 0
    return Talk(conversation=conversation, parties=parties, unread=unread)


def _count(conversation: Entity) -> int:
    count = conversation.properties.get("messageCount")
    return count if isinstance(count, int) else 0


def _groups(ctx: Context, thing: Entity) -> frozenset[str]:
    return ctx.ontology.entity(thing.type).groups


def _system(session: Session) -> Store:
    """The store as ONE itself writes to it, for an actor whose right to it was asked before."""
    return Store(replace(session, viewer=replace(session.viewer, role="staff")))
