"""Social platforms, through a signed webhook connector."""

from one.ontology.services import Action, Parameter, Service

_CONTENT = Parameter(
    "content",
    "json",
    words=("post", "video", "text", "message", "caption", "thread", "clip", "image"),
)
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
        (_CONTENT, Parameter("title", "text"), Parameter("at", "datetime", words=("time", "when"))),
        result="json",
        fields={"id": "text", "url": "text"},
        effect="reversible",
        inverse="unpublish",
    ),
    Action(
        "unpublish",
        ("unpublish", "delete post", "take down", "remove post", "end stream"),
        (Parameter("post", "json", words=("id", "url", "stream")),),
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
