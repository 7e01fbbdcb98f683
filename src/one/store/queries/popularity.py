"""How a thing or a person is doing: what others did with it, as far as the viewer may know.

Likes, followers and sales are connections that hold, so one taken back counts no more; views,
comments, shares and downloads are events. What a person did counts as their engagement.
"""

from one.store.queries.scene import Scene
from one.store.sight import Narrowed, event_branches, event_known
from one.store.ties import counts

_SHARED = ("content_interacted", "shared")
_COMMENTED = ("content_interacted", "commented")
_EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "views": (("content_viewed", ""),),
    "comments": (_COMMENTED,),
    "shares": (_SHARED, ("viral_shared", "")),
    "downloads": (("content_downloaded", ""),),
}
_TIES = {
    "likes": ("engaged_with", "x.slot = 'liked'"),
    "followers": ("following", "true"),
    "sales": ("transacted", "x.metadata->>'transactionType' = 'purchase'"),
}
_DONE = (
    "content_viewed",
    "content_interacted",
    "content_downloaded",
    "viral_shared",
    "clone_interaction",
)
COUNTED = frozenset({*_EVENTS, *_TIES, "rating", "engagement"})


def counted(scene: Scene, name: str) -> str:
    """What is counted of a row, as SQL that gives one number for `o.id`."""
    return f"SELECT {_number(scene, name)} AS n"


def _number(scene: Scene, name: str) -> str:
    if name in _EVENTS:
        return " + ".join(_events(scene, *one) for one in _EVENTS[name])
    if name in _TIES:
        type, only = _TIES[name]
        return _ties(scene, "count(*)", type, only=only)
    if name == "rating":
        rated = "avg((x.metadata->>'rating')::numeric)"
        return _ties(scene, rated, "engaged_with", only="x.slot = 'rated'")
    received = [_number(scene, one) for one in ("views", "likes", "comments", "shares")]
    return " + ".join((*received, _number(scene, "downloads"), _done(scene)))


def _events(scene: Scene, type: str, interaction: str) -> str:
    known = event_known(scene.session.viewer, scene.session.ontology, type=type, end="o.id")
    only = f" AND x.k1 = '{interaction}'" if interaction else ""
    return (
        "(SELECT count(*) FROM events x WHERE x.space_id = %(space)s AND x.entity_id = o.id"
        f" AND x.type = '{type}'{only} AND {known})"
    )


def _ties(scene: Scene, what: str, type: str, *, only: str) -> str:
    return (
        f"(SELECT {what} FROM connections x WHERE x.space_id = %(space)s AND x.to_id = o.id"
        f" AND x.type = '{type}' AND {only} AND {counts('x')} AND {scene.tie_seen((type,))})"
    )


def _done(scene: Scene) -> str:
    """What a person did themselves."""
    one = Narrowed(to_one=True)
    viewer, ontology = scene.session.viewer, scene.session.ontology
    branches = event_branches(viewer, ontology, types=_DONE, narrowed=one)
    seen = " OR ".join(branch.condition for branch in branches if not branch.each)
    types = ", ".join(f"'{type}'" for type in _DONE)
    return (
        "(SELECT count(*) FROM events x WHERE x.space_id = %(space)s AND x.actor_id = o.id"
        f" AND x.type IN ({types}) AND ({seen}))"
    )
