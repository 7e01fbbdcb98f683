"""WHEN something reaches a number: which rows count for it, by the word that says what is counted.

What people do is counted; a measure of the creator's own is what TRACK has recorded of it last.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from one.compiler.bind.measures import MEASURES
from one.compiler.expression import Expr, Lit, MoneyLit
from one.errors import Invalid
from one.store.crossings import REACH, How, Reach

_Rows = tuple[str, str, Mapping[str, JsonValue]]
_VIEWS: _Rows = ("events", "content_viewed", {})
_SALES: _Rows = ("connections", "transacted", {"transactionType": "purchase"})
_STUDENTS: _Rows = ("connections", "enrolled_in", {})
_DONE: _Rows = ("connections", "completed", {})
_COUNTED: Mapping[str, _Rows] = {
    **{
        name: (found.table, found.type, dict(found.says))
        for name, found in MEASURES.items()
        if found.select == "count"
    },
    **dict.fromkeys(("plays", "listens", "visits", "reads", "viewers"), _VIEWS),
    **dict.fromkeys(("purchases", "orders", "buyers", "customers"), _SALES),
    **dict.fromkeys(("students", "enrollments", "learners"), _STUDENTS),
    **dict.fromkeys(("completions", "graduates"), _DONE),
    "followers": ("connections", "following", {}),
    "members": ("connections", "member_of", {}),
    "holders": ("connections", "holds", {}),
    "subscribers": ("connections", "transacted", {"transactionType": "subscription"}),
    "saves": ("connections", "engaged_with", {"engagementType": "saved"}),
    "ratings": ("connections", "engaged_with", {"engagementType": "rated"}),
}
_MONEY = ("revenue", "sales", "earnings", "income")


def reached(metric: str, number: Expr | None) -> tuple[str, str, dict[str, JsonValue]]:
    """Table, type and wanted values of the rows that bring a thing to a number. Raises Invalid."""
    how: How = "count"
    key = ""
    match number:
        case MoneyLit(amount, currency) if metric in _MONEY:
            at_least, how, key = float(amount), "total", "amount"
            kind, row_type, says = _SALES
            says = {**says, "currency": currency}
        case Lit(int() | float() as at_least) if metric in _COUNTED:
            kind, row_type, says = _COUNTED[metric]
        case Lit(int() | float() as at_least):
            kind, row_type, says = "events", "metric_calculated", {"metricType": metric}
            how, key = "last", "value"
        case _:
            raise Invalid(
                f"ONE can't tell when the {metric} comes to that.",
                cure="Say a number of what people do, such as 1,000 views, or of what you TRACK.",
            )
    wanted = {f"metadata.{name}": value for name, value in says.items()}
    return kind, row_type, {**wanted, REACH: Reach(float(at_least), how, key).as_json()}
