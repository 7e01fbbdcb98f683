"""The kind of what a service answers."""

from one.compiler.kinds import ANY_JSON, BOOLEAN, NUMBER, TEXT, Base, Kind, list_of, read_kind
from one.compiler.vocabulary import camel, singular
from one.ontology.services import Action, Service


def result_kind(service: Service, action: Action, *, wanted: str) -> Kind:
    """The kind of the result; a model answers in the shape that its name asks for."""
    declared = read_kind(action.result) or ANY_JSON
    if action.fields:
        fields = tuple((key, read_kind(kind) or ANY_JSON) for key, kind in action.fields.items())
        return Kind(Base.OUTCOME, fields=fields)
    if service.open and declared == TEXT and wanted:
        last = camel(wanted)
        word = "".join(f" {c}" if c.isupper() else c for c in last).split()[-1].casefold()
        if word in {"score", "count", "number", "rating", "total", "confidence", "probability"}:
            return NUMBER
        if word.startswith("is") and len(word) > 5:
            return BOOLEAN
        if (
            singular(word) != word
            and word not in {"analysis", "summary", "news", "notes", "thanks", "lyrics"}
        ) or word == "list":
            return list_of(TEXT)
    if action.result == "json":
        return Kind(Base.OUTCOME)
    return declared
