"""RV206, RV207 and RV208: names and attributes that are not there when they are needed."""

from __future__ import annotations

import ast
import difflib
import re
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix, Severity
from validator.rules.definitions import definitions, undefined
from validator.rules.guards import broken_guards
from validator.rules.program import FUNCTIONS, bound_by, first_line, own_nodes, trees
from validator.rules.rule import Evidence, Example, Rule, quoted, said_by
from validator.rules.words import name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Diagnostic, SourceFile
    from validator.findings import Finding
    from validator.rules.bindings import Function

MAX_RELATED = 5
"""Other uses of the same name that are pointed at; more would not help to mend it."""

MAX_COMPARED = 500
"""Names of a program that an unknown one is compared with."""

IMPORTS = {
    **dict.fromkeys(("Any", "Callable", "Dict", "List", "Optional", "Set", "Tuple"), "typing"),
    **dict.fromkeys(("Union", "Iterable", "Iterator", "Literal", "NamedTuple"), "typing"),
    **dict.fromkeys(
        ("Counter", "defaultdict", "deque", "namedtuple", "OrderedDict"), "collections"
    ),
    **dict.fromkeys(("randint", "shuffle", "uniform"), "random"),
    **dict.fromkeys(("dataclass",), "dataclasses"),
    **dict.fromkeys(("ABC", "abstractmethod"), "abc"),
    **dict.fromkeys(("Enum", "IntEnum", "StrEnum"), "enum"),
    **dict.fromkeys(("lru_cache", "partial", "reduce"), "functools"),
    **dict.fromkeys(("Path",), "pathlib"),
    **dict.fromkeys(("timedelta",), "datetime"),
    **dict.fromkeys(("sqrt", "ceil", "floor"), "math"),
    **dict.fromkeys(("sleep", "perf_counter"), "time"),
    **dict.fromkeys(("Thread",), "threading"),
    **dict.fromkeys(("urlopen",), "urllib.request"),
}
"""Names of the standard library that hardly mean anything else, and the module they come from."""
ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
    "tf": "tensorflow",
    "tk": "tkinter",
    "pg": "pygame",
    "nx": "networkx",
    "st": "streamlit",
    "px": "plotly.express",
    "go": "plotly.graph_objects",
}
"""Names under which modules are imported by custom."""


class UndefinedName(Rule):
    """A name is used that nothing defines.

    ## What it does
    Puts together what ruff (F821) and pyright (reportUndefinedVariable) say, one finding a name,
    however often it is used. A name the module does define, only further down, is
    `use-before-definition`; one in a mangled guard is `broken-main-guard`.

    ## Why it matters
    The program ends with a NameError when it comes to it, which may be long after it started.

    ## What to do
    Import it, define it, or write the name that was meant. `--fix` adds a missing import of the
    standard library.
    """

    code = "RV206"
    name = "undefined-name"
    example = Example(
        bad="print(random.randint(1, 6))\n",
        good="import random\n\nprint(random.randint(1, 6))\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each name."""
        for file, module in trees(evidence.submission):
            below = definitions(module)
            guards = {guard.line for guard in broken_guards(file)}
            own = [
                each
                for each in undefined(evidence, file, module)
                if each.span.first not in guards and name_in(each.message) not in below
            ]
            known = _bound_anywhere(module)
            for name, uses in _by_name(own):
                yield self._finding(evidence, file, module, name, uses, known)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        module: ast.Module,
        name: str,
        uses: list[Diagnostic],
        known: list[str],
    ) -> Finding:
        places = sorted({(use.span.first, use.column) for use in uses})
        hint, line = _cure(file, name, places[0], known)
        others = tuple(
            (evidence.at(file.path, *place), "used here as well")
            for place in places[1 : MAX_RELATED + 1]
        )
        return self.find(
            f"nothing defines {quoted(name)}",
            evidence.at(file.path, *places[0]),
            related=others,
            evidence=_once(uses),
            hint=hint,
            fix=_import_fix(file, module, line),
        )


