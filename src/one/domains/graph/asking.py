"""What lists have in common: how filters, order and pages are asked for."""

from typing import Annotated

from pydantic import Field

from one.store import Filter, parse_filter

Where = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=300)]] | None,
    Field(
        max_length=10,
        description=(
            "Filters, each `path operator value`: `properties.level eq beginner`. "
            "Operators: eq ne gt gte lt lte in contains startsWith exists between. "
            "A thing's `name` is compared without regard to case; it and `updatedAt` want a type."
        ),
    ),
]
Order = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^-?[A-Za-z][A-Za-z0-9_.]*$",
        description="A path to order by, with `-` in front for the greatest first.",
    ),
]
Limit = Annotated[int, Field(ge=1, le=200, description="How many to a page.")]
Cursor = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=2_000,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The `next` of the page before.",
    ),
]
Types = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]] | None,
    Field(max_length=10, description="Only these types."),
]


def filters(where: list[str] | None) -> tuple[Filter, ...]:
    """The filters asked for. Raises Invalid with the number of the one that is wrong."""
    return tuple(parse_filter(text, f"/where/{at}") for at, text in enumerate(where or ()))
