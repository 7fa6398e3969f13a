"""Which module-level names are needed before they are bound, calls followed to any depth.

A module runs from top to bottom. This walks it in that order, keeping the set of names that *may*
be bound so far, and follows calls of the module's own functions and classes into their bodies. A
name that is needed while no path can have bound it, and that the module binds further down, is a
NameError. Linters see that only where the name stands at module level itself: a call of `main()`
above a helper that `main` needs passes both ruff and pyright.

What cannot be followed (a callback, a decorated function, an attribute of an unknown object) is not
followed, so that what is reported is there.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.rules.bindings import (
    EarlyUse,
    Function,
    State,
    Value,
    Walk,
    attribute_of,
    doubtful,
    load,
    method_of,
    store,
)
from validator.rules.program import (
    FUNCTIONS,
    bound_by,
    bound_names,
    declared_global,
    own_nodes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CALLS = 25
"""How deep calls are followed; the walk recurses, and a program this deep has run long before."""
MAX_USES = 50
"""More early uses than this in one program are not looked for: it is broken all the same."""
_CATCHES_NAME_ERRORS = {"NameError", "Exception", "BaseException"}
_EXITS = {"exit", "quit", "sys.exit", "os._exit"}
_RUNS_COROUTINES = {"asyncio.run", "run", "loop.run_until_complete"}


def early_uses(module: ast.Module) -> tuple[EarlyUse, ...]:
    """Return every module-level name that is needed before it is bound, one a statement and name.

    Raises:
        RecursionError: the program is nested too deeply to be walked.
    """
    by_global = {name for function in _functions(module) for name in declared_global(function)}
    # A function may have bound these at any time; nobody knows when it was called.
    later = bound_names(module) - by_global
    walk = Walk(later, module)
    state = State(module, frozenset())
    for statement in module.body:
        walk.running = statement
        if _run(walk, state, (statement,)) is None or len(walk.found) >= MAX_USES:
            break
    return tuple(walk.found.values())


def _functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, FUNCTIONS))


def _run(walk: Walk, state: State, body: Iterable[ast.stmt]) -> State | None:
    """Run statements in order; return the state after them, None where nothing comes after."""
    current: State | None = state
    for statement in body:
        if current is None:
            return None
        current = _statement(walk, current, statement)
    return current


def _statement(walk: Walk, state: State, node: ast.stmt) -> State | None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            _definition(walk, state, node)
        case ast.If():
            return _branch(walk, state, node)
        case ast.For() | ast.AsyncFor() | ast.While():
            return _loop(walk, state, node)
        case ast.Try() | ast.TryStar():
            return _try(walk, state, node)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                _evaluate(walk, state, item.context_expr)
                _bind(walk, state, item.optional_vars)
            return _run(walk, state, node.body)
        case ast.Match():
            return _match(walk, state, node)
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            _children(walk, state, node)
            return None
        case _:
            return _simple(walk, state, node)
    return state


def _simple(walk: Walk, state: State, node: ast.stmt) -> State | None:
    match node:
        case ast.Assign(targets=targets, value=value):
            known = _evaluate(walk, state, value)
            for target in targets:
                _bind(walk, state, target, known)
        case ast.AugAssign(target=ast.Name() as target, value=value):
            load(walk, state, target)
            _evaluate(walk, state, value)
        case ast.AnnAssign(target=target, value=value):
            known = _evaluate(walk, state, value) if value else None
            if value:
                _bind(walk, state, target, known)
        case ast.Import() | ast.ImportFrom():
            _import(walk, state, node)
        case ast.Expr(value=ast.Call(func=function) as call):
            _evaluate(walk, state, call)
            return None if ast.unparse(function) in _EXITS else state
        case _:
            _children(walk, state, node)
    return state


def _definition(walk: Walk, state: State, node: Function | ast.ClassDef) -> None:
    for decorator in node.decorator_list:
        _evaluate(walk, state, decorator)
    if isinstance(node, ast.ClassDef):
        for base in (*node.bases, *(keyword.value for keyword in node.keywords)):
            _evaluate(walk, state, base)
        inner = State(node, bound_names(node), state.calls, state.certain)
        _run(walk, inner, node.body)
    else:
        _defaults(walk, state, node.args)
    # What a decorator returns is anyone's guess.
    store(walk, state, node.name, None if node.decorator_list else node)


def _branch(walk: Walk, state: State, node: ast.If) -> State | None:
    _evaluate(walk, state, node.test)
    always = _truth(node.test)
    if always is not None:
        return _run(walk, state, node.body if always else node.orelse)
    maybe = doubtful(state)
    ends = [_run(walk, maybe, node.body), _run(walk, maybe, node.orelse)]
    # Whatever follows is only reached where no branch left: that is a condition too.
    return state if None not in ends else (maybe if any(ends) else None)


def _loop(walk: Walk, state: State, node: ast.For | ast.AsyncFor | ast.While) -> State | None:
    at_module = isinstance(state.scope, ast.Module)
    inside = {name for part in node.body for each in ast.walk(part) for name in bound_by(each)}
    if at_module:
        walk.looping |= inside
    if isinstance(node, ast.While):
        _evaluate(walk, state, node.test)
    else:
        _evaluate(walk, state, node.iter)
        _bind(walk, state, node.target)
    _run(walk, state, node.body)
    if at_module:
        walk.looping -= inside
    endless = isinstance(node, ast.While) and _truth(node.test) is True
    if endless and not any(isinstance(each, ast.Break) for each in ast.walk(node)):
        return None
    return _run(walk, doubtful(state) if _leaves(node) else state, node.orelse)


def _leaves(node: ast.stmt) -> bool:
    return any(isinstance(each, ast.Return | ast.Raise) for each in ast.walk(node))


def _try(walk: Walk, state: State, node: ast.Try | ast.TryStar) -> State | None:
    names = {ast.unparse(each) for handler in node.handlers for each in _types(handler)}
    bare = any(handler.type is None for handler in node.handlers)
    if bare or names & _CATCHES_NAME_ERRORS:
        # The program is ready for it. What is bound in there still counts.
        for part in node.body:
            _bind_all(walk, state, part)
        after: State | None = doubtful(state)
    else:
        after = _run(walk, state, node.body)
    for handler in node.handlers:
        for name in bound_by(handler):
            store(walk, state, name, None)
        _run(walk, doubtful(state), handler.body)
    if after is not None:
        after = _run(walk, after, node.orelse)
    final = _run(walk, state, node.finalbody)
    if after is None and node.handlers:
        after = doubtful(state)
    return after if final is not None else None


def _types(handler: ast.ExceptHandler) -> list[ast.expr]:
    if isinstance(handler.type, ast.Tuple):
        return handler.type.elts
    return [handler.type] if handler.type else []


def _match(walk: Walk, state: State, node: ast.Match) -> State:
    _evaluate(walk, state, node.subject)
    maybe = doubtful(state)
    for case in node.cases:
        for each in ast.walk(case.pattern):
            for name in bound_by(each):
                store(walk, state, name, None)
        _run(walk, maybe, case.body)
    return maybe


def _truth(test: ast.expr) -> bool | None:
    """Tell whether a condition always holds, or never; None where it depends."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(
            left=ast.Name(id="__name__"),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value="__main__")],
        ):
            return True
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
    return None


