"""What a service outside can be asked to do: the words and types that `CALL` knows.

Providers declare these as data; the compiler reads them, the runtime acts on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Effect = Literal["pure", "reversible", "irreversible"]
Repeat = Literal["keyed", "lookup", "blind"]


@dataclass(frozen=True)
class Parameter:
    """One value that an action takes. `type` is a type of the language (`text`, `money`, `text[]`).

    `words` are other names it goes by. `fill` names what may stand in when nothing was said.
    What the service made is given by its answer, or by a thing that bears the service's own name
    for it: `borne` are the properties that it may stand in.
    """

    name: str
    type: str = "text"
    required: bool = False
    words: tuple[str, ...] = ()
    fill: str = ""
    borne: tuple[str, ...] = ()

    @cached_property
    def spellings(self) -> frozenset[str]:
        """What it goes by, in small letters and without spaces."""
        return frozenset(word.casefold().replace(" ", "") for word in (self.name, *self.words))

    @property
    def made(self) -> bool:
        """Whether it is what an earlier call made."""
        return self.type == "json" and self.fill not in {"", "runner"}


@dataclass(frozen=True)
class Action:
    """One thing a service does. `repeat` says what is safe when the outcome is not known.

    keyed: asked again with the same key · lookup: looked up first · blind: at most once. What isn't
    done yet says why (`absent`), and what to do `instead`.
    """

    name: str
    phrases: tuple[str, ...]
    params: tuple[Parameter, ...] = ()
    result: str = "text"
    fields: Mapping[str, str] | None = None
    effect: Effect = "pure"
    repeat: Repeat = "keyed"
    inverse: str = ""
    errors: tuple[str, ...] = ()
    doc: str = ""
    absent: str = ""
    instead: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """Every name and other word of a parameter, in lower case without spaces."""
        found: dict[str, Parameter] = {}
        for param in self.params:
            for word in (param.name, *param.words):
                found.setdefault(word.lower().replace(" ", ""), param)
        return found

    @cached_property
    def takes_money(self) -> bool:
        """Whether it is given an amount of money."""
        return any(param.type == "money" for param in self.params)


@dataclass(frozen=True)
class Service:
    """A provider: its words (`payment processor`), its actions; `open` takes any instruction."""

    name: str
    title: str
    words: tuple[str, ...]
    actions: tuple[Action, ...]
    open: str = ""
    doc: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Action]:
        return {action.name: action for action in self.actions}
