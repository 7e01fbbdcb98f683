"""A little room for the tests of the doors: books by id, kept in memory."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from one.clock import new_id
from one.errors import JSON, Conflict, Denied, Fault, Invalid, NotFound
from one.runtime import Context, anyone, operation, signed_in, staff
from one.store import Contended

Genre = Literal["fiction", "science"]
Title = Annotated[str, Field(min_length=1, max_length=50)]


class Taken(Conflict):
    """Another book has this title."""


class Author(BaseModel, extra="forbid", strict=True):
    name: Title


class Book(BaseModel, frozen=True):
    id: UUID
    title: str
    genre: Genre
    pages: int | None
    facts: dict[str, JSON]
    version: int


class Books(BaseModel, frozen=True):
    items: list[Book]
    next: str | None = None


BOOKS: dict[UUID, Book] = {}
IN_THE_WAY: list[str] = []


def _book(id: UUID) -> Book:
    if id not in BOOKS:
        raise NotFound(f"There is no book {id}.", cure="Look at the list.")
    return BOOKS[id]


@operation(
    kind="write", allow=signed_in, raises=(Taken,), route="POST /api/books", status=201, mcp=True
)
async def create_book(
    ctx: Context,
    *,
    title: Title,
    genre: Genre,
    pages: Annotated[int, Field(ge=1, le=9999)] | None = None,
    facts: dict[str, JSON] | None = None,
    written_by: Annotated[list[Author], Field(max_length=20)] = [],  # noqa: B006 # never changed
) -> Book:
    """Put a book on the shelf."""
    if any(book.title == title for book in BOOKS.values()):
        raise Taken("There is a book of this title.", cure="Choose another title.")
    kept = dict(facts or {})
    kept["authors"] = [author.name for author in written_by]
    book = Book(
        id=new_id(),
        title=title,
        genre=genre,
        pages=pages,
        facts=kept,
        version=1,
    )
    BOOKS[book.id] = book
    return book


@operation(kind="read", allow=anyone, raises=(NotFound,), route="GET /api/books/{id}")
async def get_book(ctx: Context, *, id: UUID) -> Book:
    """One book."""
    return _book(id)


@operation(kind="read", allow=anyone, route="GET /api/books")
async def find_books(
    ctx: Context,
    *,
    genre: list[Genre] | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    long: bool | None = None,
) -> Books:
    """Books, filtered."""
    found = [book for book in BOOKS.values() if genre is None or book.genre in genre]
    if long is not None:
        found = [book for book in found if ((book.pages or 0) > 300) is long]
    return Books(items=found[:limit])


@operation(
    kind="write", allow=signed_in, raises=(NotFound, Conflict), route="PATCH /api/books/{id}"
)
async def update_book(ctx: Context, *, id: UUID, title: Title | None = None) -> Book:
    """Change a book."""
    book = _book(id)
    if ctx.asked.if_match not in (None, book.version):
        raise Conflict("The book has changed.", details={"version": book.version})
    changed = book.model_copy(update={"title": title or book.title, "version": book.version + 1})
    BOOKS[id] = changed
    return changed


@operation(kind="write", allow=staff, raises=(NotFound,), route="DELETE /api/books/{id}")
async def delete_book(ctx: Context, *, id: UUID) -> None:
    """Take a book away."""
    del BOOKS[_book(id).id]


@operation(kind="write", allow=signed_in, raises=(NotFound,), route="POST /api/books/{id}/borrow")
async def borrow_book(ctx: Context, *, id: UUID) -> Book:
    """Borrow a book."""
    if IN_THE_WAY:
        raise Contended(IN_THE_WAY.pop())
    return await get_book(ctx, id=id)


@operation(kind="read", allow=anyone, raises=(Denied,))
async def break_things(ctx: Context, *, how: Literal["undeclared", "bug", "invalid"]) -> None:
    """Raise what an operation may not, and what it may."""
    if how == "undeclared":
        raise Taken("This is not declared.")
    if how == "bug":
        raise ZeroDivisionError("a secret")
    raise Invalid("No.", faults=(Fault("/how", "can't be so", ("bug",)),))
