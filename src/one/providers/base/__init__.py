"""What all providers share: the protocol, how they fail, and what stand-ins are made of."""

from one.providers.base.asking import Ask, Values, already, busy, refused, unclear
from one.providers.base.books import Book, Books, Fields, Passing
from one.providers.base.catalogue import catalogue, live, standins
from one.providers.base.connector import connected
from one.providers.base.faults import Faults, Planted, parse_faults
from one.providers.base.file import File, read_file
from one.providers.base.http import Came, Http, Sent, of_status, signature
from one.providers.base.ledger import Entry, Ledger
from one.providers.base.provider import (
    Act,
    Answer,
    Direct,
    Mode,
    Provider,
    Reach,
    Stage,
    StandIn,
    never,
)
from one.providers.base.reference import describe

__all__ = [
    "Act",
    "Answer",
    "Ask",
    "Book",
    "Books",
    "Came",
    "Direct",
    "Entry",
    "Faults",
    "Fields",
    "File",
    "Http",
    "Ledger",
    "Mode",
    "Passing",
    "Planted",
    "Provider",
    "Reach",
    "Sent",
    "Stage",
    "StandIn",
    "Values",
    "already",
    "busy",
    "catalogue",
    "connected",
    "describe",
    "live",
    "never",
    "of_status",
    "parse_faults",
    "read_file",
    "refused",
    "signature",
    "standins",
    "unclear",
]
