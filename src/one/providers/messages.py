"""Mail over SMTP; text messages and push by connectors. The stand-ins capture what would go."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import JsonValue

from one.errors import Invalid, Outside
from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Direct,
    Fields,
    Provider,
    Reach,
    Stage,
    StandIn,
    busy,
    connected,
    read_file,
    refused,
    unclear,
)
from one.settings import Settings

_BODY = Parameter("body", "text", words=("message", "text", "content", "letter"))


_ADDRESSES = ("email", "email address", "phone", "phone number")


def _channel(name: str, title: str, to: str, *words: str) -> Service:
    params = (
        Parameter(
            "to",
            "json",
            required=True,
            words=(to, "recipient", *_ADDRESSES, "address", "recipients"),
            fill="runner",
        ),
        _BODY,
        Parameter("subject", "text", words=("title", "about")),
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


_LINK = re.compile(r"https?://[!-~]+")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = "captured, not sent"
    return tuple(StandIn(service, {"send": _capture}, stage=stage, how=how) for service in SERVICES)


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    """Raises Invalid."""
    email, *others = SERVICES
    by_connector = connected(others, settings, stage=stage)
    url = urlsplit(settings.smtp_url.get_secret_value())
    if not url.hostname:
        return by_connector
    if not parseaddr(settings.mail_from)[1]:
        raise Invalid(
            "Mail needs a sender.", cure="Set ONE_MAIL_FROM, as `Ana <ana@studio.example>`."
        )
    reach = Reach("live", f"{url.hostname} (ONE_SMTP_URL)")
    acts = {"send": Smtp(url, settings.mail_from).send}
    return (Direct(email, acts, stage=stage, reach=reach), *by_connector)


class Smtp:
    """A mail server. `url` is `smtp://user:password@host:587`, or `smtps://…:465`."""

    def __init__(self, url: SplitResult, sender: str) -> None:
        import aiosmtplib

        self._smtp = aiosmtplib
        self._url = url
        self._sender = sender

    async def send(self, ask: Ask) -> Fields:
        """Up to the letter itself nothing is sent; from its last line on, only the server knows."""
        to = list(_addresses(ask))
        letter, url = _letter(ask, self._sender, to), self._url
        server = self._smtp.SMTP(
            hostname=url.hostname,
            port=url.port or (465 if url.scheme == "smtps" else 587),
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            timeout=30,
        )
        try:
            try:
                await server.connect()
                await server.mail(parseaddr(self._sender)[1])
                for address in to:
                    await server.rcpt(address)
            except (self._smtp.SMTPException, OSError) as error:
                raise self._unsent(error) from error
            try:
                await server.data(letter.as_bytes())
            except self._smtp.SMTPResponseException as error:
                raise self._unsent(error) from error
            except (self._smtp.SMTPException, OSError) as error:
                raise unclear("The mail server took the letter and did not answer.") from error
        finally:
            server.close()
        recipients: list[JsonValue] = [*to]
        return {"id": letter["Message-ID"], "status": "sent", "to": recipients}

    def _unsent(self, error: Exception) -> Outside:
        """Why a letter did not leave: for now (4xx, no connection), or for good (5xx)."""
        if isinstance(error, self._smtp.SMTPAuthenticationError):
            return refused(
                "The mail server doesn't let this deployment in.", cure="Correct ONE_SMTP_URL."
            )
        if isinstance(error, self._smtp.SMTPResponseException) and error.code >= 500:
            whom = isinstance(error, self._smtp.SMTPRecipientRefused)
            return refused(
                f"The mail server refuses this {'address' if whom else 'letter'} ({error.code}).",
                details={"address": "refused"} if whom else None,
            )
        return busy("The mail server does not take letters right now.")


def _addresses(ask: Ask) -> Iterator[str]:
    """Whom a letter is for. Raises Outside."""
    given = ask.params.get("to")
    if not given:
        raise ask.missing("to")
    for one in given if isinstance(given, list) else [given]:
        text = one.get("email") if isinstance(one, dict) else one
        address = parseaddr(said := str(text or ""))[1]
        if not (said.isprintable() and address.isascii()) or not _ADDRESS.fullmatch(address):
            raise refused("Somebody this letter is for has no e-mail address.")
        yield address


class _Whole(UnstructuredHeader, BaseHeader):
    """A header on one line: an address that is folded, or encoded, leads nowhere."""

    def fold(self, *, policy: Policy) -> str:
        return f"List-Unsubscribe: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = default.clone(header_factory=_HEADERS)


def _letter(ask: Ask, sender: str, to: list[str]) -> EmailMessage:
    """Its id follows from the call's key, so that whoever gets it twice sees it once."""
    letter = EmailMessage(policy=_POLICY)
    name, address = parseaddr(sender)
    try:
        letter["From"] = Address(name, addr_spec=address)
        letter["To"] = [Address(addr_spec=one) for one in to]
        letter["Subject"] = " ".join(ask.text("subject").split()) or "(no subject)"
    except (MessageError, ValueError) as error:
        raise refused("This letter has an address that is none.") from error
    letter["Date"] = format_datetime(ask.at)
    letter["Message-ID"] = f"<{ask.id('one')}@{address.partition('@')[2]}>"
    if _LINK.fullmatch(link := ask.text("unsubscribe")):
        letter["List-Unsubscribe"] = f"<{link}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(ask.text("body"))
    attachments = ask.params.get("attachment")
    if attachments:
        for one in attachments if isinstance(attachments, list) else [attachments]:
            file = read_file(one, "attachment")
            main, _, sub = file.kind.partition("/")
            letter.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return letter
