"""Who sees a row, as SQL. Every read of the store passes through here.

A fragment speaks of the row by its alias and of the viewer by the parameters `%(space)s`,
`%(me)s` and `%(now)s`. Relations that give rights are those a thing's owner has granted: `owns`
is written only by creation, shares and sale; `manages`, `collaborates_with` and the memberships
of what is not public only by the owner of the thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal
from uuid import UUID

from one.ontology import Ontology
from one.store.rows import ActorType

Role = Literal["anonymous", "person", "staff"]
StaffRole = Literal["owner", "admin", "support", "read_only"]
Scope = Literal[
    "read", "write", "features", "graph", "language", "notices", "payments", "runs", "tokens"
]

PEOPLE = ("creator", "audience_member")
GRANTS = ("owns", "manages", "collaborates_with")
BELONGS = ("member_of", "enrolled_in", "transacted", "holds", "completed")
CONTAINS = ("part_of", "published_to")
CONTACTS = ("following", "transacted", "enrolled_in", "member_of", "completed", "holds")
SEEN_STATUSES = frozenset({"published", "active"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes and hands the store is opened for; the actor of what it writes. `session`: the
    one that a person at a browser acts in. `staff_role`: as what one of the staff acts, who is a
    person; the deployment itself and its staff without one may do all. `scopes`: what a token is
    for, where that isn't all that its bearer may do.
    """

    id: UUID | None = None
    role: Role = "anonymous"
    type: ActorType = "user"
    session: UUID | None = None
    staff_role: StaffRole | None = None
    scopes: frozenset[Scope] | None = None

    @property
    def staff(self) -> bool:
        return self.role == "staff"

    @property
    def owns_all(self) -> bool:
        """Whether it is the deployment's owner."""
        return self.staff and self.staff_role in (None, "owner")

    def without_staff(self) -> "Viewer":
        """The same person with no more than their own rights."""
        return replace(self, role="person", staff_role=None)


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


def _mine() -> list[str]:
    """All that the viewer has to do with: `id`, whether as one of its owners, whether by `owns`.

    The last are the contacts of what the viewer owns.
    """

    def related(select: str, owner: str, *, where: str, join: str = "") -> str:
        owned = "r.type = 'owns'" if owner != "false" else "false"
        return (
            f"SELECT {select} AS id, {owner} AS owner, {owned} AS owned FROM connections r {join}"
            f" WHERE r.space_id = %(space)s AND {where} AND {live('r')}"
        )

    def onward(types: Iterable[str]) -> str:
        return (
            "JOIN connections c ON c.space_id = r.space_id AND c.to_id = r.to_id"
            f" AND c.type IN ({quoted(types)}) AND {live('c')}"
        )

    return [
        "SELECT %(me)s::uuid AS id, true AS owner, false AS owned",
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
        related("r.from_id", "false", where=f"r.to_id = %(me)s AND r.type IN ({quoted(CONTACTS)})"),
        related(
            "c.from_id",
            "false",
            where="r.from_id = %(me)s AND r.type = 'owns'",
            join=onward(CONTACTS),
        ),
    ]


_MINE = " UNION ALL ".join(_mine())
# Contacts of more things than these are not gathered: each row asks whether it is one.
_FEW_OWNED = (
    f"(SELECT count(*) FROM connections r WHERE r.space_id = %(space)s AND r.from_id = %(me)s"
    f" AND r.type = 'owns' AND {live('r')}) <= 200"
)


def _named(mine: str) -> str:
    """For statements over many rows: read once, then looked up in memory."""
    return (
        "mine AS MATERIALIZED (SELECT m.id, bool_or(m.owner) AS owner, bool_or(m.owned) AS owned"
        f" FROM ({mine}) m GROUP BY m.id)"
    )


_NAMED_MINE = _named(f"{_MINE} AND {_FEW_OWNED}")
_NAMED_ALL = _named(_MINE)
_NAMED_OWN = _named(" UNION ALL ".join(_mine()[:-1]))
_OWNED = "SELECT id FROM mine WHERE owner"
_END = 4  # buffers to look up an end
_FEW = "(SELECT count(*) FROM mine) <= %(few)s"
_MANY = "(SELECT count(*) FROM mine) > %(few)s"


