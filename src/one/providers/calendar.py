"""Bookings as calendar events (ICS)."""

from one.ontology.services import Action, Parameter, Service

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
