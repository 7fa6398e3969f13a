"""Underscores and stars that markdown took for emphasis and ate, put back where that is proven.

`**init**` can only have been `__init__`. `def init(self)` may be a method somebody meant: it is
mended only where no double underscore is left in the block at all, nothing calls `init` by that
name, and the class is made as if it had a constructor. `if name == "main":` is mended beside such
proof, and in any whole program that gives `name` nowhere: it can do nothing else. Models write
that themselves, too; whose fault it is a rule judges.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.reading.grammar import names_of, parse
from validator.reading.literals import outside_strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from validator.reading.passage import Passage

_WORDS = (
    "init|main|name|file|doc|str|repr|len|call|eq|ne|lt|le|gt|ge|hash|bool|add|sub|mul|truediv"
    "|getitem|setitem|delitem|contains|iter|next|enter|exit|new|del|dict|class|all|version"
    "|post_init|slots|import|getattr|setattr"
)
_BOLD = re.compile(rf"(?:\*\*|\\_\\_)({_WORDS})(?:\*\*|\\_\\_)")
_BOLD_MAIN = re.compile(r"(['\"])(?:\*\*|\\_\\_)main(?:\*\*|\\_\\_)\1")
_INTACT = re.compile(r"__\w+__")
_SUSPECT = re.compile(
    r"\bdef init\(self|super\(\)\.init\(|^if name == ['\"]main['\"]", re.MULTILINE
)
_GUARD = re.compile(
    r"^(?P<before>if\s+\(?)name(?P<between>\s*==\s*)(?P<quote>['\"])main(?P=quote)(?=\s*\)?\s*:)"
)
_WRITTEN = r"\g<before>__name__\g<between>\g<quote>__main__\g<quote>"
_REFLECTION = frozenset(
    {"globals", "exec", "builtins", "setattr", "__builtins__", "vars", "locals"}
)
"""What may give a program a name that no statement of it binds."""
_NAMELESS = frozenset(
    {"math", "random", "tkinter", "tkinter.ttk", "turtle", "typing", "time", "socket", "ctypes",
     "struct", "collections", "itertools", "pygame.locals"}
)  # fmt: skip
"""Modules that give no `name` to who imports all of them (CPython 3.11, pygame 2.6)."""
_SELF_METHODS = {
    "str": 1, "repr": 1, "len": 1, "eq": 2, "ne": 2, "lt": 2, "le": 2, "gt": 2, "ge": 2, "hash": 1,
    "bool": 1, "add": 2, "sub": 2, "mul": 2, "truediv": 2, "getitem": 2, "setitem": 3, "delitem": 2,
    "contains": 2, "iter": 1, "next": 1, "enter": 1, "exit": 4,
}  # fmt: skip
"""Special methods and how many parameters they have (Data model, Python language reference)."""
_STARS = re.compile(r"(?<![\w*])args, \*kwargs\b")


def with_bold_dunders(passage: Passage) -> Passage:
    """Write `**name**` as `__name__` where a name may stand."""
    if "**" not in passage.text and "\\_\\_" not in passage.text:
        return passage
    quoted = [_BOLD_MAIN.sub(r"\1__main__\1", line) for line in passage.lines]
    return passage.with_lines(outside_strings(quoted, lambda text: _BOLD.sub(r"__\1__", text)))


def with_eaten_dunders(passage: Passage) -> Passage:
    """Put the underscores back into `def init(self, …)` and what else was eaten beside it."""
    text = passage.text
    if not _SUSPECT.search(text) or _INTACT.search(text):
        return passage
    tree = parse(text).tree
    if tree is None:
        return passage
    lines = list(passage.lines)
    uses = _Uses.of(tree)
    proven = [node for node in tree.body if isinstance(node, ast.ClassDef) and _ate(node, uses)]
    for node in proven:
        for method in _special(node):
            index = method.lineno - 1
            lines[index] = lines[index].replace(f"def {method.name}(", f"def __{method.name}__(", 1)
    if not proven:
        return passage
    bound = _global_names(tree)
    for index, line in enumerate(lines):
        written = line.replace("super().init(", "super().__init__(")
        lines[index] = written if "name" in bound else _GUARD.sub(_WRITTEN, written)
    return passage.with_lines(lines)


def with_eaten_guard(passage: Passage) -> Passage:
    """Put the underscores back into `if name == "main":` where nothing can give it a `name`.

    `passage` is a file of the program, whole; one that does not parse stays as it is.
    """
    guards = [index for index, line in enumerate(passage.lines) if _GUARD.match(line)]
    tree = parse(passage.text).tree if guards else None
    if tree is None or _may_have_name(tree):
        return passage
    statements = {node.lineno - 1 for node in tree.body if isinstance(node, ast.If)}
    lines = list(passage.lines)
    for index in statements.intersection(guards):
        lines[index] = _GUARD.sub(_WRITTEN, lines[index])
    return passage.with_lines(lines)


def _may_have_name(tree: ast.Module) -> bool:
    """Return True where `name` may be a variable of the module, however it is given."""
    if "name" in _global_names(tree):
        return True
    return any(
        (isinstance(node, ast.Global) and "name" in node.names)
        or (isinstance(node, ast.Name) and node.id in _REFLECTION)
        or (isinstance(node, ast.Attribute) and node.attr == "__dict__")
        or (isinstance(node, ast.Import) and any(each.name == "builtins" for each in node.names))
        or (
            isinstance(node, ast.ImportFrom)
            and node.names[0].name == "*"
            and (node.level > 0 or node.module not in _NAMELESS)
        )
        for node in ast.walk(tree)
    )


def with_eaten_stars(passage: Passage) -> Passage:
    """Write the `args, *kwargs` that is left of `*args, **kwargs` out again."""
    if "args, *kwargs" not in passage.text or "*args" in passage.text:
        return passage
    return passage.with_lines([_STARS.sub("*args, **kwargs", line) for line in passage.lines])


def _global_names(tree: ast.Module) -> frozenset[str]:
    """Return what the statements at the top level bind, but not what functions and classes do."""
    kept = [
        node
        for node in tree.body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    return names_of(ast.Module(kept, [])).bound | names_of(tree).defined


@dataclass(frozen=True, slots=True)
class _Uses:
    """What a module says of its classes."""

    names_init: bool
    """True where something is called `init` that may be a method: not `pygame.init`."""
    made: Mapping[str, frozenset[int]]
    """With how many arguments each name is called."""

    @classmethod
    def of(cls, tree: ast.Module) -> _Uses:
        imported = _imported(tree)
        made: dict[str, set[int]] = {}
        names_init = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made.setdefault(node.func.id, set()).add(len(node.args) + len(node.keywords))
            elif isinstance(node, ast.Attribute) and node.attr == "init":
                names_init = names_init or _root(node) not in imported
        return cls(names_init, {name: frozenset(numbers) for name, numbers in made.items()})


def _ate(node: ast.ClassDef, uses: _Uses) -> bool:
    """Return True where the `init` of a class can only have been its constructor."""
    init = next((each for each in _methods(node) if each.name == "init"), None)
    if init is None or not _takes_self(init):
        return False
    if any(map(_is_super_init, ast.walk(init))):
        return True
    if node.bases or uses.names_init:
        return False
    most = len(init.args.args) - 1
    fewest = most - len(init.args.defaults)
    made = uses.made.get(node.name, frozenset())
    if not made or not all(fewest <= number <= most for number in made):
        return False
    return any(made) or _gives_attributes(init, node)


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    return (each for each in node.body if isinstance(each, ast.FunctionDef))


def _takes_self(method: ast.FunctionDef) -> bool:
    return bool(method.args.args) and method.args.args[0].arg == "self"


def _special(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for method in _methods(node):
        parameters = len(method.args.args)
        if method.name == "init" or _SELF_METHODS.get(method.name) == parameters:
            yield method


def _is_super_init(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "init"
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
    )


def _root(node: ast.Attribute) -> str | None:
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return root.id if isinstance(root, ast.Name) else None


def _imported(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        (alias.asname or alias.name).partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _gives_attributes(init: ast.FunctionDef, node: ast.ClassDef) -> bool:
    """Return True where other methods read what only `init` gives the object."""
    given = _attributes(init, ast.Store)
    others = [method for method in _methods(node) if method is not init]
    stored = frozenset().union(*(_attributes(method, ast.Store) for method in others))
    read = frozenset().union(*(_attributes(method, ast.Load) for method in others))
    return bool((given - stored) & read)


def _attributes(method: ast.FunctionDef, context: type[ast.expr_context]) -> frozenset[str]:
    return frozenset(
        node.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, context)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )
