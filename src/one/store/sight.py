"""Who sees a row, as SQL. Every read of the store passes through here.

A fragment speaks of the row by its alias and of the viewer by the parameters `%(space)s`,
`%(me)s` and `%(now)s`. Relations that give rights are those a thing's owner has granted: `owns`
is written only by creation, shares and sale; `manages`, `collaborates_with` and the memberships
of what is not public only by the owner of the thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from one.ontology import Ontology
from one.store.rows import ActorType

Role = Literal["anonymous", "person", "staff"]

PEOPLE = ("creator", "audience_member")
GRANTS = ("owns", "manages", "collaborates_with")
BELONGS = ("member_of", "enrolled_in", "transacted", "holds", "completed")
CONTAINS = ("part_of", "published_to")
CONTACTS = ("following", "transacted", "enrolled_in", "member_of", "completed", "holds")
SEEN_STATUSES = frozenset({"published", "active"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes and hands the store is opened for; the actor of what it writes."""

    id: UUID | None = None
    role: Role = "anonymous"
    type: ActorType = "user"

    @property
    def staff(self) -> bool:
        return self.role == "staff"


ANYBODY = Viewer()


def seen(visibility: str, status: str) -> str:
    """What `visibility` comes to with this status: drafts and the like are their owners' alone."""
    return visibility if status in SEEN_STATUSES else "private"


def quoted(words: Iterable[str]) -> str:
    """Words of this package or of the ontology as a SQL list. Never for what a user typed."""
    return ", ".join(f"'{word}'" for word in sorted(words))


def live(alias: str) -> str:
    """That a connection holds now."""
    return f"{alias}.valid_from <= %(now)s AND {not_ended(alias)}"


def not_ended(alias: str) -> str:
    """That a connection holds or will; what a writer who waited for a lock must count."""
    return f"({alias}.valid_to IS NULL OR {alias}.valid_to > %(now)s)"


def _mine() -> str:
    """All that the viewer has to do with: `id`, and whether as one of its owners."""

    def related(select: str, owner: str, *, where: str, join: str = "") -> str:
        return (
            f"SELECT {select} AS id, {owner} AS owner FROM connections r {join}"
            f" WHERE r.space_id = %(space)s AND {where} AND {live('r')}"
        )

    def onward(types: Iterable[str]) -> str:
        return (
            "JOIN connections c ON c.space_id = r.space_id AND c.to_id = r.to_id"
            f" AND c.type IN ({quoted(types)}) AND {live('c')}"
        )

    return " UNION ALL ".join(
        (
            "SELECT %(me)s::uuid AS id, true AS owner",
            related(
                "r.to_id",
                f"r.type IN ({quoted(GRANTS)})",
                where=f"r.from_id = %(me)s AND r.type IN ({quoted((*GRANTS, *BELONGS))})",
            ),
            related(
                "c.from_id",
                "false",
                where="r.from_id = %(me)s AND r.type IN ('enrolled_in', 'member_of')",
                join=onward(CONTAINS),
            ),
            related(
                "r.from_id", "false", where=f"r.to_id = %(me)s AND r.type IN ({quoted(CONTACTS)})"
            ),
            related(
                "c.from_id",
                "false",
                where="r.from_id = %(me)s AND r.type = 'owns'",
                join=onward(CONTACTS),
            ),
        )
    )


MINE = _mine()
# For statements over many rows: read once, then looked up in memory.
NAMED_MINE = (
    f"mine AS MATERIALIZED (SELECT m.id, bool_or(m.owner) AS owner FROM ({MINE}) m GROUP BY m.id)"
)
_OWNED = "SELECT id FROM mine WHERE owner"
_MOST_EACH = 200
_FEW = f"(SELECT count(*) FROM mine) <= {_MOST_EACH}"
_MANY = f"(SELECT count(*) FROM mine) > {_MOST_EACH}"


def named(viewer: Viewer) -> str:
    """What stands in the WITH of a statement that holds branches; empty when none is needed."""
    return "" if viewer.staff or viewer.id is None else NAMED_MINE


def _mine_admits(alias: str) -> str:
    """Which of `MINE` (as m) may be seen: what one owns whole, else what its members may."""
    people = quoted(PEOPLE)
    return (
        f"(m.owner AND ({alias}.type NOT IN ({people}) OR {alias}.id = %(me)s)"
        f" OR {alias}.seen IN ('members', 'parties'))"
    )


def _among_mine(alias: str) -> str:
    """The same of an entity, where `mine` is named."""
    people = quoted(PEOPLE)
    return (
        f"({alias}.id IN ({_OWNED})"
        f" AND ({alias}.type NOT IN ({people}) OR {alias}.id = %(me)s)"
        f" OR {alias}.seen IN ('members', 'parties') AND {alias}.id IN (SELECT id FROM mine))"
    )


def owns(alias: str) -> str:
    """That the viewer is one of the owners of entity `alias`, or that entity."""
    return (
        f"({alias}.id = %(me)s OR {alias}.type NOT IN ({quoted(PEOPLE)}) AND EXISTS (SELECT 1"
        f" FROM connections r WHERE r.space_id = %(space)s AND r.from_id = %(me)s"
        f" AND r.to_id = {alias}.id AND r.type IN ({quoted(GRANTS)}) AND {live('r')}))"
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """One of several ways to be seen; a list is read branch by branch, each by its own index.

    `where` speaks of the row as `x`, and may look into `mine` (see `named`). With `each`, the
    branch is found by looking up each id of that query in the column `on`; with `when`, it is read
    only under that condition, which is the same for all rows.
    """

    where: str
    each: str = ""
    on: str = ""
    when: str = ""


def entity_seen(viewer: Viewer, alias: str) -> str:
    """That the viewer sees entity `alias`, deleted or not."""
    if viewer.staff:
        return "true"
    if viewer.id is None:
        return f"{alias}.seen = 'public'"
    return (
        f"({alias}.seen = 'public' OR EXISTS (SELECT 1 FROM ({MINE}) m"
        f" WHERE m.id = {alias}.id AND {_mine_admits(alias)}))"
    )


def _end_seen(viewer: Viewer, column: str) -> str:
    seen_by = "true" if viewer.staff else "e.seen = 'public'"
    if not viewer.staff and viewer.id is not None:
        seen_by = f"({seen_by} OR {_among_mine('e')})"
    return (
        f"EXISTS (SELECT 1 FROM entities e WHERE e.space_id = %(space)s AND e.id = {column}"
        f" AND e.deleted_at IS NULL AND {seen_by})"
    )


def _end_owned(column: str) -> str:
    return (
        f"({column} IN ({_OWNED}) AND EXISTS (SELECT 1 FROM entities e"
        f" WHERE e.space_id = %(space)s AND e.id = {column} AND e.deleted_at IS NULL"
        f" AND (e.type NOT IN ({quoted(PEOPLE)}) OR e.id = %(me)s)))"
    )


def entity_branches(viewer: Viewer, *, public: bool = True) -> list[Branch]:
    """How a list of entities is read for this viewer; the branches don't overlap.

    Without `public` only what is the viewer's own: drafts, and what they deleted.
    """
    if viewer.staff:
        return [Branch("true")]
    everyone = [Branch("x.seen = 'public'")] if public else []
    if viewer.id is None:
        return everyone or [Branch("false")]
    if public:
        mine = f"x.seen <> 'public' AND {_among_mine('x')}"
        return [*everyone, *_of_mine("SELECT id FROM mine", id=mine)]
    return _of_mine(_OWNED, id=f"x.id IN ({_OWNED}) AND {_among_mine('x')}")


def _of_mine(each: str, **ways: str) -> list[Branch]:
    """Rows of the viewer's, by column and condition: looked up if they have little, else a walk."""
    few = [Branch(where, each, column, when=_FEW) for column, where in ways.items()]
    any_of = " OR ".join(f"({where})" for where in ways.values())
    return [*few, Branch(_walked(any_of), when=_MANY)]


def _walked(where: str) -> str:
    """A condition to be tested row by row: a join would read all that it could hold first."""
    return f"({where}) IS TRUE"


def _typed(types: Iterable[str]) -> str:
    names = quoted(types)
    return f"x.type IN ({names})" if names else "false"


def event_branches(
    viewer: Viewer, ontology: Ontology, *, types: Iterable[str], narrowed: bool, entity: str = ""
) -> list[Branch]:
    """How events of `types` are read; `narrowed` to one actor, session or `entity`, a parameter.

    What is not public is known to whoever did it and to the owners of what it happened to.
    """
    if viewer.staff:
        return [Branch("true")]
    wanted = list(types)
    public = [name for name in wanted if ontology.events[name].seen_by == "public"]
    private = _typed(name for name in wanted if ontology.events[name].seen_by != "public")
    end = entity or "x.entity_id"
    end_seen = _walked(_end_seen(viewer, end))
    # each type has its own range of an entity's or an actor's events
    everyone = [_typed([name]) for name in public] if narrowed else [_typed(public)]
    branches = [Branch(f"{some} AND {end_seen}") for some in everyone]
    if viewer.id is None:
        return branches or [Branch("false")]
    mine = f"{private} AND x.actor_id = %(me)s AND {end_seen}"
    theirs = f"{private} AND x.actor_id IS DISTINCT FROM %(me)s AND {_end_owned(end)}"
    return [*branches, Branch(mine), *_of_mine(_OWNED, entity_id=theirs)]


def connection_branches(
    viewer: Viewer, ontology: Ontology, *, types: Iterable[str], narrowed: bool
) -> list[Branch]:
    """How connections of `types` are read; `narrowed` to those of one end."""
    ends_seen = _walked(f"{_end_seen(viewer, 'x.from_id')} AND {_end_seen(viewer, 'x.to_id')}")
    if viewer.staff:
        return [Branch(ends_seen)]
    wanted = list(types)
    public = _typed(name for name in wanted if ontology.connections[name].seen_by == "public")
    ends = _typed(name for name in wanted if ontology.connections[name].seen_by != "public")
    everyone = f"{public} AND {ends_seen}"
    if viewer.id is None:
        return [Branch(everyone)]
    by_from = f"{ends} AND {_end_owned('x.from_id')} AND {ends_seen}"
    by_to = f"{ends} AND {_end_owned('x.to_id')} AND {ends_seen}"
    if narrowed:
        return [Branch(f"({everyone} OR {by_from} OR {by_to})")]
    by_to = f"{by_to} AND NOT {_end_owned('x.from_id')}"
    return [Branch(everyone), *_of_mine(_OWNED, from_id=by_from, to_id=by_to)]
