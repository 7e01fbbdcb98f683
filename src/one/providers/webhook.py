"""Any address that takes signed JSON. The stand-in keeps what would be posted."""

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn

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