def _cure(
    file: SourceFile, name: str, place: tuple[int, int], known: list[str]
) -> tuple[str, str | None]:
    """Return a hint, and the import line that is certain to be meant, if there is one."""
    lines = split_lines(file.text)
    line = lines[place[0] - 1] if place[0] <= len(lines) else ""
    after = line[place[1] - 1 + len(name) :]
    if name in sys.stdlib_module_names and after.startswith("."):
        return f"Add `import {name}`.", f"import {name}"
    if name in IMPORTS:
        statement = f"from {IMPORTS[name]} import {name}"
        return f"Add `{statement}`.", statement
    if name in ALIASES and after.startswith("."):
        return f"Add `import {ALIASES[name]} as {name}`.", None
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if near:
        return f"Define {quoted(name)}, or write `{near[0]}` if that is what is meant.", None
    return f"Define or import {quoted(name)}, or leave out what needs it.", None


def _bound_anywhere(module: ast.Module) -> list[str]:
    """Return the names that any part of a module binds, as many as are worth comparing with."""
    nodes = ast.walk(module)
    return sorted({name for node in nodes for name in _binds(node)})[:MAX_COMPARED]


def _binds(node: ast.AST) -> Iterable[str]:
    return (node.arg,) if isinstance(node, ast.arg) else bound_by(node)


def _import_fix(file: SourceFile, module: ast.Module, line: str | None) -> Fix | None:
    if line is None:
        return None
    before = _import_line(module)
    lines = split_lines(file.text)
    crowded = not lines[before - 1].startswith(("import ", "from "))
    edit = Edit(file.path, Span(before, before - 1), (line, "") if crowded else (line,))
    return Fix(f"add `{line}`", (edit,), safe=True)


def _import_line(module: ast.Module) -> int:
    """Return the line an import may be put before: the first that is no docstring or future."""
    for statement in module.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.ImportFrom(module="__future__"):
                continue
        return first_line(statement)
    return 1


class UnboundLocal(Rule):
    """A function reads a name of its own before it has given it a value.

    ## What it does
    Puts together what ruff (F823) and pyright (unbound, possibly unbound) say about the names of a
    function, one finding a function and name. Where the module has a variable of that name, a
    missing `global` is meant. A name that is merely *possibly* unbound is a warning where
    the module has such a variable, and a note otherwise.

    ## Why it matters
    An assignment anywhere in a function makes the name local in all of it. The program ends
    with an UnboundLocalError, often only when a key is pressed or a branch is taken.

    ## What to do
    Say `global name` at the top of the function, or pass the value in and return it. `--fix`
    does the first.
    """

    code = "RV207"
    name = "unbound-local"
    example = Example(
        bad="score = 0\n\n\ndef hit():\n    score += 1\n\n\nhit()\n",
        good="score = 0\n\n\ndef hit():\n    global score\n    score += 1\n\n\nhit()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each function and name."""
        said = evidence.said("F823", "reportUnboundVariable", "reportPossiblyUnbound")
        for file, module in trees(evidence.submission):
            own = [each for each in said if each.path == file.path]
            for name, uses in _by_name(own):
                for function, inside in _by_function(module, uses):
                    yield self._finding(evidence, file, module, name, function, inside)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        module: ast.Module,
        name: str,
        function: Function | None,
        uses: list[Diagnostic],
    ) -> Finding:
        first = min(uses, key=lambda use: (use.span, use.column))
        certain = any(use.code != "reportPossiblyUnbound" for use in uses)
        shadows = function is not None and _is_variable(module, name)
        where = f"`{function.name}`" if function else "the module"
        verb = "reads" if certain else "may read"
        why = f"; it hides the module's own `{name}`" if shadows else ""
        fix = _global_fix(file, function, name, safe=certain) if shadows and function else None
        weight = Severity.WARNING if shadows else Severity.NOTE
        hint = (
            f"Say `global {name}` at the top of {where}."
            if shadows
            else (f"Give `{name}` a value on every way to this line.")
        )
        return self.find(
            f"{where} {verb} {quoted(name)} before giving it a value{why}",
            evidence.at(file.path, first.span.first, first.column),
            severity=None if certain else weight,
            evidence=_once(uses),
            hint=hint,
            fix=fix,
        )


