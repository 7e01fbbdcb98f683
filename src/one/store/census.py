"""How many things there are of each type, as far as somebody sees them."""

from one.store.listing import COUNT_LIMIT
from one.store.rows import Row
from one.store.session import Session
from one.store.sight import gathered, hidden


class TypeCount(Row):
    """How many of one type; `more` when counting stopped at the limit."""

    type: str
    count: int
    more: bool


async def census(session: Session) -> list[TypeCount]:
    """Each type with how many the viewer sees, none left out. What everybody sees is counted by its
    index, what is the viewer's own by looking it up.
    """
    viewer = session.viewer
    public = "true" if viewer.staff else "x.seen = 'public'"
    mine = gathered(viewer)
    own = (
        "SELECT x.type, count(*) AS size FROM entities x WHERE x.space_id = %(space)s"
        " AND x.id IN (SELECT id FROM mine) AND x.deleted_at IS NULL"
        f" AND {hidden('x')} GROUP BY x.type"
        if mine
        else "SELECT NULL::text AS type, 0 AS size WHERE false"
    )
    records = await session.tx.rows(
        f"WITH {mine + ', ' if mine else ''}own AS ({own})"
        " SELECT t.type, seen.size + coalesce(own.size, 0) FROM unnest(%(types)s::text[]) t (type)"
        " CROSS JOIN LATERAL (SELECT count(*) AS size FROM (SELECT FROM entities x"
        " WHERE x.space_id = %(space)s AND x.type = t.type AND x.deleted_at IS NULL"
        f" AND {public} LIMIT %(most)s) x) seen LEFT JOIN own ON own.type = t.type",
        session.params(types=list(session.ontology.entities), most=COUNT_LIMIT + 1),
    )
    counted = {str(type): int(str(size)) for type, size in records}
    return [
        TypeCount(type=name, count=min(size, COUNT_LIMIT), more=size > COUNT_LIMIT)
        for name, size in counted.items()
    ]
