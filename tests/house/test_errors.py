"""Every error that can leave an operation or a verb of the store is declared there."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from tests.house.source import (
    Function,
    Module,
    dotted,
    functions,
    imports,
    modules,
    name_of,
    operation,
    parse,
    stands,
    walk,
)

IMPLIED = {"Invalid", "Outside"}
"""What goes without saying: every call reads an input, and the database may be away."""

RULES = {
    "signed_in": {"NotSignedIn"},
    "staff": {"NotSignedIn", "Denied"},
    "owner_of": {"NotSignedIn", "Denied", "NotFound"},
}
"""What a rule in `allow=` may raise, which the operation need not repeat."""

Known = tuple[Module, Function]


class House:
    """What the walls know of all modules at once, and what can come out of each function.

    Calls are followed by name: within a module, through an import, and by `.store.verb(…)`, whose
    errors are those that the verb's docstring names after `Raises`.
    """

    def __init__(self, *modules: Module) -> None:
        self.modules = modules
        self._done: dict[int, set[str]] = {}

    @cached_property
    def ancestors(self) -> dict[str, set[str]]:
        """Error class → itself and the error classes above it, but the root."""
        bases = {
            node.name: [name_of(base) for base in node.bases]
            for module in self.modules
            for node in walk(module.tree)
            if isinstance(node, ast.ClassDef)
        }

        def up(name: str) -> set[str]:
            return {name}.union(*(up(base) for base in bases.get(name, ())))

        found = {name: up(name) for name in bases if name != "OneError"}
        return {name: above for name, above in found.items() if "OneError" in above}

    @cached_property
    def functions(self) -> dict[str, Known]:
        """Full name (`one.store.things.create`) → the function; methods under their module."""
        return {
            f"{module.name}.{node.name}": (module, node)
            for module in self.modules
            for node in functions(module.tree)
        }

    @cached_property
    def verbs(self) -> dict[str, Known]:
        """The public methods of the class Store."""
        return {
            node.name: (module, node)
            for module in self.modules
            if module.room == "store"
            for kind in walk(module.tree)
            if isinstance(kind, ast.ClassDef) and kind.name == "Store"
            for node in functions(kind)
            if not node.name.startswith("_")
        }

    @cached_property
    def imported(self) -> dict[str, dict[str, str]]:
        """Path of a module → the names it imports → what they stand for."""
        return {
            module.path: {full.rpartition(".")[2]: full for _, full in imports(module.tree)}
            for module in self.modules
        }

    def called(self, call: ast.Call, module: Module) -> Known | None:
        """The function behind a call, if it can be told from the names."""
        name = dotted(call.func)
        front, _, last = name.rpartition(".")
        if name.endswith(f"store.{last}") and last in self.verbs:
            return self.verbs[last]
        known = self.imported[module.path]
        full = known.get(name, f"{module.name}.{name}")
        if front:
            full = f"{module.name if front == 'self' else known.get(front, front)}.{last}"
        return self.functions.get(full)

    def escapes(self, module: Module, node: Function) -> set[str]:
        """What can come out of a body: raised there or by what it calls, and not caught."""
        if id(node) not in self._done:
            self._done[id(node)] = set()
            self._done[id(node)] = self._of_body(module, node.body)
        return self._done[id(node)]

    def _of_body(self, module: Module, body: list[ast.stmt]) -> set[str]:
        found: set[str] = set()
        for part in body:
            if isinstance(part, ast.Try):
                inside = self._of_body(module, part.body)
                found |= {error for error in inside if not self._caught(error, part.handlers)}
                rest = [*part.orelse, *part.finalbody]
                rest += [each for handler in part.handlers for each in handler.body]
                found |= self._of_body(module, rest)
            elif not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found |= self._of_statement(module, part)
                found |= self._of_body(module, nested(part))
        return found

    def _of_statement(self, module: Module, part: ast.stmt) -> set[str]:
        found = {name_of(part.exc)} if isinstance(part, ast.Raise) else set[str]()
        for call in calls(part):
            if known := self.called(call, module):
                found |= self.declared(*known)
                if isinstance(part, ast.Raise) and part.exc is call and known[1].returns:
                    found |= {name_of(name) for name in walk(known[1].returns)}
        return found & self.ancestors.keys()

    def declared(self, module: Module, node: Function) -> set[str]:
        """What a function says it raises, or, where it need not say so, what it does raise."""
        if call := operation(node):
            return of_declaration(call)
        if self.verbs.get(node.name) == (module, node):
            says = (ast.get_docstring(node) or "").partition("Raises")[2]
            return IMPLIED | (set(re.findall(r"\w+", says)) & self.ancestors.keys())
        return self.escapes(module, node)

    def _caught(self, error: str, handlers: list[ast.ExceptHandler]) -> bool:
        """Whether a handler ends an error, rather than letting it pass on with a bare `raise`."""
        for handler in handlers:
            names = {name_of(part) for part in walk(handler.type or ast.Name("Exception"))}
            if names & {*self.ancestors[error], "Exception", "BaseException"}:
                parts = [part for each in handler.body for part in walk(each)]
                return not any(isinstance(part, ast.Raise) and not part.exc for part in parts)
        return False

    def undeclared(self) -> list[str]:
        """Errors that can leave an operation, or a verb of the store, which does not say so."""
        faults: list[str] = []
        for module, node in self.functions.values():
            if operation(node) or self.verbs.get(node.name) == (module, node):
                known = self.declared(module, node)
                faults += [
                    module.at(node, f"{node.name} does not declare {error}")
                    for error in sorted(self.escapes(module, node))
                    if not self.ancestors[error] & known
                ]
        return faults


def of_declaration(call: ast.Call) -> set[str]:
    """The names in `raises=(…)`, what the rule in `allow=` raises, and what goes without saying."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    names = IMPLIED | {name_of(part) for part in walk(given.get("raises", call.func))}
    kind = given.get("kind")
    if not (isinstance(kind, ast.Constant) and kind.value == "read"):
        names.add("Conflict")
    return names | RULES.get(name_of(given.get("allow")), set())