def _is_variable(module: ast.Module, name: str) -> bool:
    """Tell whether a module assigns a name, rather than define or import it."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
        for node in own_nodes(module)
    )


def _by_function(
    module: ast.Module, uses: list[Diagnostic]
) -> Iterator[tuple[Function | None, list[Diagnostic]]]:
    groups: dict[int, tuple[Function | None, list[Diagnostic]]] = {}
    for use in uses:
        function = _innermost(module, use.span.first)
        groups.setdefault(id(function), (function, []))[1].append(use)
    yield from groups.values()


def _innermost(module: ast.Module, line: int) -> Function | None:
    around = [
        node
        for node in ast.walk(module)
        if isinstance(node, FUNCTIONS) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _global_fix(file: SourceFile, function: Function, name: str, *, safe: bool) -> Fix | None:
    """Return the edit that declares a name global, if the file still compiles with it."""
    start = function.body[0]
    if ast.get_docstring(function, clean=False) is not None and len(function.body) > 1:
        start = function.body[1]
    line = first_line(start)
    lines = split_lines(file.text)
    indent = re.match(r"[ \t]*", lines[line - 1])
    if line == function.lineno or indent is None:
        return None
    added = f"{indent[0]}global {name}"
    mended = "\n".join([*lines[: line - 1], added, *lines[line - 1 :]])
    try:
        compile(mended, "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    edit = Edit(file.path, Span(line, line - 1), (added,))
    # It ends here each time it comes here: no correct program loses anything.
    return Fix(f"declare `global {name}` in `{function.name}`", (edit,), safe=safe)


_MODULE_ATTRIBUTE = re.compile(
    r'"(?P<name>\w+)" is not a known attribute of module "(?P<of>[\w.]+)"'
)
_CLASS_ATTRIBUTE = re.compile(
    r'Cannot access attribute "(?P<name>\w+)" for class "(?:type\[)?(?P<of>\w+)\*?\]?"'
)


class UnknownAttribute(Rule):
    """An attribute is used that its module or class does not have.

    ## What it does
    Takes up what pyright says about attributes of modules and of classes that the program defines.
    It is an error for the standard library, where the stubs are complete and no condition stands
    before it, and a warning elsewhere: modules may make attributes as they please.

    ## Why it matters
    Models invent functions that ought to exist. The program ends with an AttributeError.

    ## What to do
    Use what the module really has.
    """

    code = "RV208"
    name = "unknown-attribute"
    example = Example(
        bad="import math\n\nprint(math.square(4))\n",
        good="import math\n\nprint(math.pow(4, 2))\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each place."""
        for file, module in trees(evidence.submission):
            classes = {each.name for each in ast.walk(module) if isinstance(each, ast.ClassDef)}
            for said in evidence.said("reportAttributeAccessIssue"):
                if said.path != file.path:
                    continue
                of_module = _MODULE_ATTRIBUTE.match(said.message)
                of_class = _CLASS_ATTRIBUTE.match(said.message)
                if of_module or (of_class and of_class["of"] in classes):
                    yield self._finding(evidence, file, module, said, of_module or of_class)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        module: ast.Module,
        said: Diagnostic,
        match: re.Match[str] | None,
    ) -> Finding:
        assert match is not None, "one of the two patterns matched"
        owner, name = match["of"], match["name"]
        kind = "class" if match.re is _CLASS_ATTRIBUTE else "module"
        standard = kind == "module" and owner.partition(".")[0] in sys.stdlib_module_names
        certain = standard and not _conditional(module, said.span.first)
        return self.find(
            f"{kind} `{owner}` has no attribute `{name}`",
            evidence.at(file.path, said.span.first, said.column),
            severity=Severity.ERROR if certain else Severity.WARNING,
            evidence=(said_by(said),),
            hint=f"Use what `{owner}` really has, or define `{name}`.",
        )


def _conditional(module: ast.Module, line: int) -> bool:
    """Tell whether a condition or a handler stands around a line, so that it may never run."""
    return any(
        statement.lineno <= line <= (statement.end_lineno or statement.lineno)
        for node in ast.walk(module)
        if isinstance(node, ast.If | ast.Try | ast.TryStar | ast.IfExp | ast.BoolOp)
        for statement in _parts(node)
    )


def _parts(
    node: ast.If | ast.Try | ast.TryStar | ast.IfExp | ast.BoolOp,
) -> Iterable[ast.stmt | ast.expr]:
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return ()
        case ast.If():
            return (*node.body, *node.orelse)
        case ast.Try() | ast.TryStar():
            return node.body if node.handlers else ()
        case ast.IfExp():
            return (node.body, node.orelse)
        case _:
            return node.values[1:]


def _by_name(said: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    def name(each: Diagnostic) -> str:
        return name_in(each.message)

    for key, group in groupby(sorted(said, key=name), key=name):
        yield key, list(group)


def _once(said: Iterable[Diagnostic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said_by(each) for each in said))
