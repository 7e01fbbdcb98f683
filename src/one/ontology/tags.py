"""The 8 tag categories, and how a tag is written: `industry:fitness`, or a bare `fitness`."""

import unicodedata
from dataclasses import dataclass

from one.errors import Fault, Invalid

LONGEST = 80


@dataclass(frozen=True, slots=True)
class TagCategory:
    """A question that tags answer."""

    name: str
    doc: str


TAG_CATEGORIES = {
    category.name: category
    for category in (
        TagCategory("skill", "What one can do, or learn to do, with it."),
        TagCategory("industry", "The trade it belongs to."),
        TagCategory("topic", "What it is about; the category of a bare word."),
        TagCategory("format", "The shape it has."),
        TagCategory("goal", "What it is good for."),
        TagCategory("audience", "Whom it is for."),
        TagCategory("technology", "What it is made with."),
        TagCategory("status", "A label of one's own workflow; never read as the thing's status."),
    )
}


@dataclass(frozen=True, slots=True)
class TagName:
    """A tag as it was written: its category, the name to show, and the key that is unique."""

    category: str
    name: str
    key: str


def parse_tag(text: str, pointer: str = "/name") -> TagName:
    """`Industry: Fitness` → industry, "Fitness", key "fitness"; without a category it is a topic.

    Raises Invalid, at `pointer`, for an unknown category and for a name that is empty, over 80
    characters or not readable.
    """
    before, colon, after = text[: 4 * LONGEST].partition(":")
    category, name = (before.strip().casefold(), after) if colon else ("topic", before)
    if category not in TAG_CATEGORIES:
        allowed = tuple(TAG_CATEGORIES)
        message = f"There is no tag category {category[:40]!r}; use one of " + ", ".join(allowed)
        raise _refusal(pointer, message, allowed)
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    key = unicodedata.normalize("NFKC", name.casefold())
    if not name:
        raise _refusal(pointer, "A tag needs a name, like industry:fitness")
    if len(name) > LONGEST or len(key) > 2 * LONGEST or len(text) > 3 * LONGEST:
        raise _refusal(pointer, f"A tag must be at most {LONGEST} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise _refusal(pointer, "A tag must be readable text")
    return TagName(category, name, key)


def _refusal(pointer: str, message: str, allowed: tuple[str, ...] = ()) -> Invalid:
    return Invalid(
        message + ".",
        cure="Write it as category:name, or as one bare word for a topic.",
        faults=(Fault(pointer, message, allowed),),
    )
