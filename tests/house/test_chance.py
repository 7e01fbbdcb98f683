"""Time, identifiers and randomness come from `one.clock`; nowhere else can a run differ."""

import ast

from tests.house.source import Module, dotted, imports, modules, parse, stands, walk

MODULES = {"time", "random", "secrets"}
NAMES = {"uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "os.urandom"}
CALLS = {
    f"{owner}.{name}"
    for owner in ("datetime", "datetime.datetime", "date", "datetime.date")
    for name in ("now", "utcnow", "today")
} | NAMES


def chances(module: Module) -> list[str]:
    if module.path == "clock.py":
        return []
    return [
        module.at(node, f"{name}: ask one.clock")
        for node, name in imports(module.tree)
        if name.split(".")[0] in MODULES or name in NAMES
    ] + [
        module.at(node, f"{dotted(node)}: ask one.clock")
        for node in walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in CALLS
    ]


def test_chance_lives_in_the_clock() -> None:
    stands(fault for module in modules() for fault in chances(module))


def test_chance_elsewhere_is_found() -> None:
    assert (
        len(chances(parse("import time\nfrom random import choice\nfrom uuid import uuid4"))) == 3
    )
    assert len(chances(parse("at = datetime.now(UTC)\ndefault = date.today\nuuid.uuid4()"))) == 3
    assert chances(parse("from uuid import UUID\nat = clock.now()\ntime = 1")) == []
    assert chances(parse("import time", "clock.py")) == []
