"""Social platforms, through a signed webhook connector. The stand-ins keep what would be posted."""

from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Fields,
    Provider,
    Stage,
    StandIn,
    already,
    connected,
    refused,
)
from one.settings import Settings

_CONTENT = Parameter(
    "content",
    "json",
    words=("post", "video", "text", "message", "caption", "thread", "clip", "image"),
)
_CAPTION = Parameter("caption", "text", words=("text", "message", "description"))
"""What stands under a picture or a film, where that is the content."""
_NAMES = {
    "youtube": "YouTube",
    "instagram": "Instagram",
    "twitter": "Twitter",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "twitch": "Twitch",
}
_ACTIONS = (
    Action(
        "publish",
        (
            "publish",
            "publish post",
            "post",
            "publish stream",
            "share",
            "publish video",
            "upload",
            "upload video",
            "publish the post",
            "go live",
            "start stream",
            "stream",
            "tweet",
            "schedule post",
        ),
        (
            _CONTENT,
            Parameter("title", "text"),
            Parameter("at", "datetime", words=("time", "when")),
            _CAPTION,
        ),
        result="json",
        fields={"id": "text", "url": "text"},
        effect="reversible",
        inverse="unpublish",
    ),
    Action(
        "unpublish",
        ("unpublish", "delete post", "take down", "remove post", "end stream"),
        (Parameter("post", "json", required=True, words=("id", "url", "stream"), fill="publish"),),
        result="boolean",
        effect="irreversible",
    ),
    Action(
        "readMetrics",
        (
            "read metrics",
            "get metrics",
            "get stats",
            "read stats",
            "get analytics",
            "fetch metrics",
        ),
        (Parameter("post", "json", words=("id", "url", "video")), Parameter("period", "duration")),
        result="json",
    ),
)
_ALSO = {"twitter": ("x", "x.com")}

SERVICES = tuple(
    Service(name, title, (name, *_ALSO.get(name, ())), _ACTIONS, doc=f"Posts to {title}.")
    for name, title in _NAMES.items()
)


async def _publish(book: Book, ask: Ask) -> Fields:
    id = ask.id("post")
    post: Fields = {"id": id, "url": f"sandbox:{ask.service.name}/{id}", "status": "captured"}
    more = {name: ask.params.get(name) for name in ("content", "title", "at", "caption")}
    await book.put("post", {**post, **more, "asked": ask.at.isoformat()})
    return post


async def _unpublish(book: Book, ask: Ask) -> Fields:
    post = await _post(book, ask)
    if post["status"] == "taken down":
        raise already("This post is taken down already.")
    await book.put("post", {**post, "status": "taken down"})
    return {"value": True, "id": post["id"]}


async def _metrics(book: Book, ask: Ask) -> Fields:
    """Nobody has seen what was never posted."""
    post = await _post(book, ask)
    return {"id": post["id"], "views": 0, "likes": 0, "comments": 0, "shares": 0}


async def _post(book: Book, ask: Ask) -> Fields:
    """A post by its answer, its id or its url. Raises Outside."""
    id = ask.id_of("post").rpartition("/")[2]
    found = await book.get("post", id)
    if found is None:
        raise refused(f"{ask.service.title} has no post {id}.")
    return found


_ACTS = {"publish": _publish, "unpublish": _unpublish, "readMetrics": _metrics}


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = "captured, not posted"
    return tuple(StandIn(service, _ACTS, stage=stage, how=how) for service in SERVICES)


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    return connected(SERVICES, settings, stage=stage)
