"""A file is named after the idea in it, in one lower-case word, never after a technical kind."""

import ast
import re
from pathlib import PurePath

from tests.house.source import Module, modules, parse, stands, walk

FORBIDDEN = {
    *("utils", "util", "helpers", "helper", "common", "models", "schemas", "constants"),
    *("manager", "managers", "misc", "shared"),
}
KIND = re.compile(r"(Manager|Helper|Handler|Utils?)$")


def misnamed(path: str) -> list[str]:
    words = PurePath(path).with_suffix("").parts
    return [
        f"{path}: {word} is not the name of an idea"
        for word in words
        if word in FORBIDDEN or not re.fullmatch(r"[a-z][a-z0-9]*|__init__|__main__", word)
    ]


def misnamed_classes(module: Module) -> list[str]:
    return [
        module.at(node, f"{node.name} names a kind, not a thing")
        for node in walk(module.tree)
        if isinstance(node, ast.ClassDef) and KIND.search(node.name)
    ]


def test_types_are_named_after_things() -> None:
    stands(fault for module in modules() for fault in misnamed_classes(module))


def test_files_are_named_after_ideas() -> None:
    stands(fault for module in modules() for fault in misnamed(module.path))


def test_kinds_are_not_names() -> None:
    assert misnamed("domains/payments/utils.py") == [
        "domains/payments/utils.py: utils is not the name of an idea"
    ]
    assert len(misnamed("helpers/Two_Factor.py")) == 2
    assert misnamed("domains/payments/twofactor.py") == []
    assert len(misnamed_classes(parse("class RefundManager: ..."))) == 1
