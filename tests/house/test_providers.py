"""A provider found on disk is registered, has a stand-in, tests and its place in the docs."""

import ast
import re

from tests.house.source import PACKAGE, ROOT, Module, functions, modules, parse, stands, walk

FOLDER = PACKAGE / "providers"


def providers() -> list[Module]:
    """The face of each provider: its file, or the `__init__` of its folder."""
    shape = re.compile(r"providers/(?!base/)(\w+)(\.py|/__init__\.py)")
    return [
        module
        for module in modules()
        if shape.fullmatch(module.path) and module.path != "providers/__init__.py"
    ]


def assigned(module: Module) -> set[str]:
    return {
        target.id
        for node in module.tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def unfinished(module: Module) -> list[str]:
    """What a provider's face lacks."""
    there = {node.name for node in functions(module.tree)} | assigned(module)
    return [
        f"{module.path} has no {name}" for name in ("SERVICES", "standins") if name not in there
    ]


def services(module: Module) -> list[str]:
    """The names of its services, as its words have them."""
    return [
        node.args[0].value
        for node in walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Service", "_channel")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def test_every_provider_has_its_words_and_a_stand_in() -> None:
    stands(fault for module in providers() for fault in unfinished(module))


def test_every_service_has_tests_and_docs() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "providers").glob("*.py"))
    page = (ROOT / "docs" / "services.md").read_text()
    names = [name for module in providers() for name in services(module)]
    assert len(names) > 8
    assert [name for name in names if f'"{name}"' not in tests] == []
    assert [name for name in names if f"\n`{name}`. " not in page] == []


def test_unfinished_providers_are_found() -> None:
    assert len(unfinished(parse("SERVICES = ()", "providers/planted.py"))) == 1
    assert unfinished(parse("SERVICES = ()\ndef standins(): ...", "providers/planted.py")) == []
