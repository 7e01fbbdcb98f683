"""The section `preferences`: what people want to hear. Who has unsubscribed stays so elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from one.errors import Fault
from one.ontology import Ontology
from one.store.bulk.fields import Fields, escaped
from one.store.bulk.section import Ground, Read, Section
from one.store.outbox import CHANNELS
from one.store.preferences import ANYONE
from one.store.sight import PEOPLE

_KEY = ("person_id", "author_id", "kind", "channel")

_FIELDS = {
    "author": f"nullif(author_id, '{ANYONE}')",
    "channel": "nullif(channel, '')",
    "kind": "nullif(kind, '')",
    "person": "person_id",
    "updatedAt": "updated_at",
    "wanted": "wanted",
}


@dataclass(slots=True)
class PreferenceRead(Read):
    person: str


class Preferences(Section[PreferenceRead]):
    name = "preferences"
    table = "preferences"
    fields = _FIELDS
    order = _KEY

    @override
    def read(
        self, given: Mapping[str, object], *, ontology: Ontology, now: datetime
    ) -> PreferenceRead:
        fields = Fields(given, self.known)
        person, author = fields.id("person"), fields.id_or_null("author") or str(ANYONE)
        kind = fields.raw("kind", most=50) or ""
        channel = fields.word("channel", CHANNELS, default="")
        updated = fields.time("updatedAt", default=now.isoformat())
        wanted = given.get("wanted")
        if not isinstance(wanted, bool):
            fields.fault("wanted", "must be true or false")
        fields.done()
        key = "\t".join((person, author, escaped(kind), channel))
        return PreferenceRead(key, f"{key}\t{'t' if wanted else 'f'}\t{updated}", person)

    @override
    async def new(self, ground: Ground, rows: Sequence[PreferenceRead]) -> list[PreferenceRead]:
        records = await ground.tx.rows(
            "SELECT concat_ws(E'\\t', person_id, author_id, kind, channel) FROM preferences"
            " WHERE space_id = %(space)s AND person_id = ANY(%(people)s::uuid[])",
            ground.params(people=list({row.person for row in rows})),
        )
        there = {str(record[0]) for record in records}
        fresh = {row.id: row for row in rows if row.id not in there}
        return list(fresh.values())

    @override
    async def judge(self, ground: Ground, rows: Sequence[PreferenceRead]) -> list[PreferenceRead]:
        types = await ground.known.types(ground, {row.person for row in rows})
        kept: list[PreferenceRead] = []
        for row in rows:
            if types.get(row.person) in PEOPLE:
                kept.append(row)
            else:
                fault = f"there is no person with the id {row.person}"
                ground.refuse(row, Fault("/person", fault))
        return kept

    @override
    async def write(self, ground: Ground, rows: Sequence[PreferenceRead]) -> None:
        columns = (*_KEY, "wanted", "updated_at")
        await ground.copy(
            f"preferences (space_id, {', '.join(columns)})", (row.copy for row in rows)
        )
