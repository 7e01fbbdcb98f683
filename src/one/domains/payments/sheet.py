"""A statement as a sheet: a row of CSV for each fact, as spreadsheets read it."""

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from one.domains.payments.statements import Statement
from one.ontology.values import CURRENCIES
from one.store.statements import Line

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Names = Mapping[UUID | None, str]


def heading() -> str:
    """The first line."""
    return _written(
        [
            ("at", "what", "product", "product id", "sale", "currency", "balance"),
            ("held", "connected", "owed", "paid out", "mode", "id"),
        ]
    )


def names(statement: Statement) -> Names:
    """What the products of a statement are called."""
    return {one.product: one.name for account in statement.accounts for one in account.products}


def rows(lines: Iterable[Line], names: Names, *, mode: str) -> str:
    """A line of text for each fact; amounts have the decimals of their currency."""
    return "".join(_row(line, names.get(line.product, ""), mode=mode) for line in lines)


def _row(line: Line, name: str, *, mode: str) -> str:
    change = line.change
    amounts = (change.balance, change.held, change.connected, change.owed, change.paid_out)
    balance, *rest = (_decimal(amount, line.currency) for amount in amounts)
    return _written(
        [
            (line.at.isoformat(), line.kind, _plain(name), line.product or "", line.sale or ""),
            (line.currency, balance, *rest, mode, line.id),
        ]
    )


def _decimal(amount: int, currency: str) -> str:
    return str(Decimal(amount).scaleb(-CURRENCIES[currency]))


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(_FORMULA) else name


def _written(parts: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([cell for part in parts for cell in part])
    return text.getvalue()
