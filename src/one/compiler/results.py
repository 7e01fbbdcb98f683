"""The kind of what a service answers."""

from collections.abc import Mapping

from one.compiler.expression import Expr, Lit
from one.compiler.kinds import (
    ANY_JSON,
    BOOLEAN,
    NUMBER,
    TEXT,
    Base,
    Kind,
    list_of,
    read_kind,
    write_kind,
)
from one.compiler.program import Service as Called
from one.compiler.vocabulary import camel, singular
from one.ontology.services import Action, Service

NOTHING: Mapping[str, Expr] = {}


def shaped(services: Mapping[str, Service], called: Called, *, output: str) -> Called:
    """The call of a model, asked for the shape that the name of its answer says."""
    known = services.get(called.provider)
    action = known.by_name.get(called.method) if known else None
    if known is None or action is None or not known.open or not output:
        return called
    kind = write_kind(result_kind(known, action, wanted=output, params=called.params))
    if kind == action.result:
        return called
    return called.model_copy(update={"params": {**called.params, "as": Lit(kind)}})


def result_kind(
    service: Service, action: Action, *, wanted: str, params: Mapping[str, Expr] = NOTHING
) -> Kind:
    """The kind of the result; a model answers in the shape that was said (`as`), or that its
    name asks for.
    """
    declared = read_kind(action.result) or ANY_JSON
    if service.open and isinstance(said := params.get("as"), Lit):
        return read_kind(str(said.value)) or declared
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
