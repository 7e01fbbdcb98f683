"""Mail over a real SMTP conversation: what is sent, and what is known when it isn't."""

import asyncio
import email
from collections.abc import AsyncGenerator
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import JsonValue

from one.app import providers
from one.errors import Invalid
from one.providers.base import Provider
from one.settings import Settings
from tests.providers.calling import ANA, entries, fails, stage_of, standin
from tests.world import World

pytestmark = pytest.mark.anyio


class Mailbox:
    """Takes letters, unless it `says` something else; `hangs_up` when it has one."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.to: list[str] = []
        self.says = "250 OK"
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802 # as aiosmtpd has it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "nobody" in address:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 # as aiosmtpd has it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hangs_up:
            assert server.transport is not None
            server.transport.close()
        elif self.says.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.original_content or b""))
            self.to = envelope.rcpt_tos
        return self.says


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def mail(world: World, box: Mailbox, tmp_path: Path) -> AsyncGenerator[Provider]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="here"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    given = {"data": tmp_path, "smtp_url": f"smtp://127.0.0.1:{port}", "mail_from": "Ana <a@s.one>"}
    yield providers(Settings.model_validate(given), stage_of(world))["email"]
    server.close()
    await server.wait_closed()


LETTER: dict[str, JsonValue] = {
    "to": ANA,
    "subject": "Hi\r\nBcc: all@x.example",
    "body": "Grüße",
    "attachment": {"name": "a.txt", "text": "more"},
}


async def test_a_letter_arrives_as_it_was_written(mail: Provider, box: Mailbox) -> None:
    answer = await mail.call("send", LETTER, key="run:1")
    (letter,) = box.letters
    assert (answer["mode"], answer["reference"]) == ("live", letter["Message-ID"])
    assert box.to == ["ana@one.example"]
    assert letter["Subject"] == "Hi Bcc: all@x.example"
    assert letter["Bcc"] is None
    body, file = [part for part in letter.walk() if not part.is_multipart()]
    assert body.get_payload(decode=True) == "Grüße\r\n".encode()
    assert file.get_filename() == "a.txt"


async def test_a_letter_that_is_sent_twice_has_one_id(mail: Provider, box: Mailbox) -> None:
    for _ in range(2):
        await mail.call("send", LETTER, key="run:1")
    assert len({letter["Message-ID"] for letter in box.letters}) == 1


async def test_a_letter_refused_for_now_goes_later(mail: Provider, box: Mailbox) -> None:
    box.says = "451 later"
    async with fails("not_done", retryable=True):
        await mail.call("send", LETTER, key="1")


async def test_a_letter_refused_for_good_stays(mail: Provider, box: Mailbox) -> None:
    box.says = "554 spam"
    async with fails("not_done", retryable=False):
        await mail.call("send", LETTER, key="1")
    async with fails("not_done", retryable=False):
        await mail.call("send", {**LETTER, "to": "nobody@one.example"}, key="2")


async def test_of_a_letter_handed_over_without_an_answer_nobody_knows(
    mail: Provider, box: Mailbox
) -> None:
    box.hangs_up = True
    async with fails("unknown", retryable=True):
        await mail.call("send", LETTER, key="1")
    async with fails("unknown", retryable=False):
        await mail.lookup("send", key="1")


@pytest.mark.parametrize(
    "to", [None, "ana", "a b@c.example", "x@y.example\r\nDATA", {"id": "1"}, ["a@b", ""]]
)
async def test_who_has_no_address_gets_no_letter(
    mail: Provider, box: Mailbox, to: JsonValue
) -> None:
    async with fails("not_done", retryable=False):
        await mail.call("send", {**LETTER, "to": to}, key="1")
    assert box.letters == []


async def test_a_server_that_is_away_has_sent_nothing(world: World, tmp_path: Path) -> None:
    given = {"data": tmp_path, "smtp_url": "smtp://127.0.0.1:9", "mail_from": "a@s.one"}
    away = providers(Settings.model_validate(given), stage_of(world))["email"]
    async with fails("not_done", retryable=True):
        await away.call("send", LETTER, key="1")


def test_mail_needs_a_sender(world: World) -> None:
    given = {"smtp_url": "smtp://127.0.0.1:9"}
    with pytest.raises(Invalid, match="sender"):
        providers(Settings.model_validate(given), stage_of(world))


async def test_without_a_server_letters_are_captured(world: World) -> None:
    await standin(world, "email").call("send", LETTER, key="1")
    (letter,) = await entries(world, "email", "message")
    assert (letter["status"], letter["body"]) == ("captured", "Grüße")