def named(viewer: Viewer, *, contacts: bool = False) -> str:
    """What stands in the WITH of a statement that holds branches; empty when none is needed.

    `contacts`: that entities are looked for which the viewer may know as people that came to what
    is theirs. Ends of connections and events are asked one by one instead.
    """
    if viewer.staff or viewer.id is None:
        return ""
    return _NAMED_MINE if contacts else _NAMED_OWN


def gathered(viewer: Viewer) -> str:
    """As `named`, with contacts of however much: for what counts them all."""
    return "" if viewer.staff or viewer.id is None else _NAMED_ALL


def hidden(alias: str) -> str:
    """That entity `alias` is seen by the viewer, where `mine` is named, and not by everybody."""
    return f"{alias}.seen <> 'public' AND {_among_mine(alias)}"


def met(ontology: Ontology, types: Iterable[str]) -> bool:
    """Whether things of these types, or of any when none is said, may be contacts."""
    wanted = frozenset(types)
    sources = (pair[0] for name in CONTACTS for pair in ontology.connections[name].pairs)
    return not wanted or any(wanted & some for some in sources)


def _among_mine(alias: str) -> str:
    """Which of `mine`, where it is named, may be seen: what one owns whole, else what its members
    may.
    """
    people = quoted(PEOPLE)
    return (
        f"({alias}.id IN ({_OWNED})"
        f" AND ({alias}.type NOT IN ({people}) OR {alias}.id = %(me)s)"
        f" OR {alias}.seen IN ('members', 'parties') AND {alias}.id IN (SELECT id FROM mine))"
    )


