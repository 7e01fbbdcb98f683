"""Letters over a real SMTP conversation, from the notice to the click that ends them."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import SMTP

from one.app import providers
from one.clock import Clock
from one.domains.notices import Delivery
from one.runtime import Deployment
from one.settings import Settings
from one.store import Patch, Viewer
from tests.domains.conftest import Client
from tests.domains.notices.rooms import follower, outbox, told
from tests.providers.calling import stage_of
from tests.providers.test_mail import Mailbox
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def settings(box: Mailbox, tmp_path: Path) -> AsyncGenerator[Settings]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="here"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Settings(
        data=tmp_path,
        smtp_url=f"smtp://127.0.0.1:{port}",  # pyright: ignore[reportArgumentType] # a secret
        mail_from="One <one@site.example>",
        site_url="https://site.example",
    )
    server.close()
    await server.wait_closed()


async def deliver(world: World, settings: Settings, days: float = 0) -> None:
    """What is due after so many days."""
    later = world.desk.with_clock(Clock(timedelta(days=days)))
    outside = providers(settings, stage_of(world))
    await Delivery(Deployment(settings, later, outside)).deliver()


async def written(world: World) -> tuple[Viewer, Viewer]:
    ana = await world.person()
    ben = await follower(world, ana)
    await told(world, ana, ben, channels=["email"])
    return ana, ben


def link(letter: Message) -> str:
    return urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path


async def test_one_click_in_a_mail_program_ends_the_letters_of_an_author(
    world: World, client: Client, box: Mailbox, settings: Settings
) -> None:
    ana, ben = await written(world)
    await deliver(world, settings)
    (letter,) = box.letters
    assert (await outbox(world))[0].status == "sent"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = letter.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert re.search(rb"https://site\.example/api/notices/unsubscribe/\S{66}", text)
    click = await (await client(None)).post(
        link(letter),
        content="List-Unsubscribe=One-Click",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert click.status_code == 200
    assert (await told(world, ana, ben, channels=["email"])).missed == {"email": 1}


async def test_what_the_server_refuses_for_now_goes_later_under_the_same_id(
    world: World, box: Mailbox, settings: Settings
) -> None:
    await written(world)
    box.says = "451 later"
    await deliver(world, settings)
    assert (await outbox(world))[0].status == "waiting"
    box.says = "250 OK"
    await deliver(world, settings, days=1)
    assert len(box.letters) == 1
    assert (await outbox(world))[0].status == "sent"


async def test_an_unknown_user_is_not_written_to_again_but_spam_is_no_fault_of_theirs(
    world: World, box: Mailbox, settings: Settings
) -> None:
    ana, ben = await written(world)
    box.says = "554 spam"
    await deliver(world, settings)
    assert (await told(world, ana, ben, channels=["email"])).queued == {"email": 1}
    async with world.write() as store:
        await store.update(id_of(ben), Patch(properties={"email": "nobody@one.example"}))
    await deliver(world, settings)
    assert [letter.status for letter in await outbox(world)] == ["refused", "refused"]
    assert (await told(world, ana, ben, channels=["email"])).missed == {"email": 1}


async def test_a_letter_without_an_answer_is_never_sent_again(
    world: World, box: Mailbox, settings: Settings
) -> None:
    await written(world)
    box.hangs_up = True
    await deliver(world, settings)
    box.hangs_up = False
    await deliver(world, settings, days=30)
    assert (await outbox(world))[0].status == "unknown"
    assert box.letters == []
