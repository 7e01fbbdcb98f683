"""Bookings as calendar events (ICS)."""

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn, already, refused

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
                (Parameter("booking", "json", words=("event", "id"), fill="booking"),),
                result="boolean",
                effect="irreversible",
            ),
        ),
        doc="Books and cancels events.",
    ),
)


async def _book(book: Book, ask: Ask) -> Fields:
    id = ask.id("booking")
    booking: Fields = {
        "id": id,
        "url": f"sandbox:calendar/{id}",
        "at": ask.needed("at"),
        "title": ask.text("title", "Booking"),
    }
    more = {name: ask.params.get(name) for name in ("duration", "guest")}
    await book.put("booking", {**booking, **more})
    return booking


async def _cancel(book: Book, ask: Ask) -> Fields:
    id = ask.id_of("booking")
    booking = await book.get("booking", id)
    if booking is None:
        raise refused(f"There is no booking {id}.")
    if booking.get("cancelled"):
        raise already("This booking is cancelled already.")
    await book.put("booking", {**booking, "cancelled": True})
    return {"value": True, "id": id}


_ACTS = {"book": _book, "cancelBooking": _cancel}


def standins(stage: Stage) -> tuple[Provider, ...]:
    return (StandIn(SERVICES[0], _ACTS, stage=stage, how="bookings are only written down"),)
