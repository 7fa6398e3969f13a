"""What a program's text shows of its shape: imports, calls, routes, questions and tests. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from validator.facts import SourceFile, Submission

_ASKS = ("input", "getpass", "raw_input")
_ASKS_BY_LIBRARY = ("prompt", "confirm", "ask")
_PROMPTERS = ("click", "typer", "Prompt", "IntPrompt", "FloatPrompt", "Confirm")
_ROUTE_CALLS = ("route", "get", "post", "put", "delete", "patch", "add_url_rule", "add_get",
                "add_route", "Route", "api_route", "path", "websocket")  # fmt: skip
_WITHOUT_BODY = ("route", "get", "add_url_rule", "add_get", "add_route", "Route", "api_route",
                 "path")  # fmt: skip
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>|\{(\w+)(?::(\w+))?\}")
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_SAMPLES = {"int": "1", "float": "1.5", "uuid": "12345678-1234-5678-1234-567812345678"}
_KEY = re.compile(r"K_\w+$|KEY_[A-Z0-9_]+$|Key_\w+$")
_MOUSE = re.compile(r"MOUSE|mouse$|get_mouse|on_mouse_|mouse[A-Z]")
_ON_SCREEN = ("OPENGL", "toggle_fullscreen")
_NUMBERS = re.compile(r"id$|^(?:n|num|number|count|page|index|year|limit|a|b|x|y)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a program shows of it; places are `path:line`."""

    modules: Mapping[str, str]
    """Every module imported, with the first place of it."""
    calls: frozenset[str]
    """Last names of everything called."""
    keys: tuple[str, ...]
    """As its library names them: `K_UP` (pygame), `KEY_UP` (pyxel), `key.UP` (pyglet), `Key_Up`."""
    mouse: bool
    """True where it listens to the mouse."""
    needs_screen: bool
    """True where it asks pygame for what only a real display has."""
    routes: tuple[str, ...]
    asks: str | None
    """Where input is asked for; None where it is not."""
    reads_stdin: bool
    reads_arguments: str | None
    only_defines: bool
    """True where the file that starts the program runs nothing when it is run."""
    made_at_once: frozenset[str]
    """Modules whose calls give values to names at the top of that file."""
    first_definition: str
    tests: str | None
    """Where the first test stands."""
    test_files: tuple[str, ...]
    """Files that hold tests, the one that starts the program not counted."""
    main_is_tests: bool
    """True where the file that starts the program is tests and nothing else that runs."""


def survey(submission: Submission) -> Shape:
    """Return the shape of a program; files that do not parse contribute nothing."""
    parsed = [(file, tree) for file in submission.files if (tree := _parse(file)) is not None]
    entry = submission.entry_point or (submission.files[0].path if submission.files else "")
    main = next((tree for file, tree in parsed if file.path == entry), None)
    seen = _Seen()
    for file, tree in parsed:
        for node in ast.walk(tree):
            seen.take(node, file.path)
    tested = [
        (file.path, line)
        for file, tree in parsed
        if (line := _first_test(tree, seen.modules, file.path))
    ]
    return Shape(
        modules=seen.modules,
        calls=frozenset(seen.calls),
        keys=tuple(seen.keys),
        mouse=seen.mouse,
        needs_screen=seen.needs_screen,
        routes=tuple(seen.routes),
        asks=seen.asks,
        reads_stdin=seen.reads_stdin,
        reads_arguments=seen.reads_arguments,
        only_defines=main is not None and _only_defines(main),
        made_at_once=_made_at_once(main),
        first_definition=_first_definition(main, entry),
        tests=f"{tested[0][0]}:{tested[0][1]}" if tested else None,
        test_files=tuple(path for path, _ in tested if path != entry),
        main_is_tests=main is not None
        and any(path == entry for path, _ in tested)
        and (_only_defines(main, tests_run=True)),
    )


class _Seen:
    """What a walk through the trees has come upon so far."""

    def __init__(self) -> None:
        self.modules: dict[str, str] = {}
        self.calls: set[str] = set()
        self.keys: dict[str, None] = {}
        self.mouse = self.needs_screen = False
        self.routes: dict[str, None] = {}
        self.asks: str | None = None
        self.reads_stdin = False
        self.reads_arguments: str | None = None

    def take(self, node: ast.AST, path: str) -> None:
        """Note what one node tells."""
        match node:
            case ast.Import() | ast.ImportFrom():
                for module in _imported(node):
                    self.modules.setdefault(module, f"{path}:{node.lineno}")
            case ast.Call():
                self._take_call(node, path)
            case ast.Attribute(value=ast.Name(id="sys"), attr="argv"):
                self.reads_arguments = self.reads_arguments or f"{path}:{node.lineno}"
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdin"):
                self.reads_stdin = True
                self.asks = self.asks or f"{path}:{node.lineno}"
        self._take_device(node)

    def _take_device(self, node: ast.AST) -> None:
        """Note the keys, the mouse and the graphics card a node mentions."""
        name = last_name(node)
        if _KEY.match(name):
            self.keys.setdefault(name)
        elif isinstance(node, ast.Attribute) and last_name(node.value) == "key" and name.isupper():
            self.keys.setdefault(f"key.{name}")
        if isinstance(node, ast.FunctionDef):
            name = node.name
        self.mouse = self.mouse or _MOUSE.match(name) is not None
        self.needs_screen = self.needs_screen or name in _ON_SCREEN

    def _take_call(self, node: ast.Call, path: str) -> None:
        name = last_name(node.func)
        self.calls.add(name)
        asks = name in _ASKS and not _is_method_of_self(node.func)
        asks = asks or name == "cmdloop"
        if asks or (name in _ASKS_BY_LIBRARY and _root(node.func) in _PROMPTERS):
            self.asks = self.asks or f"{path}:{node.lineno}"
        if name in _ROUTE_CALLS and (route := _route(node, name)):
            self.routes.setdefault(route)


