"""The schema can be spread over machines at any time: the rules hold from the first migration."""

import re

from tests.house.source import PACKAGE, stands

GLOBAL = {"accounts", "sessions", "claims", "spaces"}
FORBIDDEN = {
    r"on delete set (null|default)": "ON DELETE SET NULL would clear the space",
    r"create (or replace )?(constraint )?(event )?trigger": "triggers are refused past one machine",
    r"create (or replace )?rule": "rules are refused past one machine",
    r"create sequence|\w*serial\b|nextval|generated (always|by default) as identity": (
        "ids are made by the application"
    ),
    r"^do\b": "a DO block hides its statements",
    r"^merge into": "ON CONFLICT, not MERGE",
    r"default (now|clock_timestamp|gen_random_uuid|uuidv7|random)\b": "the application sets values",
}
KEY = r"(?:constraint \w+ )?(primary key|unique(?: nulls (?:not )?distinct)?) ?\(([^)]*)\)"
FOREIGN = r"foreign key ?\(([^)]*)\) references [\w.]+ ?\(([^)]*)\)"


def statements(sql: str) -> list[str]:
    """The statements of a script on one line each, in lower case, without comments."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL).lower()
    pieces = re.split(r"(\$\w*\$).*?\1", bare, flags=re.DOTALL)
    joined = " ".join(piece for piece in pieces if not re.fullmatch(r"\$\w*\$", piece))
    return [" ".join(part.split()) for part in joined.split(";") if part.strip()]


def first_column(columns: str) -> str:
    return re.split(r"[ ,]", columns.strip(), maxsplit=1)[0]


def columns(body: str) -> list[str]:
    """The items between the brackets of CREATE TABLE, split at the outer commas."""
    items, depth, start = list[str](), 0, 0
    for place, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            items.append(body[start:place].strip())
            start = place + 1
    return [*items, body[start:].strip()]


def table_faults(statement: str) -> list[str]:
    made = re.match(
        r"create (?:unlogged )?table (?:if not exists )?([\w.\"]+) ?\((.*)\)[^)]*$", statement
    )
    if not made or made[1] in GLOBAL:
        return []
    table, items = made[1], columns(made[2])
    faults: list[str] = []
    if not any(re.match(r"space_id uuid (not null|primary key)", item) for item in items):
        faults.append(f"{table} has no space_id uuid not null")
    if not any(re.match(rf"{KEY}|space_id uuid primary key", item) for item in items):
        faults.append(f"{table} has no key that begins with space_id")
    for item in items:
        if key := re.match(KEY, item):
            if first_column(key[2]) != "space_id":
                faults.append(f"{table}: {key[1]} begins with {first_column(key[2])}")
        elif foreign := re.search(FOREIGN, item):
            if any(first_column(side) != "space_id" for side in foreign.groups()):
                faults.append(f"{table}: a foreign key that does not begin with space_id")
        elif item.startswith("space_id "):
            continue  # alone it may be the key of a table of one row a space, or point at spaces
        elif inline := re.search(r"\b(primary key|unique|references)\b", item):
            faults.append(f"{table}: {inline[1]} on one column, where space_id must come first")
    return faults


def alteration_faults(statement: str) -> list[str]:
    faults: list[str] = []
    index = re.match(r"create unique index .*? on (?:only )?([\w.\"]+)[^(]*\(([^)]*)", statement)
    if index and index[1] not in GLOBAL and first_column(index[2]) != "space_id":
        faults.append(f"{index[1]}: a unique index begins with {first_column(index[2])}")
    table = re.match(r"alter table (?:only )?(?:if exists )?([\w.\"]+) ", statement)
    if not table or table[1] in GLOBAL:
        return faults
    added = re.search(rf"add {KEY}", statement)
    if added and first_column(added[2]) != "space_id":
        faults.append(f"{table[1]}: {added[1]} begins with {first_column(added[2])}")
    foreign = re.search(FOREIGN, statement)
    if foreign and any(first_column(side) != "space_id" for side in foreign.groups()):
        faults.append(f"{table[1]}: a foreign key that does not begin with space_id")
    return faults


def schema_faults(sql: str) -> list[str]:
    faults: list[str] = []
    for statement in statements(sql):
        faults += [why for what, why in FORBIDDEN.items() if re.search(what, statement)]
        faults += table_faults(statement) + alteration_faults(statement)
    return faults


def test_migrations_obey_the_rules_of_the_schema() -> None:
    files = sorted((PACKAGE / "store" / "migrations").glob("*.sql"))
    stands(f"{file.name}: {fault}" for file in files for fault in schema_faults(file.read_text()))


def test_migrations_are_numbered_without_gaps() -> None:
    files = sorted((PACKAGE / "store" / "migrations").glob("*.sql"))
    assert [file.name[:5] for file in files] == [f"{n:04}_" for n in range(1, len(files) + 1)]


GOOD = """
create table things (  -- what there is
    space_id uuid not null, id uuid not null, name text check (length(name) in (1, 2)),
    primary key (space_id, id), unique (space_id, name),
    foreign key (space_id, id) references others (space_id, id) on delete cascade
);
create unique index things_name on things (space_id, lower(name)) where name <> '';
create table accounts (id uuid primary key, email text unique);
create table marks (space_id uuid primary key references spaces (id), position bigint);
create table part partition of things for values from ('a') to ('b');
"""


def test_a_good_schema_passes() -> None:
    assert schema_faults(GOOD) == []


def test_bad_schemas_are_found() -> None:
    bad = (
        "create table t (id uuid primary key)",
        "create table t (space_id uuid not null, id uuid, primary key (id, space_id))",
        GOOD.replace("unique (space_id, name)", "unique (name)"),
        GOOD.replace("on things (space_id, ", "on things ("),
        GOOD.replace("references others (space_id, id)", "references others (id)"),
        GOOD.replace("on delete cascade", "on delete set null"),
        GOOD.replace("id uuid not null,", "id bigserial,", 1),
        "alter table t add constraint k unique (name)",
        "alter table t add column other uuid; create trigger x before update on t",
        "do $$ begin execute 'drop table t'; end $$",
    )
    assert [sql for sql in bad if not schema_faults(sql)] == []
