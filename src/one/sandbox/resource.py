"""The objects of the API: a bag of JSON whose `object` says what it is, and whose id begins so too.

Names that begin with `_` are the sandbox's own and shown to nobody.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from pydantic import JsonValue

from one.clock import new_id

Fields = dict[str, JsonValue]
KINDS = {
    "acct": "account",
    "ch": "charge",
    "cs": "checkout.session",
    "cus": "customer",
    "du": "dispute",
    "evt": "event",
    "fee": "application_fee",
    "pi": "payment_intent",
    "pm": "payment_method",
    "po": "payout",
    "price": "price",
    "prod": "product",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "txn": "balance_transaction",
    "we": "webhook_endpoint",
}
ALWAYS = datetime.fromtimestamp(0, UTC)
SETTLING = timedelta(days=2)
"""How long what was paid is pending before it is available."""


class Resource:
    """One object; what is read of it is there by construction."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    @property
    def id(self) -> str:
        return self.text("id")

    @property
    def kind(self) -> str:
        return self.text("object")

    def text(self, name: str) -> str:
        return cast("str", self.fields[name])

    def maybe(self, name: str) -> str | None:
        return cast("str | None", self.fields.get(name))

    def whole(self, name: str) -> int:
        return cast("int", self.fields[name])

    def flag(self, name: str) -> bool:
        return bool(self.fields.get(name))

    def group(self, name: str) -> Fields:
        return cast("Fields", self.fields[name])

    def listed(self, name: str) -> list[JsonValue]:
        return cast("list[JsonValue]", self.fields[name])

    def set(self, **fields: JsonValue) -> None:
        self.fields.update(fields)

    def describe(self, metadata: dict[str, str]) -> None:
        """Adds metadata; an empty value takes a key away."""
        merged: Fields = {**self.group("metadata"), **metadata}
        self.set(metadata={key: value for key, value in merged.items() if value != ""})

    def shown(self, now: datetime) -> Fields:
        """What others see of it."""
        seen = {name: value for name, value in self.fields.items() if name[0] != "_"}
        if self.kind == "balance_transaction":
            settled = self.whole("available_on") <= seconds(now)
            seen["status"] = "available" if settled else "pending"
        return seen


def numbered(prefix: str) -> str:
    """A new id."""
    return f"{prefix}_{new_id().hex}"


def kind_of(id: str) -> str | None:
    """What kind of object an id is of."""
    return KINDS.get(id.partition("_")[0])


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def listing(data: Sequence[Fields], url: str, *, more: bool = False) -> Fields:
    """A list as the API gives it."""
    return {"object": "list", "url": url, "has_more": more, "data": list(data)}
