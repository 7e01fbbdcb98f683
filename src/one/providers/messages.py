"""Mail, text messages and push. The stand-ins capture what would have gone out."""

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn

_BODY = Parameter("body", "text", words=("message", "text", "content", "letter"))


_ADDRESSES = ("email", "email address", "phone", "phone number")


def _channel(name: str, title: str, to: str, *words: str) -> Service:
    params = (
        Parameter(
            "to",
            "json",
            required=True,
            words=(
                to,
                "recipient",
                "email",
                "email address",
                "phone",
                "phone number",
                "address",
                "recipients",
            ),
            fill="runner",
        ),
        Parameter("subject", "text", words=("title", "about")),
        _BODY,
        Parameter("attachment", "json", words=("file", "attachments")),
    )
    phrases = (
        "send",
        f"send {name}",
        f"send an {name}",
        f"send a {name}",
        "send message",
        "send a message",
        "deliver",
        "notify",
    )
    action = Action(
        "send",
        phrases,
        params,
        result="json",
        effect="irreversible",
        repeat="blind",
        doc=f"Sends one {title}.",
    )
    return Service(name, title, (name, *words), (action,), doc=f"Sends by {name}.")


SERVICES = (
    _channel(
        "email",
        "mail",
        "person",
        "mail",
        "email service",
        "e-mail",
        "email provider",
        "mailer",
        "resend",
        "smtp",
    ),
    _channel(
        "push", "push message", "device", "push notifications", "push service", "push notification"
    ),
    _channel("sms", "text message", "number", "text message", "texts", "sms service", "twilio"),
)


async def _capture(book: Book, ask: Ask) -> Fields:
    if ask.params.get("to") is None:
        raise ask.missing("to")
    message: Fields = {
        "id": ask.id("msg"),
        "status": "captured",
        **{name: ask.params.get(name) for name in ("to", "subject", "body", "attachment")},
    }
    await book.put("message", {**message, "at": ask.at.isoformat()})
    return message


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = "captured, not sent"
    return tuple(StandIn(service, {"send": _capture}, stage=stage, how=how) for service in SERVICES)
