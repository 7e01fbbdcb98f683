"""What stands around the pages of somebody who is in: who they are, and where they can go."""

from dataclasses import dataclass
from typing import Literal

Who = Literal["anyone", "creator", "staff"]


@dataclass(frozen=True, slots=True)
class Place:
    """A page that is led to from everywhere. `who`: creators and staff see what is theirs."""

    name: str
    path: str
    icon: str
    who: Who = "anyone"

    def holds(self, path: str) -> bool:
        """Whether a page is this one, or lies within it."""
        return path == self.path or path.startswith(f"{self.path}/")


@dataclass(frozen=True, slots=True)
class Shell:
    """`kind`: the type of the person. `more`: the unread were not counted to their end. `acts`:
    what can be begun from anywhere: its name, address and icon.
    """

    person: str
    kind: str
    unread: int
    more: bool
    acts: tuple[tuple[str, str, str], ...]
    groups: tuple[tuple[str, tuple[Place, ...]], ...]


PLACES: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place("Home", "/home", "house"),
            Place("Explore", "/explore", "compass"),
            Place("Notices", "/notices", "bell"),
            Place("Studio", "/studio", "sparkles", "creator"),
            Place("Runs", "/runs", "circle-play"),
        ),
    ),
    (
        "Money",
        (
            Place("Earnings", "/earnings", "wallet", "creator"),
            Place("Selling", "/sell", "store", "creator"),
            Place("Purchases", "/purchases", "shopping-bag"),
        ),
    ),
    ("Staff", (Place("Sales", "/staff/sales", "receipt", "staff"),)),
    ("You", (Place("Account", "/account", "settings"),)),
)


ACTS = (
    ("Write a feature", "/studio/new", "plus"),
    ("Invite somebody", "/account#invite", "mail"),
    ("Your data", "/account#data", "download"),
)


def groups_for(kind: str, *, staff: bool) -> tuple[tuple[str, tuple[Place, ...]], ...]:
    """The places that somebody may go to, group by group."""
    known: set[Who] = {"anyone"}
    if kind != "audience_member":
        known.add("creator")
    if staff:
        known.add("staff")
    kept = ((name, tuple(one for one in places if one.who in known)) for name, places in PLACES)
    return tuple((name, places) for name, places in kept if places)
