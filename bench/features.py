"""Live features: from a saved text to its answer, the whole build, generated code beside code
written by hand.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median, quantiles

import httpx
import orjson
import uvloop
from tests.compiler.world import vocabulary

from bench import Row
from bench._measure import compared, each, timed
from bench._server import serving_one
from bench.language import long_text
from one.app import build
from one.clock import monotonic, new_id
from one.compiler import check_text
from one.compiler.emit.cases import cases_of
from one.compiler.sheet import sheet_of
from one.runtime import Context
from one.sdk import Feature, Input, New, Output, Person, Run, Value, feature, text
from one.sdk.standing import Standing
from one.sdk.starting import run_now
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Draft, Viewer
from one.workshop.gate import build as built

_STAFF = Viewer(PLATFORM, "staff")
_SAVED = """FEATURE: Greet number {n}

INPUT:
- fan: person

CHECK fan exists
  OTHERWISE say "Please sign in"
CREATE announcement called "Hello {n}" SAVE AS hello
TAG hello WITH goal:calm
GIVE greeting is "Hello {n}, [fan]"
"""
_OPENED = """FEATURE: Open a choir

INPUT:
- fan: person

CREATE community called "Choir of [fan]" WITH description "We sing" SAVE AS choir
CONNECT fan to choir as member
TAG choir WITH goal:calm
GIVE choir
"""


class Given(Input):
    """The input of the feature by hand."""

    fan: Person


class Result(Output):
    """Its answer."""

    choir: Value = None


@feature("Open a choir")
async def open_a_choir(run: Run, given: Given) -> Result:
    """What `_OPENED` says, as somebody writes it who knows the sdk."""
    fan = given.fan
    async with run.step("flow.0") as data:
        choir = await data.create(
            "flow.0",
            New("community", name=f"Choir of {text(fan)}", properties={"description": "We sing"}),
        )
        await data.connect("flow.1", fan, type="member_of", to=choir)
        await data.tag("flow.2", choir, names=["goal:calm"])
    return Result(choir=choir)


def rows(full: bool) -> Iterable[Row]:
    """Times and ratios against the bars of live features."""
    yield _whole_build()
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        settings = Settings(data=Path(folder), demo=False)
        yield uvloop.run(_generated(settings, times=300 if full else 100))
        yield uvloop.run(_answered(settings, times=30 if full else 12))


def _whole_build() -> Row:
    known, sixty = vocabulary(), long_text(60)

    def work() -> None:
        [report] = check_text(sixty, known).features
        made = built(report.program, known, text=sixty, lines=report.lines)
        cases_of(report.program, known, emitted=made.emitted)

    return _row("check, code, gate and tests of 60 lines", each(work), 0.06)


async def _answered(settings: Settings, *, times: int) -> Row:
    """From the text sent to the answer of its endpoint, each time a feature never seen before."""
    took: list[float] = []
    async with serving_one(settings) as server:
        said = {"authorization": f"Bearer {server.token}"}
        at = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=at, headers=said, timeout=60) as client:
            fan = {"type": "audience_member", "name": "Bo"}
            id = (await client.post("/api/entities", json=fan)).raise_for_status().json()["id"]
            for n in range(times):
                begun = monotonic()
                text = _SAVED.replace("{n}", str(n))
                (await client.post("/api/features", json={"text": text})).raise_for_status()
                called = f"/api/features/greet_number_{n}"
                (await client.post(called, json={"fan": id})).raise_for_status()
                took.append(monotonic() - begun)
    return _row("text saved to its endpoint's answer", took, 2.0)


async def _generated(settings: Settings, *, times: int) -> Row:
    [report] = check_text(_OPENED, vocabulary()).features
    made = built(report.program, vocabulary(), text=_OPENED, lines=report.lines)
    sheet = sheet_of(report.program, vocabulary())
    async with build(settings) as app:
        async with app.desk.write(DEFAULT_SPACE, _STAFF) as store:
            fan = (await store.create(Draft("audience_member", "Bo", {}))).id

        async def run(one: Feature) -> None:
            values = one.read(orjson.dumps({"fan": str(fan)}))
            standing = Standing(_STAFF, new_id(), sheet, called=True, runner=PLATFORM)
            async with app.desk.write(DEFAULT_SPACE, _STAFF) as store:
                ctx = Context(store, _STAFF, DEFAULT_SPACE, app.deployment)
                await run_now(one, ctx, given=values, standing=standing)

        found = await compared(
            timed(lambda _: run(made.feature), times=times),
            timed(lambda _: run(open_a_choir), times=times),
        )
    words = f"{found} x ({found.ours * 1000:.2f} ms)"
    return Row("a generated feature", "written by hand", words, "≤ 1.03 x", found.middle <= 1.03)


def _row(path: str, took: list[float], bar: float) -> Row:
    worst = quantiles(took, n=20)[-1]
    words = f"p50 {median(took) * 1000:.0f}, p95 {worst * 1000:.0f} ms"
    return Row(path, "-", words, f"≤ {bar * 1000:.0f} ms", worst <= bar)
