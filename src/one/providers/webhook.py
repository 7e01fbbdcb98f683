"""Any address that takes signed JSON. The stand-in keeps what would be posted."""

from functools import partial

import orjson

from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Direct,
    Fields,
    Http,
    Provider,
    Reach,
    Sent,
    Stage,
    StandIn,
    signature,
)
from one.settings import Settings

SERVICES = (
    Service(
        "webhook",
        "Webhook",
        ("webhook", "a webhook", "my server", "http"),
        (
            Action(
                "post",
                ("post", "send", "post data", "call"),
                (
                    Parameter("url", "text", required=True, words=("address", "to", "link")),
                    Parameter("body", "json", words=("data", "payload")),
                ),
                result="json",
                effect="irreversible",
            ),
        ),
        doc="Posts signed JSON to an address.",
    ),
)


async def _capture(book: Book, ask: Ask) -> Fields:
    id = ask.id("hook")
    post: Fields = {"id": id, "url": ask.needed("url"), "body": ask.params.get("body")}
    await book.put("post", {**post, "at": ask.at.isoformat()})
    return {"id": id, "status": "captured", "answer": None}


def standins(stage: Stage) -> tuple[Provider, ...]:
    return (StandIn(SERVICES[0], {"post": _capture}, stage=stage, how="captured, not posted"),)


async def _post(http: Http, secret: str, ask: Ask) -> Fields:
    body = orjson.dumps(ask.params.get("body"))
    headers = signature(ask, body, secret=secret)
    came = await http.send(Sent("POST", ask.needed("url"), body, headers, most=65_536))
    return {"id": headers["webhook-id"], "status": came.status, "answer": came.json()}


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    secret = settings.webhook_secret.get_secret_value()
    if not secret:
        return ()
    http = Http("The webhook", public=not settings.private_addresses)
    reach = Reach("live", "signed with ONE_WEBHOOK_SECRET", leave=http.close)
    return (Direct(SERVICES[0], {"post": partial(_post, http, secret)}, stage=stage, reach=reach),)
