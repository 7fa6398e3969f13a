"""Programs that are over with their last statement: a loop or a call that never comes back."""

from __future__ import annotations

import ast

_FOREVER = frozenset(
    {"mainloop", "run_forever", "serve_forever", "polling", "infinity_polling", "run_polling",
     "start_polling", "exec_", "launch"}
)  # fmt: skip
"""Methods that keep a window, a server or a bot going (tkinter, asyncio, http.server, telebot,
python-telegram-bot, PyQt, gradio)."""
_LEAVING = frozenset({"exit", "quit", "_exit", "abort"})


def never_returns(tree: ast.Module) -> str | None:
    """Return what the module ends in and never gets past, as written; None where it ends."""
    if not tree.body:
        return None
    last = tree.body[-1]
    if isinstance(last, ast.If) and "__main__" in ast.dump(last.test):
        last = last.body[-1]
    if isinstance(last, ast.While):
        always = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return "while True" if always and not _breaks(last) else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return _never_back(last.value, tree)
    return None


def _never_back(call: ast.Call, tree: ast.Module) -> str | None:
    match call.func:
        case ast.Attribute(attr=method) if method in _FOREVER:
            return ast.unparse(call.func)
        case ast.Attribute(value=ast.Name(id=name), attr="run") if name in _from_elsewhere(tree):
            return f"{name}.run"
        case ast.Attribute(value=ast.Name(id="uvicorn"), attr="run"):
            return "uvicorn.run"
        case ast.Attribute(value=ast.Name(id="turtle"), attr="done"):
            return "turtle.done"
        case ast.Attribute(value=ast.Name(id="sys" | "os"), attr=leave) if leave in _LEAVING:
            return ast.unparse(call.func)
    return None


def _from_elsewhere(tree: ast.Module) -> frozenset[str]:
    """Return the variables made by what is imported: what their `run` does is not the reply's."""
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return frozenset(
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and _root(node.value.func) not in own
    )


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else None


def _breaks(loop: ast.While) -> bool:
    """Return True where a `break` of this loop, not of one within it, or a `return` leaves it."""
    pending: list[ast.AST] = list(loop.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            pending.extend(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return False
