"""SQL is written in the store, and a transaction is ended there or by the runtime."""

import ast
import re

from tests.house.source import Module, docstrings, modules, name_of, parse, stands, walk

WORD = r'[\w."{}]+'
AFTER = r"(?:;|$|where|order|group|limit|join|left|as|for)"
STATEMENT = re.compile(
    rf"""^\s*(?:
        select \s+ (?:distinct\s+)? {WORD} \s+ from \s+ {WORD} \s* {AFTER}
      | select \s [^;]*? [*,(=%] [^;]*? \s from \s+ {WORD}
      | insert \s+ into \s+ {WORD} \s* (?:\(|values|select|default)
      | update \s+ {WORD} (?:\s+ as \s+ \w+)? \s+ set \s+ [\w"]+ \s* =
      | delete \s+ from \s+ {WORD} \s* (?:;|$|where|using|returning)
      | with \s+ (?:recursive\s+)? \w+ (?:\s*\([^)]*\))? \s+ as \s+ (?:(?:not\s+)?materialized\s+)?
        \(\s* (?:select|insert|update|delete|values|\()
      | create \s+ (?:unlogged\s+)? table \s+ (?:if\s+not\s+exists\s+)? {WORD} \s* \(
      | create \s+ (?:unique\s+)? index \s .*? \s on \s+ {WORD}
      | (?:create|drop) \s+ (?:schema|table|index|view) \s+ (?:if\s (?:not\s)? exists\s+)?
        {WORD} \s* (?:;|$)
      | alter \s+ table \s+ {WORD} \s+ (?:add|drop|alter|rename|set|attach|detach|validate) \s
      | truncate \s+ (?:table\s+)? {WORD} \s* (?:;|$)
      | (?:lock\s+table|savepoint|listen|notify) \s+ {WORD} \s* (?:;|,|$)
    )""",
    re.VERBOSE | re.DOTALL,
)
ENDS_OF_TRANSACTION = {"commit", "rollback", "savepoint"}


def is_sql(text: str) -> bool:
    """Whether a text is an SQL statement: in one case throughout, as prose never is."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return first in (first.lower(), first.upper()) and bool(STATEMENT.match(text.lower()))


def texts(tree: ast.AST) -> list[tuple[ast.AST, str]]:
    """String constants but docstrings; the holes of an f-string read as `{}`."""
    skipped = docstrings(tree)
    found: list[tuple[ast.AST, str]] = []
    for node in walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            found.append((node, "".join(map(str, parts))))
            skipped.update(map(id, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = (
                node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
            )
            found.append((node, text))
    return [(node, text) for node, text in found if id(node) not in skipped]


def stray_sql(module: Module) -> list[str]:
    if module.room == "store":
        return []
    return [
        module.at(node, f"SQL belongs to the store: {text.strip()[:40]!r}")
        for node, text in texts(module.tree)
        if is_sql(text)
    ]


def stray_commits(module: Module) -> list[str]:
    if module.path == "store/database.py" or module.room == "runtime":
        return []
    return [
        module.at(node, f"{name_of(node)} belongs to store/database.py and the runtime")
        for node in walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ENDS_OF_TRANSACTION
    ]


def test_sql_is_written_in_the_store() -> None:
    stands(fault for module in modules() for fault in stray_sql(module))


def test_transactions_end_where_they_begin() -> None:
    stands(fault for module in modules() for fault in stray_commits(module))


def test_stray_sql_is_found() -> None:
    statements = (
        *("select id from entities", "SELECT * FROM t WHERE a = 1", "update t set a = %s"),
        *("insert into t (a) values (1)", "delete from t where a = 1", "lock table t"),
        *("\n  with a as (select 1) select * from a", "create unique index i on t (a)"),
    )
    assert [text for text in statements if not stray_sql(parse(f"x = {text!r}"))] == []
    assert len(stray_sql(parse("x = f'select a, b from {table} where c = {d}'"))) == 1
    assert len(stray_sql(parse("x = b'SELECT a FROM t'"))) == 1
    assert stray_sql(parse("x = 'select id from t'", "store/graph.py")) == []


def test_prose_is_not_sql() -> None:
    prose = (
        *("Select one from the list.", "update the title and set a price", "commit to it daily"),
        *("delete from your library what you no longer sell", "create table tennis lessons?"),
        *("select the items you want from your library", "with love as (always) intended"),
    )
    assert [text for text in prose if is_sql(text)] == []


def test_stray_commits_are_found() -> None:
    assert len(stray_commits(parse("await connection.commit()"))) == 1
    assert stray_commits(parse("await connection.rollback()", "store/database.py")) == []
