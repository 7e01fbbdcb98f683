"""Things made from a file. It is looked through first, and nothing is written before one says so;
each thing is made as by its form, with one's own rights.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from starlette.responses import Response

from one.domains import graph
from one.errors import JSON, Fault, Invalid, NotSignedIn, OneError
from one.ontology import STATUSES, EntityType
from one.web.pages import cells
from one.web.pages.exploring import shown_of
from one.web.pages.fields import Field, label_of
from one.web.pages.making import makeable
from one.web.pages.thing import fields_for
from one.web.pages.visit import Form, Page, Visit

MOST = graph.MOST_CHECKED
MOST_BYTES = 500_000
_SHOWN = 50
_SAMPLES = 3
_STATUS = "status"
_FREE = Field(cells.FREE, "json")
# what an export holds that is given to each thing anew
_GIVEN = frozenset({"id", "type", "version", "createdAt", "updatedAt", "deletedAt"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: the key that it becomes, if any, and some of what stands in it."""

    at: int
    name: str
    key: str
    samples: list[str]

    @property
    def field(self) -> str:
        return f"column.{self.at}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that nothing can be made of, and why: what of it, and what is wrong with that."""

    line: int
    name: str
    faults: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file, as what it says by the names of columns."""

    line: int
    said: Mapping[str, JSON]


@dataclass(slots=True)
class Looked:
    """A file that was looked through: what can be made of its lines, and what can't; or what is the
    matter with its columns.
    """

    columns: list[Column]
    problem: str = ""
    ready: list[tuple[int, graph.Making]] = field(default_factory=list[tuple[int, graph.Making]])
    wrong: list[Wrong] = field(default_factory=list[Wrong])


Reader = Callable[[Field, JSON], JSON]


async def _show(visit: Visit, form: Form) -> Response:
    """The page that a file is given to; with one that can't be read, what is wrong with it."""
    return _page(visit, makeable(visit), form=form, text=_text(visit))


def _page(
    visit: Visit, kind: EntityType, *, form: Form, text: str = "", **more: object
) -> Response:
    facts: dict[str, object] = {"looked": None, "made": None, "shown": _SHOWN}
    fields = fields_for(visit, kind)
    return visit.page(
        "explore/import.html",
        fields=fields,
        form=form,
        keys=[("", "Leave it out"), *((one.key, one.label) for one in _fields(visit, kind))],
        kind=kind,
        most=MOST,
        most_bytes=MOST_BYTES,
        text=text,
        title=shown_of(kind),
        **facts | more,
    )


def _text(visit: Visit) -> str:
    return visit.form.get("file", "").strip() or visit.form.get("text", "").strip()


async def _act(visit: Visit) -> Response:
    """Looks a file through; makes what can be made of it where one says so."""
    kind, text = makeable(visit), _text(visit)
    looked = await _looked(visit, kind, text)
    if visit.form.get("do") != "make" or not looked.ready:
        return _page(visit, kind, form=Form(), text=text, looked=looked)
    made = 0
    for line, one in looked.ready:
        try:
            await _make(visit, kind, line=line, one=one)
            made += 1
        except NotSignedIn:
            raise
        except OneError as error:
            looked.wrong.append(Wrong(line, one.name, _told(error)))
    if not looked.wrong:
        return visit.go(f"/explore/{kind.name}?made={made}")
    return _page(visit, kind, form=Form(), looked=looked, made=made)


async def _make(visit: Visit, kind: EntityType, *, line: int, one: graph.Making) -> None:
    """One line of a file, which counts once however often it is posted."""
    posted = visit.once()
    if key := posted.asked.idempotency_key:
        posted = replace(posted, asked=replace(posted.asked, idempotency_key=f"{key}.{line}"))
    said = one.model_dump(mode="json", exclude_none=True)
    await posted.call(graph.create_entity, type=kind.name, **said)


def _told(error: OneError) -> list[tuple[str, str]]:
    faults = [(_of(one.pointer), one.message) for one in error.faults]
    return faults or [("", f"{error.message} {error.cure}".strip())]


def _of(pointer: str) -> str:
    """What a fault is about, in words."""
    key = pointer.removeprefix("/properties").strip("/").partition("/")[0]
    return label_of(key) if key else ""


# --- looking a file through


async def _looked(visit: Visit, kind: EntityType, text: str) -> Looked:
    """Raises Invalid for a file of which nothing can be told line by line."""
    if not text:
        raise Invalid("There is nothing in it.", cure="Choose a file, or paste its text.")
    if len(text.encode()) > MOST_BYTES:
        raise Invalid(
            f"The file holds more than {MOST_BYTES:,} bytes.", cure="Cut it into several files."
        )
    as_json = text.startswith("{")
    rows, wrong = _objects(kind, text) if as_json else _rows(text)
    if len(rows) > MOST:
        raise Invalid(
            f"The file holds {len(rows):,} things; {MOST:,} can be made at a time.",
            cure="Cut it into several files.",
        )
    fields = {one.key: one for one in _fields(visit, kind)}
    columns = _columns(visit, kind, rows, fields=fields)
    looked = Looked(columns, _problem(columns) if rows else "", wrong=wrong)
    read: Reader = _as_it_is if as_json else _from_cell
    for row in () if looked.problem else rows:
        _read(row, looked, fields=fields, read=read)
    await _check(visit, kind, looked)
    looked.wrong.sort(key=lambda one: one.line)
    return looked


