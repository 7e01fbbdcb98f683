"""The words themselves: which types there are here, and what each may say."""

from pydantic import JsonValue

from one.runtime import Context, anyone, operation


@operation(kind="read", snapshot=False, allow=anyone, route="GET /api/ontology", mcp=True)
async def get_ontology(ctx: Context) -> dict[str, JsonValue]:
    """The vocabulary of this deployment as JSON Schema: every type of thing, connection, event."""
    return ctx.ontology.document
