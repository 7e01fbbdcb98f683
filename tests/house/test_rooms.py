"""What lies on disk is known to the program, and what is switched off says why."""

import ast
import re

from tests.house.source import PACKAGE, ROOT, Module, imports, modules, name_of, parse, stands, walk

SILENCED = re.compile(r"#\s*(?:type: ignore|noqa|pyright:\s*\w+)")
REASONED = re.compile(r"#\s*(?:noqa: ?|pyright: ?ignore\[)[\w, ]+\]?\s*#\s*\w+")


def unregistered(rooms: set[str], *keys: Module) -> set[str]:
    """Rooms that those who open the doors (app, the floor's face) neither import nor discover."""
    calls = (n for module in keys for n in walk(module.tree) if isinstance(n, ast.Call))
    if any(name_of(call) == "iter_modules" for call in calls):
        return set()
    return rooms - {name.rpartition(".")[2] for module in keys for _, name in imports(module.tree)}


def unreasoned(module: Module) -> list[str]:
    """Checks that are silenced without a code and a reason."""
    return [
        f"{module.path}:{number}: say which check is silenced, and why: {line.strip()}"
        for number, line in enumerate(module.text.splitlines(), 1)
        if SILENCED.search(line) and not REASONED.search(line)
    ]


def test_every_room_is_registered() -> None:
    keys = [module for module in modules() if module.path in ("app.py", "domains/__init__.py")]
    rooms = {path.stem for path in (PACKAGE / "domains").iterdir() if path.stem[0] not in "_."}
    assert unregistered(rooms, *keys) == set()


def untested(rooms: set[str], tests: list[str]) -> set[str]:
    """Rooms that have neither a folder nor a file of tests under their name."""
    words = {word.removeprefix("test_") for path in tests for word in path.split("/")}
    return {room for room in rooms if room not in words and f"{room}.py" not in words}


def test_every_room_has_tests() -> None:
    rooms = {
        re.sub(r"^domains/", "", module.path).split("/")[0]
        for module in modules()
        if "/" in module.path and module.path != "domains/__init__.py"
    }
    tests = ROOT / "tests"
    paths = [path.relative_to(tests).as_posix() for path in tests.rglob("*.py")]
    assert untested({room.removesuffix(".py") for room in rooms}, paths) == set()


def test_silenced_checks_have_a_reason() -> None:
    stands(fault for module in modules() for fault in unreasoned(module))


def test_unregistered_rooms_are_found() -> None:
    face = parse("from one.domains import graph")
    assert unregistered({"graph", "search"}, face) == {"search"}
    assert unregistered({"graph"}, face, parse("")) == set()
    assert unregistered({"graph"}, parse("rooms = pkgutil.iter_modules(__path__)")) == set()


def test_untested_rooms_are_found() -> None:
    paths = ["store/test_walk.py", "domains/test_graph.py"]
    assert untested({"store", "graph", "search"}, paths) == {"search"}


def test_unreasoned_silence_is_found() -> None:
    bare = ("x  # type: ignore", "x  # noqa", "x  # pyright: ignore", "x  # noqa: E501")
    assert [line for line in bare if not unreasoned(parse(line))] == []
    assert unreasoned(parse("x  # noqa: S301 # the pickle is our own")) == []
    assert unreasoned(parse("x  # pyright: ignore[reportCallIssue] # Input read them")) == []