def _met(alias: str) -> str:
    """That entity `alias` has come to something that the viewer owns: asked of each, as OFFSET and
    IS TRUE hold PostgreSQL to, which would gather all who ever came.
    """
    return (
        f"({alias}.seen IN ('members', 'parties') AND EXISTS (SELECT 1 FROM connections c"
        f" WHERE c.space_id = %(space)s AND c.from_id = {alias}.id"
        f" AND c.type IN ({quoted(CONTACTS)}) AND {live('c')}"
        " AND (c.to_id IN (SELECT id FROM mine WHERE owned)) IS TRUE OFFSET 0))"
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
    only under that condition, which is the same for all rows (`%(few)s`: how many are few). `test`
    is what no index answers: it is asked row by row, each time touching up to `cost` buffers, of a
    bounded number of rows.
    """

    where: str
    each: str = ""
    on: str = ""
    when: str = ""
    test: str = ""
    cost: int = 0

    @property
    def condition(self) -> str:
        """That a row, wherever it comes from, is in the branch."""
        return f"({self.where} AND {self.test})" if self.test else f"({self.where})"


def entity_seen(viewer: Viewer, alias: str) -> str:
    """That the viewer sees entity `alias`, deleted or not."""
    if viewer.staff:
        return "true"
    return f"{alias}.seen = 'public'" if viewer.id is None else _seen_by_person(alias)


@cache
def _seen_by_person(alias: str) -> str:
    """`_MINE` asked of one row, in three scans for its six: PostgreSQL makes each ready even for
    what everyone sees. By what leads from the viewer to it, or from it to them or to what they own
    or belong to, which is gathered once.
    """
    by_members = f"{alias}.seen IN ('members', 'parties')"
    granted = f"{alias}.type NOT IN ({quoted(PEOPLE)}) AND r.type IN ({quoted(GRANTS)})"
    contact = f"c.type IN ({quoted(CONTACTS)})"
    return (
        f"({alias}.seen = 'public' OR {alias}.id = %(me)s OR EXISTS (SELECT FROM connections r"
        f" WHERE r.space_id = %(space)s AND r.from_id = %(me)s AND r.to_id = {alias}.id"
        f" AND r.type IN ({quoted((*GRANTS, *BELONGS))}) AND {live('r')}"
        f" AND ({by_members} OR {granted})) OR {by_members} AND EXISTS (SELECT FROM connections c"
        f" WHERE c.space_id = %(space)s AND c.from_id = {alias}.id"
        f" AND c.type IN ({quoted((*CONTAINS, *CONTACTS))}) AND {live('c')}"
        f" AND ({contact} AND c.to_id = %(me)s OR ({contact}, c.to_id) IN"
        " (SELECT r.type = 'owns', r.to_id FROM connections r WHERE r.space_id = %(space)s"
        " AND r.from_id = %(me)s AND r.type IN ('enrolled_in', 'member_of', 'owns')"
        f" AND {live('r')}))))"
    )


def _end_seen(viewer: Viewer, column: str) -> str:
    seen_by = "true" if viewer.staff else "e.seen = 'public'"
    if not viewer.staff and viewer.id is not None:
        seen_by = f"({seen_by} OR {_among_mine('e')} OR {_met('e')})"
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


def tag_seen(viewer: Viewer, alias: str) -> str:
    """That the viewer sees something that carries tag `alias`: what a draft is called by is no
    more told than the draft.
    """
    if viewer.staff:
        return "true"
    by_me = "" if viewer.id is None else f" OR {_among_mine('e')}"
    return (
        "EXISTS (SELECT 1 FROM entity_tags l JOIN entities e ON e.space_id = l.space_id"
        f" AND e.id = l.entity_id WHERE l.space_id = %(space)s AND l.tag_id = {alias}.id"
        f" AND e.deleted_at IS NULL AND (e.seen = 'public'{by_me}))"
    )


def tag_branches(viewer: Viewer) -> list[Branch]:
    """How tags are read."""
    if viewer.staff:
        return [Branch("true")]
    return [Branch("true", test=tag_seen(viewer, "x"), cost=2 * _END)]


def entity_branches(viewer: Viewer, *, public: bool, newest: bool, contacts: bool) -> list[Branch]:
    """How a list of entities is read for this viewer; the branches don't overlap.

    Without `public` only what is the viewer's own: drafts, and what they deleted. `newest`: by time
    alone, for which there is an index of what everyone sees. `contacts`: as in `named`.
    """
    if viewer.staff:
        return [Branch("true")]
    seen_by_all = "x.seen = 'public'"
    by_index = Branch(seen_by_all) if newest else Branch("true", test=seen_by_all)
    everyone = [by_index] if public else []
    if viewer.id is None:
        return everyone or [Branch("false")]
    if public:
        hidden, mine = "x.seen <> 'public'", _among_mine("x")
        few = Branch(f"{hidden} AND {mine}", "SELECT id FROM mine", "id", when=_FEW)
        known = f"{hidden} AND ({mine} OR {_met('x')})" if contacts else f"{hidden} AND {mine}"
        walk = Branch("true", when=_MANY, test=known, cost=6 if contacts else 1)
        return [*everyone, few, walk]
    return _of_mine(_OWNED, id=f"x.id IN ({_OWNED}) AND {_among_mine('x')}")


def _of_mine(each: str, *, test: str = "", cost: int = 0, **ways: str) -> list[Branch]:
    """Rows of the viewer's, by column and condition: looked up if they have little, else a walk."""
    few = [Branch(where, each, column, _FEW, test, cost) for column, where in ways.items()]
    any_of = " OR ".join(f"({where})" for where in ways.values())
    mine = f"({any_of}) IS TRUE"
    walk = Branch("true", when=_MANY, test=f"{mine} AND {test}" if test else mine, cost=cost + 1)
    return [*few, walk]


def _typed(types: Iterable[str]) -> str:
    names = quoted(types)
    return f"x.type IN ({names})" if names else "false"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """To one actor, session, end or `entity`, a parameter; `keyed`: by a declared key."""

    to_one: bool
    keyed: bool = False
    entity: str = ""


def event_branches(
    viewer: Viewer, ontology: Ontology, *, types: Iterable[str], narrowed: Narrowed
) -> list[Branch]:
    """How events of `types` are read.

    What is not public is known to whoever did it and to the owners of what it happened to.
    """
    if viewer.staff:
        return [Branch("true")]
    wanted = list(types)
    public = [name for name in wanted if ontology.events[name].seen_by == "public"]
    private = _typed(name for name in wanted if ontology.events[name].seen_by != "public")
    end = narrowed.entity or "x.entity_id"
    end_seen = _end_seen(viewer, end)
    # each type has its own range of an entity's or an actor's events
    split = [[name] for name in public] if narrowed.to_one else [public]
    everyone = [_typed(some) for some in split if some]
    branches = [Branch(some, test=end_seen, cost=_END) for some in everyone]
    if viewer.id is None:
        return branches or [Branch("false")]
    by_me = f"{private} AND x.actor_id = %(me)s"
    mine = Branch(by_me, test=end_seen, cost=_END)
    if narrowed.keyed:  # that index has no actors
        mine = Branch(private, test=f"{by_me} AND {end_seen}", cost=_END)
    theirs = f"{private} AND {end} IN ({_OWNED})"
    others = f"x.actor_id IS DISTINCT FROM %(me)s AND {_end_owned(end)}"
    owned = _of_mine(_OWNED, test=others, cost=_END, entity_id=theirs)
    return [*branches, mine, *owned]


def event_known(viewer: Viewer, ontology: Ontology, *, type: str, end: str) -> str:
    """That the viewer may know of events of a type that happened to what they see."""
    if viewer.staff or ontology.events[type].seen_by == "public":
        return "true"
    if viewer.id is None:
        return "false"
    return f"(x.actor_id IS NOT DISTINCT FROM %(me)s OR {_end_owned(end)})"


def connection_branches(
    viewer: Viewer, ontology: Ontology, *, types: Iterable[str], narrowed: Narrowed
) -> list[Branch]:
    """How connections of `types` are read."""
    ends_seen = f"({_end_seen(viewer, 'x.from_id')} AND {_end_seen(viewer, 'x.to_id')})"
    if viewer.staff:
        return [Branch("true", test=ends_seen, cost=2 * _END)]
    wanted = list(types)
    public = _typed(name for name in wanted if ontology.connections[name].seen_by == "public")
    ends = _typed(name for name in wanted if ontology.connections[name].seen_by != "public")
    everyone = Branch(public, test=ends_seen, cost=2 * _END)
    if viewer.id is None:
        return [everyone]
    from_own, to_own = _end_owned("x.from_id"), _end_owned("x.to_id")
    if narrowed.to_one:
        some = f"({public} OR {ends} AND ({from_own} OR {to_own}))"
        return [Branch("true", test=f"{some} AND {ends_seen}", cost=2 * _END)]
    test = f"({from_own} OR {to_own}) AND {ends_seen}"
    by_to = f"{ends} AND x.to_id IN ({_OWNED})"
    if _from_people(ontology, wanted) and not narrowed.keyed:
        by_me = Branch(f"{ends} AND x.from_id = %(me)s", test=ends_seen, cost=2 * _END)
        others = f"x.from_id <> %(me)s AND {to_own} AND {ends_seen}"
        return [everyone, by_me, *_of_mine(_OWNED, test=others, cost=2 * _END, to_id=by_to)]
    by_from = f"{ends} AND x.from_id IN ({_OWNED})"
    by_to = f"{by_to} AND x.from_id NOT IN ({_OWNED})"
    return [everyone, *_of_mine(_OWNED, test=test, cost=2 * _END, from_id=by_from, to_id=by_to)]


def _from_people(ontology: Ontology, types: Iterable[str]) -> bool:
    """Whether what is not public of these begins at people alone: one owns none but oneself."""
    kinds = (ontology.connections[name] for name in types)
    ends = (pair[0] for kind in kinds if kind.seen_by != "public" for pair in kind.pairs)
    return all(sources <= set(PEOPLE) for sources in ends)
