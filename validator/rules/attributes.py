"""RV208: attributes that a module, a class or a value does not have."""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.findings import Fix, Severity
from validator.rules import elsewhere
from validator.rules.program import bound_names, is_standard, trees
from validator.rules.renaming import written_as
from validator.rules.respelling import meant_by
from validator.rules.rule import Evidence, Example, Rule, said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Diagnostic, SourceFile
    from validator.findings import Finding

_BUILTIN = {each.__name__: each for each in (str, bytes, int, float, list, dict, set, tuple)}
"""Types whose methods are known here as well as anywhere."""
_LOOKED_INTO = frozenset(
    ("math", "random", "json", "time", "datetime", "string", "re", "itertools", "functools")
) | {"collections", "statistics", "copy", "heapq", "bisect", "operator", "textwrap", "decimal"}
"""Modules of the standard library that do nothing when they are imported, for a slip in a name."""
_MODULE_ATTRIBUTE = re.compile(
    r'"(?P<name>\w+)" is not a known attribute of module "(?P<of>[\w.]+)"'
)
_CLASS_ATTRIBUTE = re.compile(
    r'Cannot access attribute "(?P<name>\w+)" for class "(?:type\[)?(?P<of>\w+)\*?\]?"'
)
_VALUE_ATTRIBUTE = re.compile(
    r'Cannot access attribute "(?P<name>\w+)" for class "(?P<of>\w+)(?:\[.*\])?\*?"'
)
_NO_SYMBOL = re.compile(r'"(?P<name>\w+)" is unknown import symbol')


class UnknownAttribute(Rule):
    """An attribute is used that its module, class or value does not have.

    ## What it does
    Takes up what pyright says about attributes of modules, of classes that the program defines and
    of what is imported from the standard library. It is an error for the standard library, where
    the stubs are complete and no condition stands before it, and a warning elsewhere: modules may
    make attributes as they please. Of strings, lists and their like it says so where the name is
    one slip away from one they have.

    ## Why it matters
    Models invent functions that ought to exist. The program ends with an AttributeError.

    ## What to do
    Use what the module really has. `--fix` writes a name with a slip in it as the only one near it,
    of a class or a value where the run ended there.
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
            classes = {
                each.name: each for each in ast.walk(module) if isinstance(each, ast.ClassDef)
            }
            said = [
                (each, lack)
                for each in evidence.said("reportAttributeAccessIssue")
                if each.path == file.path
                and (lack := _lack(each, module, classes)) is not None
                and not _is_submodule(lack, module, evidence)
            ]
            places: dict[_Lack, list[tuple[int, int]]] = {}
            for each, lack in said:
                places.setdefault(lack, []).append((each.span.first, each.column))
                if _NO_SYMBOL.match(each.message):
                    places[lack] += _uses(file, module, lack.name)
            for each, lack in said:
                yield self._finding(evidence, file, module, each, lack, places[lack])

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        module: ast.Module,
        said: Diagnostic,
        lack: _Lack,
        places: list[tuple[int, int]],
    ) -> Finding:
        certain = lack.standard and not _conditional(module, said.span.first)
        edits = written_as(file, lack.name, places, lack.meant) if lack.meant else None
        what = f"write `{lack.name}` as `{lack.meant}`"
        hint = f"Use what `{lack.owner}` really has, or define `{lack.name}`."
        return self.find(
            f"{lack.kind} `{lack.owner}` has no attribute `{lack.name}`",
            evidence.at(file.path, said.span.first, said.column),
            severity=Severity.ERROR if certain else Severity.WARNING,
            evidence=(said_by(said),),
            hint=f"W{what[1:]}, if that is what is meant." if lack.meant else hint,
            fix=Fix(what, edits, safe=certain) if edits else None,
        )


@dataclass(frozen=True, slots=True)
class _Lack:
    """An attribute that is not there, and the one that was meant, if that can be known."""

    kind: str
    """`module`, `class` or `type`."""
    owner: str
    name: str
    meant: str | None

    @property
    def standard(self) -> bool:
        return self.kind == "module" and is_standard(self.owner)


def _lack(said: Diagnostic, module: ast.Module, classes: dict[str, ast.ClassDef]) -> _Lack | None:
    """Return what a diagnostic says is not there; None where that is nothing to go by."""
    if found := _MODULE_ATTRIBUTE.match(said.message):
        return _of_module(found["of"], found["name"])
    if found := _CLASS_ATTRIBUTE.match(said.message):
        owner = classes.get(found["of"])
        if owner is not None:
            meant = meant_by(found["name"], _attributes(owner, classes))
            return _Lack("class", owner.name, found["name"], meant)
    if (found := _VALUE_ATTRIBUTE.match(said.message)) and found["of"] in _BUILTIN:
        meant = meant_by(found["name"], dir(_BUILTIN[found["of"]]))
        return _Lack("type", found["of"], found["name"], meant) if meant else None
    if found := _NO_SYMBOL.match(said.message):
        source = _imported_from(module, said.span.first, found["name"])
        return _of_module(source, found["name"]) if source and is_standard(source) else None
    return None


def _is_submodule(lack: _Lack, module: ast.Module, evidence: Evidence) -> bool:
    """Tell a submodule nobody imported by name, of a package another part of which is imported.

    `matplotlib.pyplot` brings `matplotlib.colors` along. Of `import PIL` alone, `PIL.Image` does
    not come.
    """
    resolution = evidence.resolution
    if lack.kind != "module" or resolution is None:
        return False
    inside = f"{lack.owner}."
    return f"{inside}{lack.name}" in resolution.submodules and any(
        each.startswith(inside) for each in _imported(module)
    )


def _imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(source), names=names):
                yield source
                yield from (f"{source}.{each.name}" for each in names)


def _uses(file: SourceFile, module: ast.Module, name: str) -> Iterator[tuple[int, int]]:
    """Return line and column of each use of a name, for what imports it under another."""
    lines = split_lines(file.text)
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and node.id == name:
            before = lines[node.lineno - 1].encode()[: node.col_offset]
            yield node.lineno, len(before.decode(errors="replace")) + 1


def _of_module(module: str, name: str) -> _Lack | None:
    if elsewhere.has(module, name):
        return None  # the stubs speak of this system; another one has it
    if name.startswith("_") and not is_standard(module):
        return None  # what a package keeps to itself, its `__version__` too, few stubs tell of
    known = dir(importlib.import_module(module)) if module in _LOOKED_INTO else ()
    return _Lack("module", module, name, meant_by(name, known))


def _imported_from(module: ast.Module, line: int, name: str) -> str | None:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and not node.level:
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if line in lines and name in {each.name for each in node.names}:
                return node.module
    return None


def _attributes(owner: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the names a class and its bases in the program define, or set on `self`."""
    found: set[str] = set()
    seen, left = {owner.name}, [owner]
    while left:
        each = left.pop()
        for node in ast.walk(each):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    found.add(name)
        found |= bound_names(each)
        bases = {base.id for base in each.bases if isinstance(base, ast.Name)} - seen
        seen |= bases
        left += [classes[base] for base in sorted(bases & classes.keys())]
    return found


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
