"""The hand on the sandbox from outside: `POST /_sandbox/control/<verb>` with JSON."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from one.sandbox.hands import Hands
from one.sandbox.pages import PREFIX
from one.sandbox.refusal import Declined, Refusal, error
from one.sandbox.state import Fault, Trouble
from one.sandbox.wire import authenticate

GivenT = TypeVar("GivenT", bound="_Given")


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Pay(_Given):
    session: str
    card: str = "4242424242424242"
    email: str = ""


class _Onboard(_Given):
    account: str


class _Dispute(_Given):
    charge: str
    reason: str = "fraudulent"


class _Decide(_Given):
    dispute: str
    won: bool


class _Payout(_Given):
    payout: str
    account: str = ""


class _Clock(_Given):
    seconds: int


class _Fault(_Given):
    on: str
    trouble: Trouble
    times: int = 1
    skip: int = 0


class _Disturb(_Given):
    duplicates: bool = False
    disorder: bool = False


class _Listen(_Given):
    url: str
    events: tuple[str, ...] = ("*",)
    connect: bool = False
    secret: str | None = None


class _Nothing(_Given):
    pass


@dataclass(frozen=True, slots=True)
class _Verb(Generic[GivenT]):
    takes: type[GivenT]
    act: Callable[[Hands, GivenT], Awaitable[object]]

    async def __call__(self, hands: Hands, body: bytes) -> object:
        return await self.act(hands, self.takes.model_validate_json(body or b"{}"))


_VERBS: dict[str, _Verb[Any]] = {
    "pay": _Verb(_Pay, lambda hands, it: hands.pay(it.session, it.card, email=it.email)),
    "onboard": _Verb(_Onboard, lambda hands, it: hands.onboard(it.account)),
    "dispute": _Verb(_Dispute, lambda hands, it: hands.dispute(it.charge, reason=it.reason)),
    "decide": _Verb(_Decide, lambda hands, it: hands.decide(it.dispute, won=it.won)),
    "fail-payout": _Verb(
        _Payout, lambda hands, it: hands.fail_payout(it.payout, account=it.account)
    ),
    "clock": _Verb(_Clock, lambda hands, it: hands.advance(timedelta(seconds=it.seconds))),
    "fault": _Verb(
        _Fault, lambda hands, it: hands.plant(Fault(it.on, it.trouble, it.times, it.skip))
    ),
    "disturb": _Verb(
        _Disturb, lambda hands, it: hands.disturb(duplicates=it.duplicates, disorder=it.disorder)
    ),
    "heal": _Verb(_Nothing, lambda hands, _: hands.heal()),
    "listen": _Verb(
        _Listen,
        lambda hands, it: hands.listen(it.url, it.events, connect=it.connect, secret=it.secret),
    ),
    "deliver": _Verb(_Nothing, lambda hands, _: hands.deliver()),
}


def routes(hands: Hands) -> list[Route]:
    """Where each verb is reached, by whoever has a key of a sandbox."""

    async def act(request: Request) -> Response:
        try:
            authenticate(request.headers.get("authorization", ""))
            verb = _VERBS.get(request.path_params["verb"])
            if verb is None:
                raise Refusal(f"There is {', '.join(_VERBS)}.", status=404)
            done = await verb(hands, await request.body())
        except (Refusal, Declined) as no:
            return _json(no.document, status=no.status)
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            return _json(error("invalid_request_error", said), status=400)
        return _json(done)

    return [Route(f"{PREFIX}/control/{{verb}}", act, methods=["POST"])]


def _json(body: object, *, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
