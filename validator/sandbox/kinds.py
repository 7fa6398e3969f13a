"""What kind of program it is, and so how to drive it: read from its imports and its calls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from validator.facts import Plan, ProgramKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Submission


class _Sign(NamedTuple):
    """A library that makes a program one of a kind, and the calls that prove it is used so."""

    kind: ProgramKind
    modules: tuple[str, ...]
    calls: tuple[str, ...]
    """Last names of calls of which one must be there; empty where the import is enough."""
    display: bool = False
    tk: bool = False


_SIGNS = (
    _Sign(ProgramKind.GAME, ("pygame",), ("flip", "update")),
    _Sign(ProgramKind.WINDOW, ("turtle",), (), display=True, tk=True),
    _Sign(ProgramKind.WINDOW, ("tkinter", "customtkinter", "ttkbootstrap"),
          ("mainloop", "Tk", "CTk"), display=True, tk=True),
    _Sign(ProgramKind.WINDOW, ("arcade", "pyglet", "pyxel", "wx", "kivy"), ("run", "MainLoop"),
          display=True),
    _Sign(ProgramKind.SERVER, ("flask", "fastapi", "uvicorn", "aiohttp", "bottle", "tornado",
                               "http.server", "socketserver", "starlette", "sanic", "waitress",
                               "gradio", "dash"),
          ("run", "run_app", "serve_forever", "serve", "listen", "launch", "run_server")),
    _Sign(ProgramKind.PLOT, ("matplotlib", "seaborn", "pandas"), ("show", "savefig", "plot")),
)  # fmt: skip
"""In order of precedence: a game that plots is a game."""


def plan(submission: Submission) -> Plan:
    """Return how to drive the program, with the reason and its line; a script where nothing says.

    A file that does not parse tells nothing, and counts as a script.
    """
    modules: dict[str, tuple[str, int]] = {}
    calls: set[str] = set()
    keys: dict[str, None] = {}
    for file in submission.files:
        for node in _nodes(file.text):
            for module in _imported(node):
                modules.setdefault(module, (file.path, node.lineno))  # type: ignore[attr-defined]  # statements have lines
            if isinstance(node, ast.Call):
                calls.add(_last_name(node.func))
            elif (name := _last_name(node)).startswith("K_"):
                keys.setdefault(name)
    for sign in _SIGNS:
        found = next((m for m in modules if _belongs(m, sign.modules)), None)
        if found and (not sign.calls or calls.intersection(sign.calls)):
            path, line = modules[found]
            return Plan(
                kind=sign.kind,
                reason=f"it imports {found} ({path}:{line})",
                needs_display=sign.display,
                needs_tk=sign.tk,
                keys=tuple(keys)[:16],
            )
    return Plan(kind=ProgramKind.SCRIPT, reason="nothing in it opens a window or listens")


def _nodes(text: str) -> Iterator[ast.AST]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from ast.walk(tree)


def _imported(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Import(names=names):
            return tuple(name.name for name in names)
        case ast.ImportFrom(module=str(module), level=0):
            return (module,)
    return ()


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _belongs(module: str, families: tuple[str, ...]) -> bool:
    return any(module == family or module.startswith(f"{family}.") for family in families)
