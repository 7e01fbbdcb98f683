"""What Stripe posts: kept where it was signed for us, once, and refused where it wasn't."""

import hashlib
import hmac
import time
from dataclasses import dataclass

import orjson
import pytest
from httpx import ASGITransport, AsyncClient

from one.app import operations
from one.domains.payments import HOOK, Till
from one.providers.stripe.payments import in_process
from one.runtime import Deployment
from one.sandbox import Sandbox
from one.settings import Settings
from one.web.server import create
from tests.domains.conftest import Site
from tests.world import World

pytestmark = pytest.mark.anyio
OLD, NEW = "whsec_old", "whsec_new"


@dataclass(frozen=True, slots=True)
class Door:
    client: AsyncClient
    world: World

    async def post(self, event: bytes, *, secret: str = NEW, ago: int = 0) -> int:
        at = int(time.time()) - ago
        mac = hmac.new(secret.encode(), f"{at}.".encode() + event, hashlib.sha256).hexdigest()
        headers = {"stripe-signature": f"t={at},v1={mac}", "content-type": "application/json"}
        return (await self.client.post(HOOK, content=event, headers=headers)).status_code

    async def kept(self, id: str) -> int:
        async with self.world.desk.database.read(snapshot=False) as tx:
            sql = "SELECT count(*) FROM payment_hints WHERE id = %(id)s"
            record = await tx.row(sql, {"id": id})
        assert record is not None
        return int(str(record[0]))


@pytest.fixture
def door(world: World) -> Door:
    desk = world.desk
    sandbox = Sandbox(desk.database, desk.clock, space=world.space)
    payments = in_process(sandbox, [NEW, OLD])
    deployment = Deployment(Settings(mode="test"), desk, payments=payments)
    site = Site(deployment, operations(), till=Till(deployment), space=world.space)
    transport = ASGITransport(create(site))
    return Door(AsyncClient(transport=transport, base_url="http://one"), world)


def event(world: World) -> tuple[str, bytes]:
    id = f"evt_{world.space.hex}"
    about = {"id": "po_1", "object": "payout"}
    whole: dict[str, object] = {
        "id": id,
        "object": "event",
        "type": "payout.paid",
        "created": 1,
        "data": {"object": about},
    }
    return id, orjson.dumps(whole)


async def test_what_was_signed_for_us_is_kept_once(door: Door) -> None:
    id, body = event(door.world)
    assert [await door.post(body) for _ in range(3)] == [204, 204, 204]
    assert await door.kept(id) == 1


async def test_the_older_secret_still_holds_while_it_is_replaced(door: Door) -> None:
    id, body = event(door.world)
    assert await door.post(body, secret=OLD) == 204
    assert await door.kept(id) == 1


async def test_what_wasnt_signed_for_us_is_refused(door: Door) -> None:
    id, body = event(door.world)
    assert await door.post(body, secret="whsec_other") == 422
    assert await door.post(body, ago=3_600) == 422
    answer = await door.client.post(
        HOOK, content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    tampered = body.replace(b"po_1", b"po_2")
    at = int(time.time())
    mac = hmac.new(NEW.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={at},v1={mac}", "content-type": "application/json"}
    assert (await door.client.post(HOOK, content=tampered, headers=headers)).status_code == 422
    assert (await door.client.get(HOOK)).status_code == 405
    assert await door.kept(id) == 0


async def test_what_is_no_event_is_refused(door: Door) -> None:
    for body in (b"{}", b"[]", b"null", b"no json", b'{"id": "evt_1", "data": {}}'):
        assert await door.post(body) == 422, body
