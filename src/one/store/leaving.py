"""Leaving: an account is closed, opened again in time, or forgotten for good.

Closing hides a person and what is theirs alone, at once, and keeps what is unique of it for them.
What they own with others stays with the others; so does what they wrote to them. What money came
of is kept when they are forgotten, without a name.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from one.clock import new_id
from one.store import relations, revisions, runs, staff
from one.store.accounts import Account
from one.store.audit import note
from one.store.rows import Properties, Row
from one.store.session import CHANGE, Session
from one.store.sight import Viewer, not_ended
from one.store.supply import deleted
from one.store.things import FORGOTTEN, WHOLE, locked, purge, rewrite

GONE = "Somebody who left"
_THEIRS_TOO = ("message", "conversation", "notification")  # said to others, or hidden with them
_REASON = "account closed"
_LIVING = ("pending", "running", "waiting", "stopped")


class Money(Row):
    """What there is of somebody in one currency, in minor units: `held` for them, `connected`, in
    their account at the provider, and `owed` by them; `mode` says whether it is live money.
    """

    mode: str
    currency: str
    held: int
    connected: int
    owed: int


class Leaving(Row):
    """What closing an account comes to: `things` of theirs alone are hidden, `shared` ones stay
    with their other owners, `features` are retired, `runs` cancelled. `paid_runs` of their features
    have taken money: they lack their author's rights from then on, which gives it back in time.
    `subscriptions` are paid on at the service that takes the money. Of `money` what is held still
    goes to their account, if that takes any; what they owe, they owe.
    """

    things: int
    shared: int
    features: int
    runs: int
    paid_runs: int
    subscriptions: int
    money: list[Money]


async def leaving(session: Session, person: UUID, *, paying: Collection[str]) -> Leaving:
    """What there is to lose. `paying` are the operations that take money."""
    alone, shared = await _owned(session, person)
    record = await session.tx.row(
        "SELECT count(*) FROM connections c WHERE c.space_id = %(space)s"
        " AND c.from_id = %(person)s AND c.type = 'transacted'"
        " AND c.metadata->>'transactionType' = 'subscription'"
        f" AND {not_ended('c')}",
        session.params(person=person),
    )
    found, paid = await _living_runs(session, person, paying)
    return Leaving(
        things=len(alone),
        shared=len(shared),
        features=len(await revisions.features_of(session, person, retired=False)),
        runs=len(found),
        paid_runs=len(paid),
        subscriptions=int(str(record[0])) if record else 0,
        money=await _money(session, person),
    )


async def _money(session: Session, person: UUID) -> list[Money]:
    """What is held for somebody, theirs elsewhere or owed by them, where it is anything."""
    records = await session.tx.rows(
        "SELECT * FROM (SELECT mode, currency,"
        " coalesce(sum(balance) FILTER (WHERE pot = 'held'), 0)::bigint,"
        " coalesce(sum(balance) FILTER (WHERE pot = 'connected'), 0)::bigint,"
        " coalesce(-sum(balance) FILTER (WHERE pot = 'debt'), 0)::bigint FROM pots"
        " WHERE space_id = %(space)s AND party_id = %(person)s GROUP BY mode, currency)"
        " m (mode, currency, held, connected, owed)"
        " WHERE held <> 0 OR connected <> 0 OR owed <> 0 ORDER BY mode, currency",
        session.params(person=person),
    )
    return [
        Money(mode=mode, currency=currency, held=held, connected=connected, owed=owed)
        for mode, currency, held, connected, owed in cast(
            "list[tuple[str, str, int, int, int]]", records
        )
    ]


async def _owned(session: Session, person: UUID) -> tuple[list[UUID], list[UUID]]:
    """What somebody owns alone, and with others who are there."""
    records = await session.tx.rows(
        "SELECT e.id, EXISTS (SELECT FROM connections o JOIN entities p"
        " ON p.space_id = o.space_id AND p.id = o.from_id AND p.deleted_at IS NULL"
        " WHERE o.space_id = %(space)s AND o.to_id = e.id AND o.type = 'owns'"
        f" AND o.from_id <> %(person)s AND {not_ended('o')})"
        " FROM connections c JOIN entities e ON e.space_id = c.space_id AND e.id = c.to_id"
        " WHERE c.space_id = %(space)s AND c.from_id = %(person)s AND c.type = 'owns'"
        f" AND {not_ended('c')} AND e.deleted_at IS NULL AND e.type NOT IN {_THEIRS_TOO}"
        " ORDER BY e.id",
        session.params(person=person),
    )
    ids = [(cast(UUID, record[0]), bool(record[1])) for record in records]
    return [id for id, shared in ids if not shared], [id for id, shared in ids if shared]


async def _living_runs(
    session: Session, person: UUID, paying: Collection[str]
) -> tuple[list[UUID], list[UUID]]:
    """The runs of somebody's features, and those of others that they began; apart from them those
    that have taken money of others.
    """
    records = await session.tx.rows(
        "SELECT r.id, r.runner_id IS DISTINCT FROM %(person)s AND EXISTS (SELECT FROM steps s"
        " WHERE s.space_id = r.space_id AND s.operation = ANY(%(paying)s) AND s.status <> 'failed'"
        " AND s.run_id IN (SELECT k.id FROM runs k WHERE k.space_id = r.space_id"
        " AND (k.id = r.id OR k.parent_id = r.id))) FROM runs r WHERE r.space_id = %(space)s"
        " AND r.parent_id IS NULL AND r.cancel_at IS NULL"
        " AND (r.author_id = %(person)s OR r.runner_id = %(person)s)"
        f" AND r.status IN {_LIVING} ORDER BY r.id",
        session.params(person=person, paying=list(paying)),
    )
    living = [(cast(UUID, record[0]), bool(record[1])) for record in records]
    return [id for id, paid in living if not paid], [id for id, paid in living if paid]


# --- closed


async def close(session: Session, account: Account, *, paying: Collection[str]) -> None:
    """Closes an account here: nobody acts for its person any more, nor sees them."""
    person = account.entity_id
    for run in (await _living_runs(session, person, paying))[0]:
        await runs.cancel(session, run)
    await _retire(session, person)
    await _end_ways_in(session, account)
    alone, _ = await _owned(session, person)
    for id in (*alone, person):
        await _hide(session, id)
    await staff.dismiss(session, person)
    await session.tx.run(
        "UPDATE account_entity SET closed_at = %(now)s WHERE space_id = %(space)s"
        " AND account_id = %(account)s",
        session.params(account=account.id),
    )
    await note(session, "account_closed", about=person)


async def _retire(session: Session, person: UUID) -> None:
    """Nothing of somebody's begins any more, when it is called or by itself."""
    for live in await revisions.features_of(session, person, retired=False):
        to = revisions.Pointed(live.title, live.number, live.digest, retired=True)
        await revisions.point(session, person, live.slug, to=to, act="retired")
    for table in ("triggers", "schedules"):
        await session.tx.run(
            f"DELETE FROM {table} WHERE space_id = %(space)s AND author_id = %(person)s",
            session.params(person=person),
        )


