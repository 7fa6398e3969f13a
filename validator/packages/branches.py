"""Which way an `if` goes on a target, where its test asks for the platform or the Python. Pure."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_MODULES = ("sys", "os", "platform")
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_OF_A_STRING = ("lower", "upper", "casefold", "startswith", "endswith")
"""Methods that tests of a platform call; none of them makes more than it is given."""


class _UnknownError(Exception):
    """The test asks for something that a target does not say."""


_UNKNOWN = (_UnknownError, TypeError, ValueError, IndexError, RecursionError)
"""What evaluating raises: a text may compare anything with anything."""


@dataclass(frozen=True, slots=True)
class Branches:
    """What one file can find out about where it runs, by the names it has for that."""

    facts: Mapping[str, Any]
    """`sys.platform` → `linux`."""
    imported: Mapping[str, str]
    """A name of the file's → the fact, or the module with facts, that it was imported as."""
    assigned: Mapping[str, Any]
    """A name the file binds once → what it is then: `WINDOWS = os.name == "nt"`."""

    def goes(self, test: ast.expr) -> bool | None:
        """Return what comes of a test on the target; None where that is not known beforehand."""
        try:
            return bool(self.value(test))
        except _UNKNOWN:
            return None

    def told(self, expression: ast.expr) -> bool | str | None:
        """Return what an expression comes to where that is a plain fact; else None."""
        try:
            value = self.value(expression)
        except _UNKNOWN:
            return None
        return value if isinstance(value, bool | str) else None

    def value(self, expression: ast.expr) -> Any:
        """Return what an expression comes to on the target; raises where that is not known."""
        match expression:
            case ast.Constant(value=value):
                return value
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                return tuple(map(self.value, elements))
            case ast.Compare():
                return self._compared(expression)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.BoolOp(op=joined, values=tests):
                return self._joined(tests, decisive=isinstance(joined, ast.Or))
        return self._asked(expression)

    def _asked(self, expression: ast.expr) -> Any:
        match expression:
            case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
                return False
            case ast.Name(id=name) if name in self.assigned:
                return self.assigned[name]
            case ast.Call(func=ast.Attribute(value=text, attr=method), args=args, keywords=[]) if (
                method in _OF_A_STRING
            ):
                return getattr(str(self.value(text)), method)(*map(self.value, args))
            case ast.Attribute(value=version, attr="major" | "minor" as part):
                return self.value(version)[part == "minor"]
            case ast.Subscript(value=version, slice=ast.Constant(int(index))) if index < 2:
                return self.value(version)[index]
            case ast.Subscript(value=version, slice=ast.Slice(None, ast.Constant(int(end)), None)):
                return self.value(version)[:end]
        return self._fact(expression)

    def _fact(self, expression: ast.expr) -> Any:
        match expression:
            case ast.Call(func=asked, args=[], keywords=[]):
                name = f"{self._dotted(asked)}()"
            case _:
                name = self._dotted(expression)
        if name not in self.facts:
            raise _UnknownError
        return self.facts[name]

    def _dotted(self, expression: ast.expr) -> str:
        match expression:
            case ast.Name(id=name) if name in self.imported:
                return self.imported[name]
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.imported:
                return f"{self.imported[name]}.{attribute}"
        raise _UnknownError

    def _compared(self, test: ast.Compare) -> bool:
        values = [self.value(each) for each in (test.left, *test.comparators)]
        return all(map(_holds, test.ops, values, values[1:]))

    def _joined(self, tests: list[ast.expr], *, decisive: bool) -> bool:
        """Return what tests joined by `or` come to, where True is `decisive`, or else by `and`."""
        ways = [self.goes(each) for each in tests]
        if decisive in ways:
            return decisive
        if None in ways:
            raise _UnknownError
        return not decisive


def _holds(sign: ast.cmpop, left: Any, right: Any) -> bool:
    versions = isinstance(left, tuple) and isinstance(right, tuple)
    # 3.11.4 is not told from 3.11.9: the third number is not the target's to say.
    if type(sign) not in _COMPARE or (
        versions and left[:2] == right[:2] and len(left) > 2 and len(right) > 2
    ):
        raise _UnknownError
    return _COMPARE[type(sign)](left, right)


Condition = tuple[ast.expr, bool]
"""A test, and what has to come of it."""


class Ways:
    """Which ways one file goes on a target: a Python `X.Y` and a family of platform tags.

    It is read for that when first asked: most files import nothing under a condition.
    """

    def __init__(self, tree: ast.Module, python: str, platform: str) -> None:
        """Be asked of one file."""
        self._tree = tree
        self._target = python, platform
        self._went: dict[ast.expr, bool | None] = {}

    @cached_property
    def _branches(self) -> Branches:
        return branches(self._tree, *self._target)

    def reach(self, conditions: Sequence[Condition]) -> bool:
        """Return whether what stands under these conditions may be run."""
        return all(self._goes(test) is not (not way) for test, way in conditions)

    def _goes(self, test: ast.expr) -> bool | None:
        if test not in self._went:
            self._went[test] = self._branches.goes(test)
        return self._went[test]


def branches(tree: ast.Module, python: str, platform: str) -> Branches:
    """Return what a file can find out of a target."""
    linux = platform.startswith("linux")
    facts = {
        "os.name": "posix",
        "platform.system()": "Linux" if linux else "Darwin",
        "sys.platform": "linux" if linux else "darwin",
        # With a third number, since 3.11.0 is above (3, 11).
        "sys.version_info": (*map(int, python.split(".")), 0),
    }
    nodes = tuple(ast.walk(tree))
    bound = Counter(_bound(nodes))
    imported = {name: whence for name, whence in _imported(nodes) if name not in bound}
    assigned: dict[str, bool | str] = {}
    found = Branches(facts, imported, assigned)
    for name, expression in _assigned(nodes):
        # Evaluated once each, in their order: names made of names would double at every step.
        if bound[name] == 1 and (value := found.told(expression)) is not None:
            assigned[name] = value
    return found


def _bound(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _imported(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            modules = (each for each in node.names if each.name in _MODULES)
            yield from ((each.asname or each.name, each.name) for each in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES and not node.level:
            for each in node.names:
                yield each.asname or each.name, f"{node.module}.{each.name}"


def _assigned(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and what they are bound to, plain values left out: those are switches to turn."""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if not isinstance(value, ast.Constant):
            yield name, value
