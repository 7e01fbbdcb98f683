"""The words by which a name or its gloss says of what kind a slot is."""

from one.compiler.kinds import PEOPLE, Base, Kind
from one.compiler.vocabulary import spaced

MONEY = frozenset(
    {
        "price",
        "cost",
        "dollars",
        "euros",
        "fee",
        "budget",
        "revenue",
        "earnings",
        "income",
        "tip",
        "salary",
        "donation",
        "money",
        "usd",
        "eur",
        "spend",
    }
)
COUNT = frozenset(
    {
        "count",
        "quantity",
        "age",
        "times",
        "seats",
        "minutes",
        "hours",
        "days",
        "points",
        "views",
        "number",
        "rating",
        "score",
        "level",
        "length",
        "size",
        "weeks",
        "supply",
        "limit",
        "total",
        "tokens",
        "rank",
        "rounds",
        "pages",
        "words",
        "attempts",
    }
)
RATIO = frozenset({"percent", "percentage", "rate", "ratio", "discount", "share", "progress", "%"})
TIME = frozenset({"date", "time", "deadline", "day", "moment", "datetime", "birthday"})
TEXTS = frozenset(
    {
        "email",
        "mail",
        "e-mail",
        "link",
        "url",
        "phone",
        "address",
        "text",
        "name",
        "title",
        "code",
        "description",
        "caption",
        "script",
        "bio",
        "handle",
        "username",
        "slug",
        "path",
        "language",
        "color",
        "colour",
        "country",
        "city",
        "symbol",
        "website",
        "style",
        "tone",
        "reason",
        "topic",
        "subject",
        "body",
        "summary",
        "transcript",
        "words",
        "answer",
        "answers",
        "instructions",
        "prompt",
        "personality",
        "voice",
        "feedback",
        "category",
        "format",
        "channel",
        "platform",
    }
)
YES = frozenset(
    {"whether", "true", "yes", "is", "was", "should", "if", "yes/no", "success", "successful"}
)
SPOKEN = frozenset(
    {
        "message",
        "knowledge_item",
        "insight",
        "announcement",
        "prediction",
        "report",
        "notification",
        "email",
        "blog_post",
        "template",
        "metric",
    }
)
"""Types that are something said or written."""
UNSAID = frozenset(
    {
        "they",
        "we",
        "you",
        "i",
        "it",
        "he",
        "she",
        "to",
        "in",
        "is",
        "should",
        "the",
        "a",
        "an",
        "this",
        "that",
        "does",
        "do",
        "will",
        "can",
        "per",
        "each",
        "for",
        "my",
        "someone",
        "so",
        "already",
        "now",
        "more",
        "altogether",
    }
)
"""What follows `how much` where the noun is left out."""
SPEAKING = frozenset(
    {
        "say",
        "says",
        "said",
        "write",
        "writes",
        "wrote",
        "ask",
        "asks",
        "asked",
        "tell",
        "type",
        "types",
        "typed",
        "text",
        "want",
        "wants",
        "answer",
        "answered",
        "call",
        "it",
        "know",
        "learn",
    }
)
"""Verbs by which `what they …` is text."""
LEAD = frozenset(
    {
        "the",
        "a",
        "an",
        "which",
        "their",
        "his",
        "her",
        "its",
        "some",
        "this",
        "that",
        "optional",
        "new",
        "all",
        "my",
        "your",
        "what",
    }
)
"""Words before the noun of a gloss."""
GLOSS_STARTS = frozenset(
    {"who", "what", "which", "how", "the", "a", "an", "list", "whether", "when", "where"}
)
"""Words that begin a gloss whose colon is missing."""


def gloss_of(kind: Kind) -> str:
    """What says, behind the name of an input, that it is of the kind."""
    if kind.types & PEOPLE:
        return ": who it is"
    if kind.types and "course" not in kind.types:
        return f": which {spaced(min(kind.types))}"
    return _SAYING.get(kind.base, "")


_SAYING = {
    Base.LIST: ": list of things",
    Base.BOOLEAN: ": whether it is so",
    Base.MONEY: ": amount in dollars",
    Base.INTEGER: ": how many",
    Base.NUMBER: ": how much",
    Base.DATETIME: ": when it is",
    Base.DURATION: ": how long",
    Base.THING: ": which course",
}
