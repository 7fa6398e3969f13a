"""Imports a program forgot: which line is certain to be meant, and where it goes."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.program import first_line

if TYPE_CHECKING:
    from validator.facts import SourceFile

IMPORTS = {
    **dict.fromkeys(("Any", "Callable", "Dict", "List", "Optional", "Set", "Tuple"), "typing"),
    **dict.fromkeys(("Union", "Iterable", "Iterator", "Literal", "NamedTuple"), "typing"),
    **dict.fromkeys(
        ("Counter", "defaultdict", "deque", "namedtuple", "OrderedDict"), "collections"
    ),
    **dict.fromkeys(("randint", "randrange", "shuffle", "uniform"), "random"),
    **dict.fromkeys(("dataclass",), "dataclasses"),
    **dict.fromkeys(("ABC", "abstractmethod"), "abc"),
    **dict.fromkeys(("Enum", "IntEnum", "StrEnum"), "enum"),
    **dict.fromkeys(("lru_cache", "partial", "reduce", "wraps", "cached_property"), "functools"),
    **dict.fromkeys(("Path",), "pathlib"),
    **dict.fromkeys(("date", "datetime", "timedelta", "timezone"), "datetime"),
    **dict.fromkeys(("sqrt", "ceil", "floor", "factorial", "gcd", "hypot", "atan2"), "math"),
    **dict.fromkeys(("sleep", "perf_counter"), "time"),
    **dict.fromkeys(("Thread",), "threading"),
    **dict.fromkeys(("urlopen",), "urllib.request"),
    **dict.fromkeys(("deepcopy",), "copy"),
    **dict.fromkeys(("pprint",), "pprint"),
    **dict.fromkeys(("Decimal",), "decimal"),
    **dict.fromkeys(("Fraction",), "fractions"),
    **dict.fromkeys(("StringIO", "BytesIO"), "io"),
    **dict.fromkeys(("contextmanager", "suppress"), "contextlib"),
    **dict.fromkeys(("permutations", "combinations", "islice", "zip_longest"), "itertools"),
    **dict.fromkeys(("heappush", "heappop", "heapify"), "heapq"),
    **dict.fromkeys(("bisect_left", "bisect_right", "insort"), "bisect"),
    **dict.fromkeys(("uuid4",), "uuid"),
    **dict.fromkeys(("ThreadPoolExecutor", "ProcessPoolExecutor"), "concurrent.futures"),
}
"""Names of the standard library that hardly mean anything else, and the module they come from."""
BESIDE = {
    **dict.fromkeys(("field", "asdict", "astuple"), "dataclasses"),
    **dict.fromkeys(("auto", "unique"), "enum"),
    **dict.fromkeys(("choice", "choices", "sample", "seed"), "random"),
    **dict.fromkeys(("product", "cycle", "chain", "count", "repeat", "groupby"), "itertools"),
    **dict.fromkeys(("pi", "sin", "cos", "tan", "radians", "degrees", "pow", "log"), "math"),
    **dict.fromkeys(("time", "strftime"), "time"),
    **dict.fromkeys(("messagebox", "ttk", "filedialog", "simpledialog"), "tkinter"),
}
"""Names that may mean other things, but not in a file that takes something from the module."""
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
_OF_THE_CLASS = re.compile(
    r"\.(?:now|today|utcnow|strptime|combine|fromisoformat|fromtimestamp|utcfromtimestamp)\b"
)
"""What `datetime` has as a class and not as a module."""
_HEAD = re.compile(r"#!|#.*coding[:=]")


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement that is missing."""

    line: str
    standard: bool
    """True where nothing has to be installed for it."""


def missing_import(file: SourceFile, name: str, place: tuple[int, int]) -> Import | None:
    """Return the import an undefined name asks for, if there can be little doubt.

    `place` is line and column, 1-based, of one of its uses.
    """
    lines = split_lines(file.text)
    line = lines[place[0] - 1] if place[0] <= len(lines) else ""
    after = line[place[1] - 1 + len(name) :]
    is_module = after.startswith(".") and not (name == "datetime" and _OF_THE_CLASS.match(after))
    if name in sys.stdlib_module_names and is_module:
        return Import(f"import {name}", standard=True)
    beside = BESIDE.get(name)
    if beside is not None and re.search(rf"^\s*from {beside} import\b", file.text, re.MULTILINE):
        return Import(f"from {beside} import {name}", standard=True)
    if name in IMPORTS:
        return Import(f"from {IMPORTS[name]} import {name}", standard=True)
    if name in ALIASES and is_module:
        module = ALIASES[name]
        return Import(f"import {module} as {name}", module in sys.stdlib_module_names)
    return None


def import_fix(file: SourceFile, module: ast.Module, wanted: Import) -> Fix:
    """Return the edit that adds an import: before the first, or above all else that does something.

    A docstring, `from __future__`, a shebang and an encoding stay above it. Safe, since where a
    name is bound nowhere no correct program gets past its use.
    """
    lines = split_lines(file.text)
    before = _import_line(lines, module)
    following = lines[before - 1] if before <= len(lines) else ""
    put = [wanted.line]
    if following.strip() and not following.startswith(("import ", "from ")):
        put.append("")
    if before > 1 and _is_end_of_docstring(module, before - 1):
        put.insert(0, "")
    edit = Edit(file.path, Span(before, before - 1), tuple(put))
    return Fix(f"add `{wanted.line}`", (edit,), safe=True)


def _import_line(lines: list[str], module: ast.Module) -> int:
    for statement in module.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.ImportFrom(module="__future__"):
                continue
            case ast.Import() | ast.ImportFrom():
                return first_line(statement)
        return _above_its_comments(lines, first_line(statement))
    return len(lines) + 1


def _above_its_comments(lines: list[str], line: int) -> int:
    while line > 1 and lines[line - 2].startswith("#") and not _HEAD.match(lines[line - 2]):
        line -= 1
    return line


def _is_end_of_docstring(module: ast.Module, line: int) -> bool:
    first = module.body[0]
    return isinstance(first, ast.Expr) and first.end_lineno == line