def nested(part: ast.stmt) -> list[ast.stmt]:
    """The statements inside a compound statement."""
    inside: list[ast.stmt] = []
    for name in ("body", "orelse"):
        inside += getattr(part, name, [])
    if isinstance(part, ast.Match):
        inside += [each for case in part.cases for each in case.body]
    return inside


def calls(part: ast.stmt) -> Iterator[ast.Call]:
    """The calls a statement makes itself, not those of statements nested in it."""
    stack: list[ast.AST] = [part]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call):
            yield node
        stack += [each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.stmt)]
        if isinstance(node, ast.match_case):
            stack = [each for each in stack if each not in node.body]


def test_every_error_is_declared() -> None:
    stands(House(*modules()).undeclared())


ERRORS = parse(
    "class OneError(Exception): ...\nclass NotFound(OneError): ...\n"
    "class Conflict(OneError): ...\nclass SplitTooLarge(Conflict): ...\n",
    "errors.py",
)
STORE = parse(
    "from one.store import things\n\nclass Store:\n"
    "    async def get(self):\n        'A row. Raises: NotFound'\n"
    "        return await things.get()\n",
    "store/__init__.py",
)
THINGS = parse("async def get():\n    raise NotFound('gone')\n", "store/things.py")


def faults_of(body: str, raises: str = "()", kind: str = "read") -> list[str]:
    """The faults of one planted operation beside the planted store."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    room = parse(
        f"def gone() -> NotFound: ...\ndef part():\n    raise SplitTooLarge('x')\n"
        f"@operation(kind='{kind}', raises={raises}, allow=anyone)\nasync def plan(ctx):\n{lines}"
    )
    faults = House(ERRORS, STORE, THINGS, room).undeclared()
    return [fault.partition("declare ")[2] for fault in faults]


def test_undeclared_errors_are_found() -> None:
    assert faults_of("raise NotFound('x')") == ["NotFound"]
    assert faults_of("raise gone()") == ["NotFound"]
    assert faults_of("if a:\n    return part()") == ["SplitTooLarge"]
    assert faults_of("match a:\n    case 1:\n        await ctx.store.get()") == ["NotFound"]
    assert faults_of("try:\n    await ctx.store.get()\nexcept NotFound:\n    raise") == ["NotFound"]


def test_declared_and_handled_errors_pass() -> None:
    assert faults_of("await ctx.store.get()", "(NotFound,)") == []
    assert faults_of("part()", "(Conflict,)") == []
    assert faults_of("part()", kind="write") == []
    assert faults_of("try:\n    await ctx.store.get()\nexcept NotFound:\n    return None") == []


def test_verbs_that_hide_an_error_are_found() -> None:
    silent = parse(STORE.text.replace("Raises: NotFound", ""), STORE.path)
    (fault,) = House(ERRORS, silent, THINGS).undeclared()
    assert fault == "store/__init__.py:4: get does not declare NotFound"


def test_errors_of_called_operations_are_found() -> None:
    room = parse(
        "@operation(kind='read', raises=(NotFound,), allow=anyone)\nasync def find(ctx): ...\n",
        "domains/planted.py",
    )
    other = parse(
        "from one.domains import planted\n"
        "@operation(kind='read', allow=anyone)\n"
        "async def see(ctx):\n    return await planted.find(ctx)\n",
        "domains/other.py",
    )
    (fault,) = House(ERRORS, room, other).undeclared()
    assert fault.endswith("see does not declare NotFound")