async def _end_ways_in(session: Session, account: Account) -> None:
    session.tx.ends_tokens = True
    params = session.params(account=account.id, person=account.entity_id)
    await session.tx.run(
        "UPDATE tokens SET revoked_at = %(now)s WHERE space_id = %(space)s"
        " AND entity_id = %(person)s AND revoked_at IS NULL",
        params,
    )
    await session.tx.run(
        "UPDATE sessions SET ended_at = %(now)s WHERE space_id = %(space)s"
        " AND account_id = %(account)s AND ended_at IS NULL",
        params,
    )
    await session.tx.run(
        "DELETE FROM links WHERE space_id = %(space)s AND account_id = %(account)s", params
    )


async def _hide(session: Session, id: UUID) -> None:
    current = await locked(session, id, None)
    after = current.model_copy(update={"deleted_at": session.now})
    session.tx.ends_tokens = True
    event: tuple[str, Properties] = ("entity_deleted", {"reason": _REASON})
    await rewrite(session, current, after, event=event, keeps_values=True)


# --- opened again


async def reopen(session: Session, account: Account) -> None:
    """Gives somebody back who they were and what was hidden with them. Their features stay
    retired, their tokens and sessions ended.
    """
    person = account.entity_id
    session = replace(session, viewer=Viewer(person, "person"))
    opened = await session.tx.run(
        "UPDATE account_entity SET closed_at = NULL WHERE space_id = %(space)s"
        " AND account_id = %(account)s AND closed_at IS NOT NULL",
        session.params(account=account.id),
    )
    if not opened:
        return
    hidden = await _hidden(session, person, account.closed_at)
    for id in (person, *hidden):
        current = await locked(session, id, None, deleted=True)
        after = current.model_copy(update={"deleted_at": None})
        event: tuple[str, Properties] = ("entity_restored", {"restoredBy": str(person)})
        await rewrite(session, current, after, event=event)
    await note(session, "account_reopened", about=person)


