"""The live clients against servers that speak as the services do: the same suite as the stand-ins,
and what only a wire can do wrong.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import JsonValue

from one.app import providers
from one.errors import Invalid
from one.providers.base import Ask, Http, Provider, catalogue
from one.providers.elevenlabs import ElevenLabs, VoiceRefused, real
from one.providers.openai import SERVICES
from one.providers.openai.client import Client
from one.settings import Settings
from tests.providers.calling import ANA, asked, fails, stage_of
from tests.providers.outside import Outside, served
from tests.world import World

pytestmark = pytest.mark.anyio
SECRET = "a secret to sign with"
SERVED = ("openai", "elevenlabs", "youtube", "sms", "calendar", "webhook", "storage")
ACTIONS = [
    (service.name, action.name)
    for service in catalogue()
    if service.name in SERVED
    for action in service.actions
]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
async def url(anyio_backend: str, outside: Outside) -> AsyncGenerator[str]:
    async with served(outside) as address:
        yield address


def settings(url: str, folder: Path, **more: str | bool) -> Settings:
    given: dict[str, object] = {
        "data": folder,
        "openai_key": "sk-test",
        "openai_url": f"{url}/v1",
        "webhook_secret": SECRET,
        "connectors": f"youtube={url}/post,sms={url}/sms",
        "calendar_url": url.replace("://", "://ana:p%40ss@") + "/calendar/",
        "private_addresses": True,
        **more,
    }
    return Settings.model_validate(given)


@pytest.fixture
async def live(world: World, url: str, tmp_path: Path) -> AsyncGenerator[dict[str, Provider]]:
    stage = stage_of(world)
    chosen = providers(settings(url, tmp_path), stage)
    chosen["elevenlabs"] = real(ElevenLabs("key", links=Http("Links"), url=url), stage)
    yield chosen
    for provider in chosen.values():
        await provider.close()


@pytest.mark.parametrize(("name", "method"), ACTIONS)
async def test_every_action_has_an_answer_that_says_whose_it_is(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.says = '{"value": ["one"]}'
    _, answer = await asked(live[name], method, "run:1", url=f"{url}/hook")
    mode = "local" if name == "storage" else "live"
    assert (answer["provider"], answer["mode"]) == (name, mode)
    assert answer["reference"]
    action = live[name].service.by_name[method]
    wanted = action.fields or ({} if action.result == "json" else {"value": action.result})
    assert [field for field in wanted if field not in answer] == []


@pytest.mark.parametrize(("name", "method"), ACTIONS)
async def test_a_repeated_key_has_the_same_answer(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.says = '{"value": ["one"]}'
    params, first = await asked(live[name], method, "run:1", url=f"{url}/hook")
    assert await live[name].call(method, params, key="run:1") == first


@pytest.mark.parametrize("name", SERVED)
async def test_an_unknown_action_is_refused(live: dict[str, Provider], name: str) -> None:
    async with fails("not_done", retryable=False):
        await live[name].call("levitate", {}, key="1")


WIRED = [
    ("openai", "answer"),
    ("elevenlabs", "cloneVoice"),
    ("youtube", "publish"),
    ("calendar", "book"),
    ("webhook", "post"),
]


@pytest.mark.parametrize(("name", "method"), WIRED)
async def test_too_many_calls_are_made_again_later(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.status = 429
    async with fails("not_done", retryable=True):
        await asked(live[name], method, "1", url=url)


@pytest.mark.parametrize(("name", "method"), WIRED)
async def test_a_refusal_is_for_good(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.status = 401
    async with fails("not_done", retryable=False):
        await asked(live[name], method, "1", url=url)


@pytest.mark.parametrize(("name", "method"), [WIRED[0], *WIRED[2:]])
async def test_after_a_break_down_only_what_has_no_effect_was_surely_not_done(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.status = 500
    async with fails("not_done" if name == "openai" else "unknown", retryable=True):
        await asked(live[name], method, "1", url=url)


@pytest.mark.parametrize(("name", "method"), [WIRED[0], WIRED[2], WIRED[4]])
async def test_of_an_answer_that_breaks_off_nobody_knows(
    live: dict[str, Provider], outside: Outside, url: str, name: str, method: str
) -> None:
    outside.cut = True
    async with fails("unknown", retryable=True):
        await asked(live[name], method, "1", url=url)


async def test_what_cannot_be_reached_was_not_done(world: World, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    chosen = providers(settings(nowhere, tmp_path), stage_of(world))
    for name, method in [*WIRED[2:], WIRED[0]]:
        async with fails("not_done", retryable=True):
            await asked(chosen[name], method, "1", url=nowhere)
        await chosen[name].close()


def request_of(world: World, **params: JsonValue) -> Ask:
    return Ask(SERVICES[0], "answer", params, "1", world.desk.clock.now())


async def test_a_model_that_is_too_slow_leaves_it_unknown(
    world: World, outside: Outside, url: str
) -> None:
    outside.slow = 5
    client = Client(f"{url}/v1", key="k", model="tiny", links=Http("Links"), patience=0.3)
    async with fails("unknown", retryable=True):
        await client.act("answer")(request_of(world, instruction="Hi"))
    await client.close()


async def test_a_model_is_asked_once(
    live: dict[str, Provider], outside: Outside, world: World
) -> None:
    outside.status = 500
    async with fails("not_done", retryable=True):
        await live["openai"].call("answer", {"instruction": "Hi"}, key="1")
    assert len(outside.got) == 1


async def test_an_empty_purse_is_not_asked_again(
    live: dict[str, Provider], outside: Outside
) -> None:
    outside.status, outside.code = 429, "insufficient_quota"
    async with fails("not_done", retryable=False):
        await live["openai"].call("answer", {"instruction": "Hi"}, key="1")


@pytest.mark.parametrize(
    ("wanted", "says", "value"),
    [
        ("text[]", '{"value": ["a", "b"]}', ["a", "b"]),
        ("number", '{"value": 7.5}', 7.5),
        ("boolean", '{"value": true}', True),
        ("json", '{"value": {"a": 1}}', {"a": 1}),
    ],
)
async def test_a_model_answers_in_the_shape_that_is_asked_for(
    live: dict[str, Provider], outside: Outside, wanted: str, says: str, value: JsonValue
) -> None:
    outside.says = says
    params: dict[str, JsonValue] = {"instruction": "Say", "as": wanted, "tone": "warm"}
    answer = await live["openai"].call("generate", params, key="1")
    assert (answer["value"], answer["generative"]) == (value, True)
    form = outside.asked()["response_format"]
    assert isinstance(form, dict)
    assert form["type"] == "json_schema"
    assert "warm" in str(outside.asked()["messages"])


async def test_ideas_are_a_list(live: dict[str, Provider], outside: Outside) -> None:
    outside.says = '{"value": ["a", "b"]}'
    answer = await live["openai"].call("generateIdeas", {"instruction": "ideas"}, key="1")
    assert answer["value"] == ["a", "b"]


async def test_another_shape_than_was_asked_for_is_asked_again(
    live: dict[str, Provider], outside: Outside
) -> None:
    for says in ("nine", '{"value": "nine"}', "[]"):
        outside.says = says
        async with fails("not_done", retryable=True):
            await live["openai"].call("generate", {"instruction": "x", "as": "number"}, key="1")


async def test_a_webhook_is_signed_so_that_its_receiver_knows(
    live: dict[str, Provider], outside: Outside, url: str
) -> None:
    await live["webhook"].call("post", {"url": f"{url}/hook", "body": {"n": 1}}, key="1")
    _, _, headers, body = outside.got[-1]
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(SECRET.encode(), text, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert body == b'{"n":1}'


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://localhost:80/", "http://[::1]/", "http://10.0.0.1/",
               "http://169.254.169.254/latest", "file:///etc/passwd", "no address"]
)  # fmt: skip
async def test_a_webhook_does_not_reach_into_the_network(
    world: World, tmp_path: Path, target: str
) -> None:
    closed = settings("http://x", tmp_path, private_addresses=False)
    hook = providers(closed, stage_of(world))["webhook"]
    async with fails("not_done", retryable=False):
        await hook.call("post", {"url": target}, key="1")


async def test_a_booking_is_an_event_that_others_can_read(
    live: dict[str, Provider], outside: Outside
) -> None:
    params: dict[str, JsonValue] = {
        "at": "2027-01-01T09:00:00+01:00",
        "title": "Call; with, Ana " + "ü" * 60,
        "duration": "90m",
        "guest": ANA,
    }
    await live["calendar"].call("book", params, key="1")
    _, _, headers, body = outside.got[-1]
    lines = body.decode().split("\r\n")
    assert "DTSTART:20270101T080000Z" in lines
    assert "DTEND:20270101T093000Z" in lines
    assert "ATTENDEE:mailto:ana@one.example" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "SUMMARY:Call\\; with\\, Ana üüü" in body.decode().replace("\r\n ", "")
    assert headers["authorization"] == "Basic " + base64.b64encode(b"ana:p@ss").decode()
    assert (await live["calendar"].lookup("book", key="1"))["url"]
    async with fails("not_done", retryable=False):
        await live["calendar"].lookup("book", key="2")


async def test_no_voice_is_cloned_without_consent(
    live: dict[str, Provider], outside: Outside
) -> None:
    with pytest.raises(VoiceRefused, match="consent"):
        await live["elevenlabs"].call("cloneVoice", {"samples": ["a.mp3"]}, key="1")
    assert outside.got == []


async def test_a_voice_whose_answer_got_lost_is_found_again(
    live: dict[str, Provider], outside: Outside
) -> None:
    await asked(live["elevenlabs"], "cloneVoice", "1")
    await asked(live["elevenlabs"], "cloneVoice", "1")
    assert len(outside.voices) == 1


def test_a_connector_needs_a_secret(world: World, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="secret"):
        providers(settings("http://x", tmp_path, webhook_secret=""), stage_of(world))


async def test_a_recording_behind_a_link_is_fetched(
    live: dict[str, Provider], outside: Outside, url: str
) -> None:
    outside.events["/calendar/talk.wav"] = b"RIFF0000WAVE and sound"
    source: JsonValue = {"name": "talk.wav", "url": f"{url}/calendar/talk.wav"}
    await live["openai"].call("transcribe", {"source": source}, key="1")
    assert b"RIFF0000WAVE and sound" in outside.got[-1][3]


async def test_many_calls_share_one_client(live: dict[str, Provider], outside: Outside) -> None:
    model = live["openai"]
    calls = [model.call("answer", {"instruction": "Hi"}, key=str(n)) for n in range(5)]
    assert len(await asyncio.gather(*calls)) == len(outside.got) == 5
