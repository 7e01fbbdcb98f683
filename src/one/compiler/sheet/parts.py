"""The lines of a sheet, one class for each thing that a feature may do. Frozen; camelCase JSON."""

import hashlib
from collections.abc import Container, Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from one.compiler.program import Part
from one.errors import JSON

SHEET_VERSION = 1

Who = Literal[
    "author", "runner", "actor", "other", "found", "made", "typed", "named", "everybody", "someone"
]
Runs = Literal["nobody", "everybody", "guests", "signedIn", "managers"]
Yes = Literal["running", "payPage", "deploying", "asked"]


class Party(Part):
    """People as the text means them; `name` is the input or saved name that holds them.

    author: me, my · runner: the first person input · actor: the person of a WHEN · other: a further
    person input · found: looked up · made: a community or clone of this run · typed: an address
    that came in · named: an address that stands in the text · everybody: the public · someone:
    known only at run time. Who it is gets compared by id when the effect happens: a person that was
    found may well be the runner.
    """

    model_config = ConfigDict(frozen=True)

    who: Who
    name: str = ""
    many: bool = False


class Line(Part):
    """`steps` are the paths of `program.walk` that the line speaks of, `says` its plain words."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[str, ...] = ()
    says: str = ""

    @property
    def asks(self) -> str:
        """What the line asks for, wherever it stands in the flow and whatever was ticked."""
        apart = {"steps", "ticked", "cheaper"}
        return type(self).__name__ + self.model_dump_json(exclude=apart)

    @property
    def digest(self) -> str:
        """The same in a few letters: one in every revision that asks the same."""
        return hashlib.sha256(self.asks.encode()).hexdigest()[:12]


class Callers(Line):
    """Rule 3: who may run it. Rule 4: `runner` is the person input that is whoever runs it.

    `judges` are those whose word the flow waits for: of others than the author nobody is their own.
    """

    who: Runs
    runner: str = ""
    judges: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    address: str = ""

    def lets_in_visitors(self, may_miss: Container[str]) -> bool:
        """Whether those without account may call: also where the runner is among the inputs that
        may be missing, as the text then has words for them."""
        return self.who in {"everybody", "guests"} or self.runner in may_miss


class Pick(Line):
    """Rule 6: a thing or a person passed as input. `needs_own`: a runner's run may only do it to
    their own. `gets`: what a person who is picked is given.

    `ticked`: the author's things of this kind that may be picked though the runner can't see them
    or they don't bear the name; empty until a deploy ticks them.
    """

    name: str
    types: tuple[str, ...] = ()
    many: bool = False
    needs_own: bool = False
    ticked: tuple[str, ...] = ()
    gets: tuple[str, ...] = ()


class Change(Line):
    """Something that is made, changed, tagged, tied, untied or recorded.

    `of` is the thing's type, `keys` what is set, `pick` the input that it happens to. `owner` is
    whose a made thing is. `note`: it is about another person, so it stays the author's private note
    (rule 12). `needs_own`: allowed to a runner only with their own pick (rule 6).
    """

    verb: Literal[
        "create",
        "update",
        "tag",
        "connect",
        "disconnect",
        "record",
        "delete",
        "restore",
        "archive",
        "publish",
    ]
    of: str
    keys: tuple[str, ...] = ()
    pick: str = ""
    owner: Party | None = None
    note: bool = False
    needs_own: bool = False


class Price(Line):
    """Money or tokens that somebody pays. Rule 7.

    `amount` is the text's own when it is a plain one. `inputs` are the money inputs in it: what the
    author didn't send must equal the property of that name of the thing sold, else its price.
    `sells` are the picks that are sold; `cheaper` is the tick that lets them go for less.
    """

    payer: Party
    service: str = ""
    amount: JSON = None
    inputs: tuple[str, ...] = ()
    sells: tuple[str, ...] = ()
    cheaper: bool = False


class Gift(Line):
    """Rule 8: what the author gives: tokens, money, access, a badge.

    `inputs` are the typed inputs that say how much; the author is asked about such an amount.
    `sold`: a payment stands before it on every way, so that it is delivered, not given. `picks` are
    the inputs that the once-per-person count goes by. `limit` 0 means no limit of its own.
    """

    to: Party
    what: Literal["tokens", "money", "access", "badge", "nft"]
    amount: JSON = None
    inputs: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    sold: bool = False
    limit: int = 1
    per: Literal["ever", "day"] = "ever"


class Reach(Line):
    """Rule 10: a message. `words` are the typed inputs in it; to a typed address they are cut out.

    `needs_tie`: only those who followed, joined, bought, enrolled or wrote get it.
    """

    to: Party
    channels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    needs_tie: bool = False


class Leaving(Line):
    """What leaves ONE: `sends` are the names of the values, `address` a webhook's, when written."""

    service: str
    action: str
    sends: tuple[str, ...] = ()
    address: str = ""
    paid: bool = False