async def _hidden(session: Session, person: UUID, since: datetime | None) -> list[UUID]:
    """What was hidden when its owner closed their account."""
    records = await session.tx.rows(
        "SELECT e.id FROM connections c JOIN entities e ON e.space_id = c.space_id"
        " AND e.id = c.to_id WHERE c.space_id = %(space)s AND c.from_id = %(person)s"
        f" AND c.type = 'owns' AND {not_ended('c')} AND e.deleted_at = %(since)s ORDER BY e.id",
        session.params(person=person, since=since),
    )
    return [cast(UUID, record[0]) for record in records]


# --- forgotten


async def forget_closed(session: Session, *, before: datetime) -> bool:
    """Forgets one account that was closed before then, and its person; whether there was one. Who
    still owes what a run has taken is waited for.
    """
    record = await session.tx.row(
        "SELECT account_id, entity_id, closed_at FROM account_entity n WHERE space_id = %(space)s"
        " AND closed_at <= %(before)s AND NOT EXISTS (SELECT FROM runs r"
        " WHERE r.space_id = n.space_id AND r.author_id = n.entity_id"
        f" AND r.status IN {_LIVING}) ORDER BY closed_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        session.params(before=before),
    )
    if record is None:
        return False
    account, person, closed_at = cast("tuple[UUID, UUID, datetime]", record)
    hidden = await _hidden(session, person, closed_at)
    _, shared = await _owned(session, person)
    for id in shared:
        await _leave_to_others(session, person, id)
    sold = await _with_money(session, hidden)
    for id in hidden:
        if id in sold:
            await _strip(session, id, name=None)
        else:
            await purge(session, id)
    await _run(session, _OF_NOTICES, ids=await _told(session, person))
    await _run(session, _OF_PERSON, person=person)
    await _strip(session, person, name=GONE)
    await _forget_account(session, account)
    await note(session, "account_forgotten", about=person)
    return True


async def _told(session: Session, person: UUID) -> list[UUID]:
    """The notices that somebody has."""
    records = await session.tx.rows(
        "SELECT e.id FROM connections c JOIN entities e ON e.space_id = c.space_id"
        " AND e.id = c.to_id WHERE c.space_id = %(space)s AND c.from_id = %(person)s"
        " AND c.type = 'owns' AND e.type = 'notification'",
        session.params(person=person),
    )
    return [cast(UUID, record[0]) for record in records]


