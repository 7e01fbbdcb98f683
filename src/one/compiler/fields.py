"""What stands in a field of a program: values, conditions, lengths of time, operators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core.core_schema import (
    CoreSchema,
    any_schema,
    no_info_plain_validator_function,
    plain_serializer_function_ser_schema,
)

from one.compiler.expression import Expr, read_condition, read_value, write_value
from one.errors import JSON


@dataclass(frozen=True)
class _Tree:
    """A value in a model: read and written by `expression`, which pydantic need not look into."""

    read: Callable[[object], Expr] = read_value

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        written = plain_serializer_function_ser_schema(write_value, return_schema=any_schema())
        return no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, JSON]:
        return {"description": "A value; text beginning with $ is an expression."}


Value = Annotated[Expr, _Tree()]
Condition = Annotated[Expr, _Tree(read_condition)]
Values = dict[str, Value]
Duration = Annotated[str, Field(pattern=r"^\d+(\.\d+)?(ms|mo|s|m|h|d|w)$")]
Operator = Literal[
    "eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "startsWith", "exists", "between"
]
OPERATORS: tuple[str, ...] = (
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "contains",
    "startsWith",
    "exists",
    "between",
)