def _fields(visit: Visit, kind: EntityType) -> Iterator[Field]:
    """What a line may say of such a thing."""
    yield from fields_for(visit, kind)
    yield Field(_STATUS, "choice", tuple(one for one in STATUSES if one in kind.transitions))
    yield _FREE


def _rows(text: str) -> tuple[list[Row], list[Wrong]]:
    """The rows of a CSV. Raises Invalid."""
    names, lines = cells.table(text)
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise Invalid(
            f"Two columns are called {min(twice)[:80]}.", cure="Give each column a name of its own."
        )
    rows: list[Row] = []
    wrong: list[Wrong] = []
    for number, values in lines:
        if any(value.strip() for value in values[len(names) :]):
            wrong.append(Wrong(number, values[0], [("", "Has more cells than there are columns")]))
        else:
            rows.append(Row(number, {n: v for n, v in zip(names, values, strict=False) if n}))
    return rows, wrong


def _objects(kind: EntityType, text: str) -> tuple[list[Row], list[Wrong]]:
    """The lines of an NDJSON: properties stand in an object of their own, or beside the name."""
    rows: list[Row] = []
    wrong: list[Wrong] = []
    for number, said in cells.objects(text):
        if isinstance(said, Fault):
            wrong.append(Wrong(number, "", [("", said.message)]))
            continue
        name, within = str(said.get("name", "")), said.get("properties")
        if said.get("type", kind.name) != kind.name:
            wrong.append(Wrong(number, name, [("Type", f"is not {kind.name}")]))
        elif within is not None and not isinstance(within, dict):
            wrong.append(Wrong(number, name, [("Properties", "must be an object")]))
        else:
            beside = {key: value for key, value in said.items() if key != "properties"}
            rows.append(Row(number, {**(within or {}), **beside}))
    return rows, wrong


def _columns(
    visit: Visit, kind: EntityType, rows: Sequence[Row], *, fields: Mapping[str, Field]
) -> list[Column]:
    """Those of the file, each with the key that it is to be: as somebody chose, or by its name."""
    names = list(dict.fromkeys(name for row in rows for name in row.said))
    found: list[Column] = []
    for at, name in enumerate(names):
        chosen = visit.form.get(f"column.{at}")
        known = chosen is not None and (not chosen or chosen in fields or chosen == name)
        key = chosen if known and chosen is not None else _matched(name, kind, fields)
        values = (row.said.get(name) for row in rows)
        samples = [cells.cell(value)[:60] for value in values if value not in (None, "")]
        found.append(Column(at, name, key, samples[:_SAMPLES]))
    return found


def _matched(name: str, kind: EntityType, fields: Mapping[str, Field]) -> str:
    """The key that a column is called by, or by its label; free keys are their own."""
    if name in fields or name in _GIVEN:
        return name if name in fields else ""
    if name.startswith("x_"):
        return name
    if name in kind.also:
        return kind.also[name]
    labels = {one.label.casefold(): one.key for one in fields.values()}
    keys = {key.casefold(): key for key in fields}
    said = name.replace("_", " ").casefold()
    return labels.get(said) or keys.get(said.replace(" ", ""), "")


def _problem(columns: Iterable[Column]) -> str:
    """That two become the same, or none the name."""
    keys = [one.key for one in columns if one.key]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        return (
            f"Two columns are to be the same: {label_of(twice[0]).lower()}. Leave one of them out."
        )
    return "" if "name" in keys else "No column is the name. Choose the one that is."


def _from_cell(field: Field, value: JSON) -> JSON:
    return cells.read(field, str(value))


def _as_it_is(field: Field, value: JSON) -> JSON:
    del field
    return value


def _read(row: Row, looked: Looked, *, fields: Mapping[str, Field], read: Reader) -> None:
    """What a line says by keys, or what of it can't be read."""
    said: dict[str, JSON] = {}
    faults: list[tuple[str, str]] = []
    for column in looked.columns:
        value = row.said.get(column.name)
        if not column.key or value is None:
            continue
        try:
            found = read(fields.get(column.key, Field(column.key, "text")), value)
        except Invalid as error:
            faults += [(label_of(column.key), one.message) for one in error.faults]
            continue
        if found is not None:
            said[column.key] = found
    free = said.pop(cells.FREE, {})
    own = {key: said.pop(key) for key in cells.OWN if key in said}
    if not isinstance(free, dict) or any(not key.startswith("x_") for key in free):
        faults.append((label_of(cells.FREE), 'Write free keys as JSON, like {"x_shelf": 3}'))
    strange = [key for key, value in own.items() if not isinstance(value, str)]
    faults += [(label_of(key), "must be text") for key in strange]
    name = str(own.get("name", ""))
    if faults:
        looked.wrong.append(Wrong(row.line, name, faults))
        return
    properties = {**(free if isinstance(free, dict) else {}), **said}
    looked.ready.append((row.line, graph.Making.model_validate({**own, "properties": properties})))


async def _check(visit: Visit, kind: EntityType, looked: Looked) -> None:
    """Takes out the lines of which nothing can be made, by the rules that making them has."""
    if not looked.ready:
        return
    items: list[JSON] = [one.model_dump(mode="json") for _, one in looked.ready]
    found = await visit.call(graph.check_entities, type=kind.name, items=items)
    wrong = {one.at: one.faults for one in found.result.items}
    for at, faults in wrong.items():
        line, one = looked.ready[at]
        told = [(_of(fault.pointer), fault.message) for fault in faults]
        looked.wrong.append(Wrong(line, one.name, told))
    looked.ready = [each for at, each in enumerate(looked.ready) if at not in wrong]


PAGES = (Page("/explore/{type}/import", _show, _act),)