def _import(walk: Walk, state: State, node: ast.Import | ast.ImportFrom) -> None:
    for name in bound_by(node):
        if name == "*":
            walk.open = True
        store(walk, state, name, None)


# ── expressions ──────────────────────────────────────────────────────────────────────────────────


def _children(walk: Walk, state: State, node: ast.AST) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            _evaluate(walk, state, child)
        else:
            _children(walk, state, child)


def _evaluate(walk: Walk, state: State, node: ast.expr) -> Value:
    """Evaluate an expression for the names it needs; return what it stands for, where known."""
    match node:
        case ast.Name(ctx=ast.Load()):
            return load(walk, state, node)
        case ast.Name(id=name):
            store(walk, state, name, None)
        case ast.Call():
            return _call(walk, state, node)
        case ast.Await(value=value):
            return _await(walk, state, value)
        case ast.Attribute(value=value, attr=attribute):
            return attribute_of(_evaluate(walk, state, value), attribute, walk)
        case ast.NamedExpr(target=target, value=value):
            store(walk, state, target.id, _evaluate(walk, state, value))
        case _:
            _compound(walk, state, node)
    return None


def _compound(walk: Walk, state: State, node: ast.expr) -> None:
    """Evaluate an expression with parts that may not run, or that bind names of their own."""
    match node:
        case ast.Lambda(args=arguments):
            _defaults(walk, state, arguments)
        case ast.BoolOp(values=[first, *others]):
            _evaluate(walk, state, first)
            for other in others:
                _evaluate(walk, doubtful(state), other)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            _evaluate(walk, state, test)
            _evaluate(walk, doubtful(state), body)
            _evaluate(walk, doubtful(state), orelse)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            _comprehension(walk, state, node)
        case _:
            _children(walk, state, node)


