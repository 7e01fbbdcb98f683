"""The library in the demo world: its features live, and some of them run, so that there are runs,
events and balances to see.
"""

import orjson
import structlog
from pydantic import JsonValue

from one import library
from one.app import App
from one.demo import Cast
from one.errors import OneError
from one.runtime import Context
from one.store import DEFAULT_SPACE, Draft, Viewer
from one.workshop.calling import Calling
from one.workshop.deploy import deploy_features

_log: structlog.stdlib.BoundLogger = structlog.get_logger()
_MOMENT = 1.0  # seconds
_CLONE = "Warm, calm and brief. You answer with one breath exercise at a time."


async def show(app: App, cast: Cast) -> None:
    """Makes the library live for the demo's creator, and lets her and her fans run it."""
    for name, text in library.texts().items():
        await _deploy(app, cast.creator, name, text=text)
    await _run(app, cast.creator, "create_my_ai_clone", personality=_CLONE)
    for n, fan in enumerate(cast.fans[:3], 1):
        await _run(app, fan, "let_fans_buy_my_tokens", amount=10 * n)
        await _run(app, fan, "let_fans_chat_with_my_ai_clone", message="How do I calm down?")
    course = await _free_course(app, cast.creator)
    for fan in cast.fans[3:5]:
        await _run(app, fan, "enroll_a_student_and_follow_up", course=course)


async def _deploy(app: App, creator: Viewer, name: str, *, text: str) -> None:
    """Makes a feature live; one that is refused here is no reason not to start."""
    try:
        async with app.desk.write(DEFAULT_SPACE, creator) as store:
            ctx = Context(store, creator, DEFAULT_SPACE, app.deployment)
            await deploy_features(ctx, text=text, filename=f"{name}.one")
    except OneError as error:
        _log.warning("a feature of the library is not live", feature=name, why=error.message)


async def _free_course(app: App, creator: Viewer) -> str:
    """A course that costs nothing, so that everybody may enter."""
    async with app.desk.write(DEFAULT_SPACE, creator) as store:
        made = await store.create(
            Draft("course", "Three Breaths", {"language": "en", "level": "beginner"}, "published")
        )
    return str(made.id)


async def _run(app: App, who: Viewer, slug: str, **given: JsonValue) -> None:
    """A call of the creator's feature, waited for a moment. What it refuses is its answer."""
    assert app.caller is not None, "what is built can call"
    body = orjson.dumps(given)
    call = Calling(DEFAULT_SPACE, who, handle="mara", slug=slug, body=body, wait=_MOMENT)
    try:
        await app.caller.call(call)
    except OneError:
        return
