"""Bookings as calendar events (ICS), on any CalDAV server."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

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
    already,
    never,
    refused,
)
from one.settings import Settings

SERVICES = (
    Service(
        "calendar",
        "Calendar",
        ("calendar", "the calendar", "calendar service", "scheduler"),
        (
            Action(
                "book",
                (
                    "book",
                    "book event",
                    "create event",
                    "book a slot",
                    "schedule",
                    "schedule event",
                    "book meeting",
                    "book call",
                    "add event",
                    "book session",
                ),
                (
                    Parameter(
                        "at",
                        "datetime",
                        required=True,
                        words=("time", "date", "start", "when", "slot"),
                    ),
                    Parameter("title", "text", words=("name",)),
                    Parameter("duration", "duration", words=("length",)),
                    Parameter(
                        "guest",
                        "Id<person>",
                        words=("attendee", "client", "fan", "buyer", "student", "with"),
                    ),
                ),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="cancelBooking",
            ),
            Action(
                "cancelBooking",
                ("cancel booking", "cancel event", "cancel"),
                (
                    Parameter(
                        "booking", "json", required=True, words=("event", "id"), fill="booking"
                    ),
                ),
                result="boolean",
                effect="irreversible",
            ),
        ),
        doc="Books and cancels events.",
    ),
)


async def _book(book: Book, ask: Ask) -> Fields:
    booking, ics = _booking(ask), _ics(ask)
    await book.put("booking", {**booking, "guest": ask.params.get("guest"), "ics": ics})
    return {**booking, "url": "data:text/calendar," + quote(ics)}


async def _cancel(book: Book, ask: Ask) -> Fields:
    id = ask.id_of("booking")
    booking = await book.get("booking", id)
    if booking is None:
        raise refused(f"There is no booking {id}.")
    if booking.get("cancelled"):
        raise already("This booking is cancelled already.")
    await book.put("booking", {**booking, "cancelled": True})
    return {"value": True, "id": id}


def _booking(ask: Ask) -> Fields:
    start, end = _span(ask)
    return {
        "id": ask.id("booking"),
        "at": start.isoformat(),
        "until": end.isoformat(),
        "title": ask.text("title", "Booking"),
    }


def _span(ask: Ask) -> tuple[datetime, datetime]:
    """From when until when, in UTC. Raises Outside."""
    try:
        start = datetime.fromisoformat(ask.needed("at"))
    except ValueError as error:
        raise ask.wrong("at", "is not a time") from error
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return start.astimezone(UTC), start.astimezone(UTC) + timedelta(
        seconds=ask.seconds("duration", 3600)
    )


def _ics(ask: Ask) -> str:
    """The booking as RFC 5545 has it."""
    start, end = _span(ask)
    guest = ask.params.get("guest")
    address = guest.get("email") if isinstance(guest, dict) else None
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ONE//EN", "BEGIN:VEVENT"),
        f"UID:{ask.id('booking')}",
        f"DTSTAMP:{ask.at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(ask.text('title', 'Booking'))}",
        *([f"ATTENDEE:mailto:{_escaped(str(address))}"] if address else ()),
        *("END:VEVENT", "END:VCALENDAR"),
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(plain.splitlines())


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, each but the first after a space."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > 74:
            yield piece
            piece = " "
        piece += letter
    yield piece


def standins(stage: Stage) -> tuple[Provider, ...]:
    acts = {"book": _book, "cancelBooking": _cancel}
    return (StandIn(SERVICES[0], acts, stage=stage, how="bookings are only written down"),)


class CalDav:
    """A calendar on a CalDAV server; a booking's address follows from its key."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        self.place = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._headers = {"content-type": "text/calendar; charset=utf-8"}
        if user:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["authorization"] = f"Basic {pair}"
        self.http = Http("The calendar")

    async def book(self, ask: Ask) -> Fields:
        booking = _booking(ask)
        url = self._url(str(booking["id"]))
        await self.http.send(Sent("PUT", url, _ics(ask).encode(), self._headers))
        return {**booking, "url": url}

    async def cancel(self, ask: Ask) -> Fields:
        id = ask.id_of("booking")
        gone = (404, 410)
        await self.http.send(Sent("DELETE", self._url(id), headers=self._headers, fine=gone))
        return {"value": True, "id": id}

    async def seek(self, ask: Ask) -> Fields:
        """What came of a call with a key."""
        id = ask.id("booking")
        if ask.method != "book":
            raise never(ask)
        look = Sent("GET", self._url(id), headers=self._headers, effect=False, fine=(404,))
        if (await self.http.send(look)).status == 404:
            raise never(ask)
        return {"id": id, "url": self._url(id)}

    def _url(self, id: str) -> str:
        return f"{self.place}/{id}.ics"


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    url = settings.calendar_url.get_secret_value()
    if not url:
        return ()
    calendar = CalDav(url)
    acts = {"book": calendar.book, "cancelBooking": calendar.cancel}
    reach = Reach("live", calendar.place, seek=calendar.seek, leave=calendar.http.close)
    return (Direct(SERVICES[0], acts, stage=stage, reach=reach),)