class Consent(Line):
    """Rule 5: whose yes an effect needs, and how it is had.

    running: to run is to say it · payPage: each time, on the page where they pay · deploying: the
    author's, given by deploying · asked: once for each line. `pending`: the relation stays pending
    meanwhile and the flow goes on; otherwise it waits seven days, then refuses. `ticked`: the
    author said at the deploy that it may be done without asking them each time.
    """

    of: Party
    to: str
    how: Yes
    pending: bool = False
    ticked: bool = False

    @property
    def asks_author(self) -> bool:
        """Whether the author is asked when somebody else sets it off."""
        return self.of.who == "author" and self.how == "asked"


class Read(Line):
    """Rules 11 and 12: what is looked up. `eyes`: who gets to see it, so with whose sight.

    No eyes: the author's (it only decides, or only the author gets it). `about`: the people whose
    history it is; of others than the author only what lies between them and the author.
    """

    what: str
    eyes: tuple[Party, ...] = ()
    about: tuple[Party, ...] = ()


class Answer(Line):
    """What a run answers or shows; single things that the receiver may not see become ids."""

    to: Party
    gives: tuple[str, ...] = ()


class Use(Line):
    """Rule 13: another feature. Someone else's is run with the author as its runner, in the
    `revision` that they accept by deploying.
    """

    feature: str
    revision: str = ""


class Budget(Line):
    """Rule 9: how often a day. `everyone` is the larger of this and twice today's audience."""

    of: Literal["paidCalls", "gifts"]
    person: int = Field(default=20, ge=0)
    guest: int = Field(default=3, ge=0)
    guests: int = Field(default=200, ge=0)
    everyone: int = Field(default=1000, ge=0)


class Sheet(Part):
    """What one feature may do, and for whom."""

    model_config = ConfigDict(frozen=True)

    sheet_version: int = SHEET_VERSION
    feature: str
    runs: Callers
    picks: tuple[Pick, ...] = ()
    takes: tuple[Price, ...] = ()
    gifts: tuple[Gift, ...] = ()
    changes: tuple[Change, ...] = ()
    reaches: tuple[Reach, ...] = ()
    leaves: tuple[Leaving, ...] = ()
    consents: tuple[Consent, ...] = ()
    reads: tuple[Read, ...] = ()
    answers: tuple[Answer, ...] = ()
    uses: tuple[Use, ...] = ()
    budgets: tuple[Budget, ...] = ()

    def lines(self) -> Iterator[Line]:
        """Every line, in the order in which the sheet is read."""
        yield self.runs
        for section in SECTIONS:
            yield from getattr(self, section)

    def at(self, path: str) -> tuple[Line, ...]:
        """The lines that speak of the step with this path."""
        return tuple(line for line in self.lines() if path in line.steps)

    def as_json(self) -> dict[str, JSON]:
        """JSON; `Sheet.model_validate` reads it back."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")


SECTIONS: dict[str, str] = {
    "takes": "It takes",
    "gifts": "It gives",
    "changes": "It changes",
    "reaches": "It writes to people",
    "leaves": "What leaves",
    "reads": "It looks at",
    "answers": "It answers",
    "uses": "It uses",
    "picks": "What is picked",
    "consents": "Whose yes",
    "budgets": "At most",
}
"""The fields with lines, and what each is called for people."""
