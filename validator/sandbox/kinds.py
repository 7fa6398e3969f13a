"""What kind of program it is, and so how to drive it: read from its imports and its calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from validator.facts import Plan, ProgramKind
from validator.sandbox.commands import invocations
from validator.sandbox.parameters import made_up
from validator.sandbox.shape import Shape, survey

if TYPE_CHECKING:
    from validator.facts import Submission


class _Sign(NamedTuple):
    """A library that makes a program one of a kind, and the calls that prove it is used so."""

    kind: ProgramKind
    modules: tuple[str, ...]
    calls: tuple[str, ...]
    """Last names of calls of which one must be there; empty where the import is enough."""
    display: bool = False
    tk: bool = False
    drivers: tuple[str, ...] = ()
    as_well: str = ""
    """A call that has to be there beside one of the others."""


_SIGNS = (
    _Sign(ProgramKind.SERVER, ("streamlit",), (), drivers=("streamlit_page",)),
    _Sign(ProgramKind.GAME, ("pygame",), ("flip", "update")),
    _Sign(ProgramKind.WINDOW, ("turtle",), (), display=True, tk=True),
    _Sign(ProgramKind.WINDOW, ("tkinter", "customtkinter", "ttkbootstrap"),
          ("mainloop", "Tk", "CTk", "Window"), display=True, tk=True),
    _Sign(ProgramKind.GAME, ("arcade", "pyglet", "pyxel"), ("run", "flip", "show"), display=True),
    _Sign(ProgramKind.WINDOW, ("wx", "kivy"), ("run", "MainLoop"), display=True),
    _Sign(ProgramKind.WINDOW, ("PyQt5", "PyQt6", "PySide2", "PySide6"), ("exec", "exec_")),
    _Sign(ProgramKind.SERVER, ("flask", "fastapi", "uvicorn", "bottle", "starlette", "sanic",
                               "waitress", "gradio", "dash", "django", "quart", "cherrypy",
                               "nicegui", "hypercorn"),
          ("run", "serve", "launch", "run_server", "execute_from_command_line", "quickstart")),
    # These are clients as well, and `run` may be asyncio's.
    _Sign(ProgramKind.SERVER, ("aiohttp", "tornado", "http.server", "socketserver", "wsgiref",
                               "websockets", "xmlrpc.server"),
          ("run_app", "TCPSite", "serve_forever", "serve", "listen", "make_server",
           "create_server", "handle_request")),
    _Sign(ProgramKind.SERVER, ("flask", "fastapi", "starlette", "bottle", "dash", "django",
                               "quart"),
          ("Flask", "FastAPI", "Starlette", "Bottle", "Dash", "Quart", "get_wsgi_application",
           "get_asgi_application"), drivers=("serving",)),
    _Sign(ProgramKind.SERVER, ("socket",), ("accept",)),
    _Sign(ProgramKind.SERVER, ("socket",), ("recvfrom", "recvfrom_into"), as_well="bind"),
    _Sign(ProgramKind.SERVER, ("asyncio",), ("start_server", "start_unix_server")),
    _Sign(ProgramKind.PLOT, ("matplotlib", "seaborn", "pandas"), ("show", "savefig", "plot")),
    _Sign(ProgramKind.PLOT, ("plotly",), ("show", "write_html", "write_image")),
    _Sign(ProgramKind.PLOT, ("cv2",), ("imshow",)),
    _Sign(ProgramKind.PLOT, ("PIL",), ("show",)),
)  # fmt: skip
"""In order of precedence: a game that plots is a game."""
_ARGUMENT_MODULES = ("argparse", "click", "typer", "fire", "docopt", "optparse")
_TERMINAL_MODULES = ("curses", "blessed", "urwid", "asciimatics", "textual", "termios", "tty")
_ON_A_SCREEN = ("pynput", "pyautogui", "mss", "pyscreeze", "PIL.ImageGrab", "pymsgbox")
"""What looks at a screen, or moves its mouse, and opens no window for that."""
_CLIENT_CALLS = frozenset({"connect", "create_connection", "open_connection", "ServerProxy"})
_OF_ITS_OWN = ("socket", "asyncio", "socketserver", "xmlrpc.server", "websockets")
SETTLE_SECONDS = 2.0
"""How long a server with a client of its own is left to the two of them."""
MAX_KEYS = 16
MAX_ROUTES = 24
MAX_TEST_FILES = 3


def plan(submission: Submission, kind: str | None = None) -> Plan:
    """Return how to drive the program, with the reason and its line; a script where nothing says.

    `kind` overrules what the code says. A file that does not parse tells nothing, and counts as a
    script.
    """
    shape = survey(submission)
    found = _planned(shape)
    if kind is not None and found.kind.value != kind:
        found = _asked_for(ProgramKind(kind), shape)
    drivers = found.drivers
    tests_too = "doctest" in shape.modules or (shape.tests and "unittest" in shape.modules)
    if tests_too and not drivers:
        drivers = ("cases",)
    if shape.asks is not None and "answers" not in drivers and "terminal" not in drivers:
        drivers = ("answers", *drivers)
    return replace(
        found,
        drivers=drivers,
        keys=shape.keys[:MAX_KEYS],
        mouse=shape.mouse,
        needs_display=found.needs_display
        or (found.kind is ProgramKind.GAME and shape.needs_screen)
        or any(_belongs(module, _ON_A_SCREEN) for module in shape.modules),
        routes=shape.routes[:MAX_ROUTES] if found.kind is ProgramKind.SERVER else (),
        tests=shape.test_files[:MAX_TEST_FILES],
        invocations=invocations(submission, shape, found.kind),
        made_up=made_up(submission, shape) if found.kind is ProgramKind.CLI else (),
        settle_seconds=_settle_seconds(found.kind, shape),
    )


def _settle_seconds(kind: ProgramKind, shape: Shape) -> float:
    own = kind is ProgramKind.SERVER and bool(shape.calls & _CLIENT_CALLS)
    return SETTLE_SECONDS if own and any(_belongs(m, _OF_ITS_OWN) for m in shape.modules) else 0.0


def _planned(shape: Shape) -> Plan:
    if shape.tests is not None and shape.main_is_tests:
        return Plan(ProgramKind.TESTS, f"it tests ({shape.tests})", drivers=("cases",))
    if shape.only_defines:
        return _defining(shape)
    return _by_library(shape) or _by_terminal(shape)


def _defining(shape: Shape) -> Plan:
    """Return the plan for a program that runs nothing: an app to be served, or a library."""
    for sign in _SIGNS:
        if sign.drivers == ("serving",) and (reason := _reason(sign, shape)):
            return Plan(ProgramKind.SERVER, reason, drivers=sign.drivers)
    for sign in _SIGNS:
        if any(_belongs(module, sign.modules) for module in shape.made_at_once):
            # `fig = plt.figure()` at the top is a plot, though nothing else is done there.
            return _by_library(shape) or _by_terminal(shape)
    return Plan(ProgramKind.LIBRARY, f"it only defines things ({shape.first_definition})")


def _by_library(shape: Shape) -> Plan | None:
    for sign in _SIGNS:
        if reason := _reason(sign, shape):
            return Plan(
                kind=sign.kind,
                reason=reason,
                needs_display=sign.display,
                needs_tk=sign.tk,
                drivers=sign.drivers,
            )
    return None


def _by_terminal(shape: Shape) -> Plan:
    """Return the plan for a program that opens no window and listens nowhere."""
    module = next((m for m in shape.modules if _belongs(m, _ARGUMENT_MODULES)), None)
    if module is not None:
        return Plan(ProgramKind.CLI, f"it imports {module} ({shape.modules[module]})")
    if shape.reads_arguments is not None:
        return Plan(ProgramKind.CLI, f"it reads sys.argv ({shape.reads_arguments})")
    # Who reads single keys may ask in whole lines as well, and is answered those then.
    whole_lines = shape.asks is not None and bool(shape.calls & {"input", "getpass"})
    drawing = _TERMINAL_MODULES[:-2] if whole_lines else _TERMINAL_MODULES
    drawn = next((m for m in shape.modules if _belongs(m, drawing)), None)
    if drawn is not None:
        reason = f"it imports {drawn} ({shape.modules[drawn]})"
        return Plan(ProgramKind.INTERACTIVE, reason, drivers=("terminal",))
    if shape.asks is not None:
        return Plan(ProgramKind.INTERACTIVE, f"it asks for input ({shape.asks})")
    return Plan(ProgramKind.SCRIPT, "nothing in it opens a window, listens or asks")


def _asked_for(kind: ProgramKind, shape: Shape) -> Plan:
    """Return the plan for the kind the user says it is."""
    for sign in _SIGNS:
        if sign.kind is kind and any(_belongs(m, sign.modules) for m in shape.modules):
            return Plan(kind, "asked for", sign.display, sign.tk, drivers=sign.drivers)
    drivers = {ProgramKind.TESTS: ("cases",), ProgramKind.INTERACTIVE: ("answers",)}
    shown = kind is ProgramKind.WINDOW
    return Plan(kind, "asked for", needs_display=shown, drivers=drivers.get(kind, ()))


def _reason(sign: _Sign, shape: Shape) -> str:
    found = next((m for m in shape.modules if _belongs(m, sign.modules)), None)
    wanting = bool(sign.as_well) and sign.as_well not in shape.calls
    if found is None or wanting or (sign.calls and not shape.calls.intersection(sign.calls)):
        return ""
    return f"it imports {found} ({shape.modules[found]})"


def _belongs(module: str, families: tuple[str, ...]) -> bool:
    return any(module == family or module.startswith(f"{family}.") for family in families)
