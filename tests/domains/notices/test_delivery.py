"""Delivery: each letter at most once, tried again only where it was surely not sent."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import pytest
from pydantic import JsonValue

from one.clock import Clock
from one.domains.notices import Delivery
from one.domains.notices.unsubscribing import opened
from one.errors import Outside
from one.providers.base import Ask, Direct, Faults, Planted, Provider, Reach, Stage, standins
from one.providers.messages import SERVICES
from one.runtime import Deployment
from one.settings import Settings
from one.store import Patch, Viewer
from tests.domains.conftest import Client
from tests.domains.notices.rooms import follower, outbox, told
from tests.providers.calling import entries, stage_of
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
EMAIL = next(service for service in SERVICES if service.name == "email")
Act = Callable[[Ask], Awaitable[dict[str, JsonValue]]]


async def written(world: World, *channels: str) -> tuple[Viewer, Viewer]:
    """An author, and a follower for whom a letter waits."""
    ana = await world.person()
    ben = await follower(world, ana)
    await told(world, ana, ben, channels=channels or ("email",))
    return ana, ben


def delivery(world: World, *providers: Provider, lease: float = 90) -> Delivery:
    known = {provider.name: provider for provider in providers}
    deployment = Deployment(Settings(mode="test"), world.desk, known)
    return Delivery(deployment, lease=timedelta(seconds=lease))


def standin(world: World, *faults: Planted) -> Provider:
    return standins(stage_of(world, Faults(faults)))["email"]


def service(act: Act, seek: Act | None = None) -> Provider:
    """A service that does as the test says."""
    return Direct(EMAIL, {"send": act}, stage=Stage(), reach=Reach("test", "a test", seek))


def failing(*, retryable: bool = False, **details: JsonValue) -> Provider:
    async def act(ask: Ask) -> dict[str, JsonValue]:
        raise Outside("554 no", outcome="not_done", retryable=retryable, details=details)

    return service(act)


async def later(world: World, **by: float) -> World:
    return World(world.desk.with_clock(Clock(timedelta(**by))), world.space)


async def test_a_letter_is_handed_over_once_with_a_link_that_ends_them(world: World) -> None:
    ana, ben = await written(world)
    mail = standin(world)
    assert [await delivery(world, mail).deliver() for _ in range(3)] == [1, 0, 0]
    (letter,) = await outbox(world)
    assert (letter.status, letter.attempts, letter.due_at) == ("captured", 1, None)
    (sent,) = await entries(world, "email", "message")
    assert str(sent["to"]).startswith("ben-")
    assert sent["subject"] == "Your course is ready"
    token = str(sent["body"]).strip().rpartition("/")[2]
    async with world.read() as store:
        link = opened(store.session.secret, token)
    assert link is not None
    assert (link.person, link.author, link.channel) == (ben.id, ana.id, "email")


async def test_without_a_service_a_letter_is_captured(world: World, client: Client) -> None:
    ana, _ = await written(world, "email", "sms")
    await delivery(world).deliver()
    mine = (await (await client(ana)).get("/api/notices/outbox")).json()["items"]
    assert [(each["status"], each["channel"]) for each in mine] == [("captured", "email")]
    stranger = await client(await world.person())
    assert (await stranger.get("/api/notices/outbox")).json()["items"] == []


async def test_two_that_deliver_at_once_hand_nothing_over_twice(world: World) -> None:
    ana = await world.person()
    for _ in range(20):
        await told(world, ana, await follower(world, ana), channels=["email"])
    mail = standin(world)
    both = delivery(world, mail), delivery(world, mail)
    async with anyio.create_task_group() as tasks:
        for each in both:
            for _ in range(3):
                tasks.start_soon(each.deliver)
    assert {letter.status for letter in await outbox(world)} == {"captured"}
    assert {letter.attempts for letter in await outbox(world)} == {1}
    assert len(await entries(world, "email", "message")) == 20


async def test_what_was_surely_not_sent_is_tried_again_later_and_later(world: World) -> None:
    await written(world)
    busy = failing(retryable=True)
    await delivery(world, busy).deliver()
    (letter,) = await outbox(world)
    assert (letter.status, letter.reason) == ("waiting", "554 no")
    assert await delivery(world, busy).deliver() == 0
    for days in range(1, 8):
        await delivery(await later(world, days=days), busy).deliver()
    (letter,) = await outbox(world)
    assert (letter.status, letter.attempts) == ("refused", 8)


async def test_a_mail_goes_out_once_the_service_takes_it(world: World) -> None:
    await written(world)
    mail = standin(world, Planted("email", "send", "busy", nth=1))
    await delivery(world, mail).deliver()
    await delivery(await later(world, minutes=2), mail).deliver()
    (letter,) = await outbox(world)
    assert (letter.status, letter.attempts) == ("captured", 2)
    assert len(await entries(world, "email", "message")) == 1


@pytest.mark.parametrize("kind", ["after", "unknown"])
async def test_of_what_nobody_knows_nothing_is_sent_again_until_a_person_decides(
    world: World, client: Client, kind: str
) -> None:
    ana, ben = await written(world)
    mail = standin(world, Planted("email", "send", kind, nth=1))  # pyright: ignore[reportArgumentType] # a kind
    await delivery(world, mail).deliver()
    (letter,) = await outbox(world)
    assert letter.status == "unknown"
    assert await delivery(await later(world, days=30), mail).deliver() == 0
    path = f"/api/notices/outbox/{letter.id}/decide"
    assert (await (await client(ben)).post(path, json={"sent": False})).status_code == 404
    mine = await client(ana)
    assert (await mine.post(path, json={"sent": False})).json()["status"] == "waiting"
    await delivery(world, mail).deliver()
    assert (await outbox(world))[0].status == "captured"
    assert len(await entries(world, "email", "message")) == 1
    assert (await mine.post(path, json={"sent": True})).status_code == 409


async def test_an_address_that_refuses_for_good_gets_nothing_more(world: World) -> None:
    ana, ben = await written(world)
    await delivery(world, failing(address="refused")).deliver()
    (letter,) = await outbox(world)
    assert (letter.status, letter.reason) == ("refused", "554 no")
    assert (await told(world, ana, ben, channels=["email"])).missed == {"email": 1}
    async with world.write() as store:
        await store.update(id_of(ben), Patch(properties={"email": "ben@new.example"}))
    assert (await told(world, ana, ben, channels=["email"])).queued == {"email": 1}


async def test_a_refusal_that_is_not_of_the_address_leaves_it_usable(world: World) -> None:
    ana, ben = await written(world)
    await delivery(world, failing()).deliver()
    assert (await outbox(world))[0].status == "refused"
    assert (await told(world, ana, ben, channels=["email"])).queued == {"email": 1}


async def test_who_unsubscribes_or_leaves_meanwhile_gets_nothing(
    world: World, client: Client
) -> None:
    ana = await world.person()
    ben, cy = await follower(world, ana), await follower(world, ana, "Cy")
    await told(world, ana, ben, cy, channels=["email"])
    wish = {"channel": "email", "wanted": False}
    assert (await (await client(ben)).post("/api/notices/preferences", json=wish)).is_success
    async with world.write() as store:
        await store.delete(id_of(cy))
    await delivery(world, standin(world)).deliver()
    assert [letter.status for letter in await outbox(world)] == ["dropped", "dropped"]
    assert await entries(world, "email", "message") == []


async def test_a_letter_left_behind_is_looked_up_where_that_can_be_done(world: World) -> None:
    async def hangs(ask: Ask) -> dict[str, JsonValue]:
        await anyio.sleep_forever()
        raise AssertionError

    async def sent(ask: Ask) -> dict[str, JsonValue]:
        return {}

    async def never(ask: Ask) -> dict[str, JsonValue]:
        raise Outside("never", outcome="not_done", retryable=False)

    for seek, status in ((sent, "sent"), (never, "waiting"), (None, "unknown")):
        await written(world)
        with anyio.move_on_after(0.5):
            await delivery(world, service(hangs), lease=0.01).deliver()
        assert (await outbox(world))[-1].status == "sending"
        await anyio.sleep(0.02)
        await delivery(world, service(sent, seek)).deliver()
        assert (await outbox(world))[-1].status == status


async def test_who_comes_late_changes_nothing(world: World) -> None:
    await written(world)
    gate = anyio.Event()

    async def slow(ask: Ask) -> dict[str, JsonValue]:
        await gate.wait()
        return {}

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(delivery(world, service(slow), lease=0.01).deliver)
        while (await outbox(world))[0].status != "sending":  # noqa: ASYNC110 # in the database
            await anyio.sleep(0.02)
        await delivery(world, service(slow)).deliver()
        assert (await outbox(world))[0].status == "unknown"
        gate.set()
    assert (await outbox(world))[0].status == "unknown"