def _is_method_of_self(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and last_name(function.value) != "getpass"


def _parse(file: SourceFile) -> ast.Module | None:
    return tree_of(file.text) if file.path.endswith(".py") else None


def _imported(node: ast.Import | ast.ImportFrom) -> tuple[str, ...]:
    match node:
        case ast.Import(names=names):
            return tuple(name.name for name in names)
        case ast.ImportFrom(module=str(module), level=0):
            return (module,)
    return ()


def last_name(node: ast.AST) -> str:
    """Return the last name of a dotted one; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _route(node: ast.Call, name: str) -> str | None:
    """Return the path a call serves, its parameters filled in; None where it is not to be got."""
    first = node.args[0] if node.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return None
    path = first.value
    if name == "path" and not path.startswith("/"):
        path = f"/{path}"
    methods = next((k.value for k in node.keywords if k.arg == "methods"), None)
    if name not in _WITHOUT_BODY or (methods is not None and "GET" not in ast.unparse(methods)):
        return None
    if not path.startswith("/") or any(char in path for char in "\r\n \t?#^$\\"):
        return None
    return _PARAMETER.sub(_sample, path)


def _sample(match: re.Match[str]) -> str:
    converter, name = match[1] or match[4] or "", match[2] or match[3]
    return _SAMPLES.get(converter) or ("1" if _NUMBERS.search(name) else "sample")


# ── what running the file does ───────────────────────────────────────────────────────────────────


def _only_defines(tree: ast.Module, *, tests_run: bool = False) -> bool:
    """Tell whether running a file defines things and does nothing with them."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign
    defines = any(isinstance(each, kinds) for each in tree.body)
    return defines and all(_is_definition(each, tests_run) for each in tree.body)


def _is_definition(node: ast.stmt, tests_run: bool) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=test) if tests_run and _is_guard(test):
            return all(_runs_tests(each) for each in node.body)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Try(body=body):
            return all(_is_definition(each, tests_run) for each in body)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name in ("logging", "app", "sys", "warnings", "router", "api") or (
                tests_run and _runs_tests(node)
            )
    return isinstance(
        node,
        ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
        | ast.Assign | ast.AnnAssign | ast.Pass,
    ) and not _runs(node)  # fmt: skip


def _runs(node: ast.stmt) -> bool:
    """Tell whether an assignment at the top starts something that is more than making a value."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return value is not None and any(
        isinstance(each, ast.Call) and last_name(each.func) in (*_ASKS, "run", "main", "open")
        for each in ast.walk(value)
    )


def _made_at_once(tree: ast.Module | None) -> frozenset[str]:
    body = tree.body if tree is not None else []
    named = {
        alias.asname or alias.name.partition(".")[0]: alias.name
        for node in body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    values = (each.value for each in body if isinstance(each, ast.Assign))
    roots = (_root(value.func) for value in values if isinstance(value, ast.Call))
    return frozenset(named[root] for root in roots if root in named)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return last_name(node)


def _is_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and last_name(test.left) == "__name__"


_TEST_RUNNERS = frozenset({
    "main", "exit", "testmod", "run", "TextTestRunner", "TestSuite", "makeSuite", "addTest",
    "addTests", "loadTestsFromTestCase", "loadTestsFromModule", "TestLoader", "print",
})  # fmt: skip


def _runs_tests(node: ast.stmt) -> bool:
    """Tell whether a statement only starts tests: `unittest.main()`, `sys.exit(pytest.main())`."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    names = [last_name(call.func) for call in calls]
    roots = {_root(call.func) for call in calls}
    tests = [name.startswith("test_") for name in names]
    starts = bool(roots & {"unittest", "pytest", "doctest"}) or any(tests) or "run" in names
    return starts and all(
        name in _TEST_RUNNERS or test for name, test in zip(names, tests, strict=True)
    )


def _first_definition(tree: ast.Module | None, entry: str) -> str:
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return f"{entry}:{node.lineno}"
    return f"{entry}:1"


def _first_test(tree: ast.Module, modules: Mapping[str, str], path: str) -> int | None:
    """Return the line of a file's first test, where somebody would run it as one."""
    named = "pytest" in modules or bool(_TEST_FILE.search(path))
    tests = [*_tests(tree)]
    of_unittest = [line for line, unittest in tests if unittest]
    if of_unittest:
        return of_unittest[0]
    if not tests or not (named or _only_defines(tree, tests_run=True)):
        return None
    return tests[0][0]


def _tests(tree: ast.Module) -> Iterator[tuple[int, bool]]:
    """Yield the line of each test at the top of a file, and whether it is a TestCase."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test_"):
                    yield node.lineno, False
            case ast.ClassDef(name=name, bases=bases):
                if any(last_name(base).endswith("TestCase") for base in bases):
                    yield node.lineno, True
                elif name.startswith("Test") and any(
                    isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
                    for each in node.body
                ):
                    yield node.lineno, False
