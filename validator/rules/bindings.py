"""What may be bound when, and what a name stands for: the memory of the walk in `order`."""

from __future__ import annotations

import ast
import builtins
from dataclasses import InitVar, dataclass, field, replace

from validator.rules.program import FUNCTIONS, Scope

_PRESET = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__", "__spec__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Value = Function | ast.ClassDef | tuple[ast.ClassDef] | None
"""What a name stands for: a function, a class, an instance of one, or something unknown."""


@dataclass(frozen=True, slots=True)
class EarlyUse:
    """A module-level name that is needed before it is bound."""

    name: str
    statement: ast.stmt
    """The module-level statement that is running."""
    node: ast.Name
    """Where the name stands."""
    calls: tuple[str, ...]
    """The functions called on the way there, outermost first; empty for a direct use."""
    certain: bool
    """False where a condition stands before it, so that it may not come to it."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the walk stands."""

    scope: Scope
    local: frozenset[str]
    calls: tuple[str, ...] = ()
    certain: bool = True
    owner: ast.ClassDef | None = None
    """The class whose method is running: what `self` is."""
    objects: dict[str, Value] = field(default_factory=dict)
    """Local names that hold an instance of one of the module's classes."""


@dataclass(slots=True)
class Walk:
    """What is known so far, as the module runs."""

    later: frozenset[str]
    """Every name the module binds itself; only these can be used *before* they are bound."""
    module: InitVar[ast.Module]
    bound: set[str] = field(default_factory=set)
    looping: set[str] = field(default_factory=set)
    """Names bound in the module-level loop that is running: a later turn finds them."""
    values: dict[str, Value] = field(default_factory=dict)
    owners: dict[int, ast.ClassDef] = field(init=False)
    """The class each method stands in, by the method's identity."""
    settled: set[tuple[int, bool]] = field(default_factory=set)
    """Functions already followed: what is bound only grows, so a second look finds nothing new."""
    running: ast.stmt | None = None
    open: bool = False
    """True once anything may have been bound: after `from x import *`, `exec` or `globals()`."""
    found: dict[tuple[int, str], EarlyUse] = field(default_factory=dict)

    def __post_init__(self, module: ast.Module) -> None:
        """Note which class each method stands in."""
        classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
        self.owners = {id(statement): each for each in classes for statement in each.body}


def doubtful(state: State) -> State:
    """Return the state behind a condition."""
    return replace(state, certain=False)


def load(walk: Walk, state: State, node: ast.Name) -> Value:
    """Look a name up; note it where it is needed before the module has bound it."""
    name = node.id
    if name in state.local:
        # In a class body a name not bound there yet is looked up in the module: left alone.
        return (state.owner,) if state.owner and _is_self(state, name) else state.objects.get(name)
    if name in walk.bound or name in _PRESET or name not in walk.later:
        return walk.values.get(name)
    if walk.open or (name in walk.looping and not state.certain):
        return None
    assert walk.running is not None, "set before the first statement is run"
    use = EarlyUse(name, walk.running, node, state.calls, state.certain)
    walk.found.setdefault((id(walk.running), name), use)
    return None


def _is_self(state: State, name: str) -> bool:
    scope = state.scope
    return isinstance(scope, FUNCTIONS) and [each.arg for each in scope.args.args[:1]] == [name]


def attribute_of(value: Value, attribute: str, walk: Walk) -> Value:
    """Return the method an attribute of a known instance or class stands for."""
    match value:
        case (ast.ClassDef() as owner,) | (ast.ClassDef() as owner):
            method = method_of(walk, owner, attribute)
            return method if method is not None and not method.decorator_list else None
    return None


def method_of(walk: Walk, owner: ast.ClassDef, name: str) -> Function | None:
    """Return a method of a class, or of the bases that the module defines itself."""
    for statement in owner.body:
        if isinstance(statement, FUNCTIONS) and statement.name == name:
            return statement
    for base in owner.bases:
        known = walk.values.get(base.id) if isinstance(base, ast.Name) else None
        if isinstance(known, ast.ClassDef) and known is not owner:
            return method_of(walk, known, name)
    return None


def store(walk: Walk, state: State, name: str, value: Value) -> None:
    """Bind a name in the scope that is running."""
    if name in state.local:
        # A local function may use its surroundings' names, so only objects are kept in mind.
        known = isinstance(value, tuple) and name not in state.objects
        state.objects[name] = value if known else None
        return
    walk.bound.add(name)
    # Two bindings of one name: which of them a call reaches is not followed.
    walk.values[name] = value if name not in walk.values else None
