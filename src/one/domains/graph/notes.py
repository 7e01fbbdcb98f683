"""What one's features keep of people."""

from uuid import UUID

from one.errors import NotFound
from one.runtime import Context, operation, signed_in
from one.store.notes import Note, notes_of


@operation(
    kind="read",
    snapshot=False,
    allow=signed_in,
    raises=(NotFound,),
    route="GET /api/entities/{id}/note",
)
async def get_note(ctx: Context, *, id: UUID) -> Note:
    """What your features have noted of a person, with `SET fan's level to 3`; you alone see it.

    A note with nothing in it and no `updatedAt` where they have noted nothing.
    """
    found = (await notes_of(ctx.store.session, ctx.me, [id])).get(id)
    if found is not None:
        return found
    person = await ctx.store.get(id)
    return Note(person=person.id, properties={}, tags=[])