async def _leave_to_others(session: Session, person: UUID, thing: UUID) -> None:
    """Divides somebody's share of what a thing earns among its other owners, as theirs are."""
    records = await session.tx.rows(
        "SELECT from_id, (metadata->>'revenueShare')::int FROM connections x"
        " WHERE space_id = %(space)s AND to_id = %(thing)s AND type = 'owns'"
        f" AND {not_ended('x')} ORDER BY from_id",
        session.params(thing=thing),
    )
    shares = [(cast(UUID, id), int(str(points or 0))) for id, points in records if id != person]
    held = sum(points for _, points in shares)
    if not held:
        return
    left = [(id, points * WHOLE // held) for id, points in shares if points]
    missing = WHOLE - sum(points for _, points in left)
    even = [(id, points + (at < missing)) for at, (id, points) in enumerate(left)]
    await relations.share(session, thing, even)


async def _with_money(session: Session, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these things that a payment or a mint speaks of."""
    records = await session.tx.rows(
        "SELECT to_id FROM connections WHERE space_id = %(space)s AND to_id = ANY(%(ids)s)"
        " AND metadata ? 'x_provider' UNION SELECT entity_id FROM events"
        " WHERE space_id = %(space)s AND entity_id = ANY(%(ids)s) AND metadata ? 'x_provider'",
        session.params(ids=list(ids)),
    )
    return {cast(UUID, record[0]) for record in records}


_NO_PROOF = "NOT metadata ? 'x_provider'"
_STRIP = (
    f"UPDATE change_queue{FORGOTTEN}",
    f"UPDATE changes{FORGOTTEN}",
    "DELETE FROM unique_values WHERE space_id = %(space)s AND entity_id = %(id)s",
    "DELETE FROM entity_tags WHERE space_id = %(space)s AND entity_id = %(id)s",
    deleted(f"space_id = %(space)s AND (from_id = %(id)s OR to_id = %(id)s) AND {_NO_PROOF}"),
    f"DELETE FROM events WHERE space_id = %(space)s AND entity_id = %(id)s AND {_NO_PROOF}",
    "UPDATE events SET actor_id = NULL WHERE space_id = %(space)s AND actor_id = %(id)s"
    f" AND {_NO_PROOF}",
    "UPDATE entities SET name = coalesce(%(name)s, name), properties = '{}', search = '',"
    " k1 = NULL, k2 = NULL, k3 = NULL, n1 = NULL, n2 = NULL, version = version + 1,"
    " updated_at = %(now)s WHERE space_id = %(space)s AND id = %(id)s",
    f"{CHANGE} SELECT space_id, %(change)s, 'purged', id, type, version, NULL, NULL, %(now)s"
    " FROM entities WHERE space_id = %(space)s AND id = %(id)s",
)
_OF_NOTICES = (
    *(
        f"UPDATE {table} SET before = NULL WHERE space_id = %(space)s AND before IS NOT NULL"
        " AND row_id = ANY(%(ids)s)"
        for table in ("change_queue", "changes")
    ),
    "DELETE FROM entity_tags WHERE space_id = %(space)s AND entity_id = ANY(%(ids)s)",
    "DELETE FROM connections WHERE space_id = %(space)s AND from_id = ANY(%(ids)s)",
    "DELETE FROM connections WHERE space_id = %(space)s AND to_id = ANY(%(ids)s)",
    "DELETE FROM events WHERE space_id = %(space)s AND entity_id = ANY(%(ids)s)",
    "DELETE FROM entities WHERE space_id = %(space)s AND id = ANY(%(ids)s)",
)
_OF_PERSON = (
    *(
        f"DELETE FROM {table} WHERE space_id = %(space)s AND person_id = %(person)s"
        for table in ("notices", "outbox", "preferences", "devices", "yeses", "notes")
    ),
    "DELETE FROM notes WHERE space_id = %(space)s AND author_id = %(person)s",
    "DELETE FROM tokens WHERE space_id = %(space)s AND entity_id = %(person)s",
    *(
        f"DELETE FROM {table} WHERE space_id = %(space)s AND owner_id = %(person)s"
        for table in ("features", "revisions", "deploys", "authors", "drafts")
    ),
)


async def _strip(session: Session, id: UUID, *, name: str | None) -> None:
    """Leaves of a thing its id and type, and what money came of it; of a person no name either."""
    await _run(session, _STRIP, id=id, name=name, change=new_id())


async def _run(session: Session, statements: Iterable[str], **params: object) -> None:
    for statement in statements:
        await session.tx.run(statement, session.params(**params))


async def _forget_account(session: Session, account: UUID) -> None:
    """Who is somebody in another space stays so there."""
    params = session.params(account=account)
    for table in ("account_entity", "sessions", "links"):
        await session.tx.run(
            f"DELETE FROM {table} WHERE space_id = %(space)s AND account_id = %(account)s", params
        )
    elsewhere = "NOT EXISTS (SELECT FROM account_entity WHERE account_id = %(account)s)"
    for table, column in (("claims", "account_id"), ("accounts", "id")):
        await session.tx.run(
            f"DELETE FROM {table} WHERE {column} = %(account)s AND {elsewhere}", params
        )
