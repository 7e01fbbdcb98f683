"""What all providers share: the protocol, how they fail, and what stand-ins are made of."""

from one.providers.base.asking import Ask, Values, already, busy, refused, unclear
from one.providers.base.books import Book, Books, Fields, Passing
from one.providers.base.catalogue import catalogue, live, standins
from one.providers.base.faults import Faults, Planted, parse_faults
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

__all__ = [
    "Act",
    "Answer",
    "Ask",
    "Book",
    "Books",
    "Direct",
    "Faults",
    "Fields",
    "Mode",
    "Passing",
    "Planted",
    "Provider",
    "Reach",
    "Stage",
    "StandIn",
    "Values",
    "already",
    "busy",
    "catalogue",
    "live",
    "never",
    "parse_faults",
    "refused",
    "standins",
    "unclear",
]
