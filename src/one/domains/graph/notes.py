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
    """What your features have noted of a person, with `SET fan's level to 3`; you alone see it."""
    found = (await notes_of(ctx.store.session, ctx.me, [id])).get(id)
    if found is None:
        raise NotFound(
            "Your features have noted nothing of them.",
            cure="A feature of yours notes something with SET or TAG.",
        )
    return found
