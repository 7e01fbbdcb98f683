"""Every import contract stands, and each one falls when it is broken."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.source import PACKAGE, ROOT, Module, imports, modules, parse, stands, walk

PLANTS = {
    "planted": "",
    "ontology.planted": "import one.store.planted",
    "store.planted": "import httpx",
    "domains.planted": "",
    "runtime.planted_a": "import one.runtime.planted_b",
    "runtime.planted_b": "import one.runtime.planted_a",
    "runtime.planted_driver": "import psycopg",
    "runtime.planted_framework": "from starlette.requests import Request",
    "runtime.planted_assistant": "import mcp",
    "compiler.verbs.planted_a": "import one.compiler.verbs.planted_b",
    "compiler.verbs.planted_b": "",
    "providers.planted_a": "import one.providers.planted_b",
    "providers.planted_b": "",
}

REPORTED = {
    "Floors": ("- one.planted\n", "one.ontology.planted -> one.store.planted"),
    "Rooms": ("- one.domains.planted\n",),
    "No cycle": ("No cycles are allowed in one.runtime.", ".planted_b"),
    "The database driver": ("one.runtime.planted_driver -> psycopg",),
    "The web framework": ("one.runtime.planted_framework -> starlette",),
    "The assistants'": ("one.runtime.planted_assistant -> mcp",),
    "The network": ("one.store.planted -> httpx",),
    "Verbs": ("one.compiler.verbs.planted_a -> one.compiler.verbs.planted_b",),
    "Providers": ("one.providers.planted_a -> one.providers.planted_b",),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the package in which every contract is broken."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copytree(PACKAGE, root / "one", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for module, text in PLANTS.items():
        file = root.joinpath("one", *module.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for folder in (root / "one").rglob("*/"):
        (folder / "__init__.py").touch()
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=root,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("contract", REPORTED)
def test_a_planted_violation_breaks_its_contract(report: str, contract: str) -> None:
    verdicts = [line for line in report.splitlines() if line.startswith(contract)]
    assert "BROKEN" in verdicts[0]
    assert [words for words in REPORTED[contract] if words not in report] == []


def test_every_contract_is_proved(report: str) -> None:
    assert f"Contracts: 0 kept, {len(REPORTED)} broken." in report


def hidden_imports(module: Module) -> list[str]:
    """Imports that the contracts would see but a running program may not."""
    faults = [
        module.at(node, f"{name} hides a cycle: move what is shared down a floor")
        for node, name in imports(module.tree)
        if name == "typing.TYPE_CHECKING"
    ]
    top = {id(node) for node in module.tree.body}
    if module.room == "cli":
        return faults
    return faults + [
        module.at(node, f"{name} is imported late: import it at the top")
        for node, name in imports(module.tree)
        if name.split(".")[0] == "one" and id(node) not in top and not own_client(module, name)
    ]


def own_client(module: Module, name: str) -> bool:
    """Whether a provider loads a module of its own, which has a heavy SDK at its top."""
    return module.room == "providers" and name.startswith(
        ".".join(module.name.split(".")[:3]) + "."
    )


def test_no_import_is_hidden() -> None:
    stands(fault for module in modules() for fault in hidden_imports(module))


def test_hidden_imports_are_found() -> None:
    late = parse("def f():\n    from one import clock\n")
    knot = parse("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import one.app\n")
    assert len(hidden_imports(late)) == 1
    assert len(hidden_imports(knot)) == 2
    assert hidden_imports(parse("def f():\n    from one import app\n", "cli/run.py")) == []
    late = "def f():\n    from one.providers.{}.client import Client\n"
    assert hidden_imports(parse(late.format("stripe"), "providers/stripe/payments.py")) == []
    assert len(hidden_imports(parse(late.format("openai"), "providers/stripe/payments.py"))) == 1


PURE = ("compiler", "ontology")
OUTSIDE = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "orjson", "one"}
IO = {
    "asyncio", "ctypes", "fcntl", "ftplib", "glob", "http", "io", "multiprocessing", "os", "select",
    "selectors", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess",
    "tempfile", "threading", "urllib", "concurrent",
}  # fmt: skip


def impurities(module: Module) -> list[str]:
    """What a pure floor may not touch: third parties but pydantic and orjson, and I/O."""
    allowed = (sys.stdlib_module_names - IO) | OUTSIDE
    faults = [
        module.at(node, f"{module.room} is pure and may not import {name}")
        for node, name in imports(module.tree)
        if name.split(".")[0] not in allowed
    ]
    return faults + [
        module.at(node, f"{module.room} is pure and may not call {node.func.id}")
        for node in walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("open", "print", "eval", "exec", "input", "__import__")
    ]


def test_the_pure_floors_are_pure() -> None:
    pure = [module for module in modules() if module.room in PURE]
    stands(fault for module in pure for fault in impurities(module))


def test_impurities_are_found() -> None:
    assert len(impurities(parse("import httpx\nimport os.path\nopen('x')\neval('1')"))) == 4
    assert impurities(parse("import pydantic, tomllib\nfrom one import errors")) == []
