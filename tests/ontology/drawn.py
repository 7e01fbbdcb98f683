"""Values drawn from a JSON Schema: as much of the language as the published ontology uses."""

from functools import cache
from typing import cast

from hypothesis import strategies as st

from one.errors import JSON
from one.ontology import json_schema, load

ontology = load()
document = json_schema(ontology)
definitions = cast("dict[str, dict[str, JSON]]", document["$defs"])
kinds = [
    kind
    for table in (ontology.entities, ontology.connections, ontology.events)
    for kind in table.values()
]

letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
free = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e300, 1e300)
    | st.text(letters, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(letters, max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def drawn(schema: dict[str, JSON]) -> st.SearchStrategy[JSON]:
    """Values that the schema allows, and that stay small."""
    match schema:
        case {"$ref": str(reference)}:
            return defined(reference.removeprefix("#/$defs/"))
        case {"enum": list(choices)}:
            return st.sampled_from(choices)
        case {"const": only}:
            return st.just(only)
        case {"anyOf": list(branches)}:
            return st.one_of([drawn(cast("dict[str, JSON]", branch)) for branch in branches])
        case {"type": "object"}:
            return _object(schema)
        case {"type": "array", "items": dict(item)}:
            return st.lists(drawn(item), max_size=3).map(lambda found: cast("JSON", found))
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "integer"} | {"type": "number"}:
            return _number(schema)
        case {"type": "string"}:
            return _text(schema)
        case _:
            return free


def _object(schema: dict[str, JSON]) -> st.SearchStrategy[JSON]:
    if isinstance(inner := schema.get("additionalProperties"), dict):
        return st.dictionaries(st.text("abc", min_size=1), drawn(inner), max_size=3).map(
            lambda found: cast("JSON", found)
        )
    properties = cast("dict[str, dict[str, JSON]]", schema["properties"])
    required = cast("list[str]", schema.get("required", []))
    optional = {key: drawn(each) for key, each in properties.items() if key not in required}
    if "patternProperties" in schema:
        optional |= {"x_more": free, "x_Größe": free}
    return st.fixed_dictionaries(
        {key: drawn(properties[key]) for key in required}, optional=optional
    ).map(lambda found: cast("JSON", found))


def _number(schema: dict[str, JSON]) -> st.SearchStrategy[JSON]:
    low = cast("int", schema.get("minimum", -1000))
    high = cast("int", schema.get("maximum", 1000))
    if schema["type"] == "integer":
        return st.integers(low, high)
    return st.floats(low, high, allow_nan=False)


@cache
def defined(name: str) -> st.SearchStrategy[JSON]:
    """Values of one of the document's definitions."""
    return drawn(definitions[name])


@cache
def _matching(pattern: str) -> st.SearchStrategy[str]:
    alphabet = st.characters(codec="ascii", exclude_characters="\n")
    return st.from_regex(pattern.removesuffix("$") + r"\Z", alphabet=alphabet)


def _text(schema: dict[str, JSON]) -> st.SearchStrategy[JSON]:
    longest = cast("int", schema.get("maxLength", 100))
    match schema:
        case {"format": "date-time"}:
            return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
        case {"format": "date"}:
            return st.dates().map(lambda day: day.isoformat())
        case {"format": "uuid"}:
            return st.uuids().map(str)
        case {"pattern": str(pattern)}:
            return _matching(pattern).filter(lambda text: len(text) <= longest)
        case _:
            least = cast("int", schema.get("minLength", 0))
            return st.text(letters, min_size=least, max_size=min(longest, 12)).filter(
                lambda text: len(text.strip()) >= least
            )