def _defaults(walk: Walk, state: State, arguments: ast.arguments) -> None:
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            _evaluate(walk, state, default)


def _comprehension(
    walk: Walk,
    state: State,
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
) -> None:
    _evaluate(walk, state, node.generators[0].iter)
    if isinstance(node, ast.GeneratorExp):
        return  # nothing else of it runs before someone asks for its items
    targets = {
        each.id
        for generator in node.generators
        for each in ast.walk(generator.target)
        if isinstance(each, ast.Name)
    }
    inner = replace(state, local=state.local | targets, certain=False)
    for index, generator in enumerate(node.generators):
        if index:
            _evaluate(walk, inner, generator.iter)
        for condition in generator.ifs:
            _evaluate(walk, inner, condition)
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for part in parts:
        _evaluate(walk, inner, part)


def _call(walk: Walk, state: State, node: ast.Call) -> Value:
    function = _evaluate(walk, state, node.func)
    spelled = ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
    if spelled in ("exec", "eval", "globals", "vars", "setattr"):
        walk.open = True
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        if spelled in _RUNS_COROUTINES and isinstance(argument, ast.Call):
            _await(walk, state, argument)
        else:
            _evaluate(walk, state, argument)
    match function:
        case ast.FunctionDef():
            _enter(walk, state, function)
        case ast.ClassDef():
            start = method_of(walk, function, "__init__")
            if start is not None:
                _enter(walk, state, start)
            return (function,)
    return None


def _await(walk: Walk, state: State, value: ast.expr) -> Value:
    """Evaluate what is awaited: a call of a coroutine function runs it here, and nowhere else."""
    if isinstance(value, ast.Call):
        function = _evaluate(walk, state, value.func)
        _call(walk, state, value)
        if isinstance(function, ast.AsyncFunctionDef):
            _enter(walk, state, function)
    else:
        _evaluate(walk, state, value)
    return None


def _enter(walk: Walk, state: State, function: Function) -> None:
    """Run a function's body as far as names are concerned, once."""
    key = (id(function), state.certain)
    if len(state.calls) >= MAX_CALLS or key in walk.settled or _is_generator(function):
        return
    walk.settled.add(key)
    before = len(walk.found)
    inner = State(
        function,
        bound_names(function),
        (*state.calls, function.name),
        state.certain,
        walk.owners.get(id(function)),
    )
    _run(walk, inner, function.body)
    if len(walk.found) > before:
        # Reported for this statement; the next call of it may come too early as well.
        walk.settled.discard(key)


def _is_generator(function: Function) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in own_nodes(function))


def _bind(walk: Walk, state: State, target: ast.expr | None, value: Value = None) -> None:
    match target:
        case ast.Name(id=name):
            store(walk, state, name, value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _bind(walk, state, part)
        case ast.Starred(value=inner):
            _bind(walk, state, inner)
        case ast.expr():
            _evaluate(walk, state, target)


def _bind_all(walk: Walk, state: State, node: ast.stmt) -> None:
    for each in ast.walk(node):
        for name in bound_by(each):
            if name == "*":
                walk.open = True
            store(walk, state, name, None)
