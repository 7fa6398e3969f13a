"""Make the events a tkinter program listens for: keys, clicks, and the wheel, one by one."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

MAX_BINDINGS = 60
TIMES = 3
"""How often a click or a key is made: what it does may depend on what went before."""
POINTS = ((0.5, 0.5), (0.25, 0.3), (0.7, 0.6))
OWN_BINDINGS = ("tkinter.", "customtkinter.", "ttkbootstrap.", "idlelib.")
_PATTERN = re.compile(r"<([^<>]+)>$")
_BUTTON = re.compile(r"^(?:ButtonPress|Button|ButtonRelease|B)?-?([1-5])$")
_MODIFIERS = {"Control": 4, "Shift": 1, "Alt": 8, "Lock": 2, "Mod1": 8, "Command": 8, "Meta": 8}
_REPEATED = ("Double", "Triple", "Quadruple", "Any")
_MOTIONS = ("Motion", "B1-Motion")
_KEYS = ("Key", "KeyPress", "KeyRelease")
_LEAVING_KEYS = ("Escape", "q", "Q", "F4")


class Bindings:
    """Every key and click the program listens for, with the widget it listens at."""

    def __init__(self, session: Session) -> None:
        """Know of none yet."""
        self.session = session
        self.known: dict = {}

    def note(self, widget: object, what: tuple, sequence: object, function: object) -> None:
        """Remember a binding: `what` is the Tcl command that made it, without its sequence."""
        if not isinstance(sequence, str) or len(self.known) >= MAX_BINDINGS:
            return
        module = getattr(function, "__module__", None) or ""
        if parse(sequence) is None or module.startswith(OWN_BINDINGS):
            return
        # A canvas binds items with `.canvas bind ITEM`; everything else is `bind WIDGET`.
        item = what[2] if len(what) > 2 and what[1] == "bind" else None
        self.known.setdefault((str(widget), str(item), sequence), (widget, item, sequence))

    def next_action(self, done: set) -> Callable | None:
        """Return how to make the next event; what may end the program comes last."""
        waiting = [(key, *known) for key, known in self.known.items() if ("bound", key) not in done]
        waiting.sort(key=lambda each: _rank(each[3]))
        for key, widget, item, sequence in waiting:
            done.add(("bound", key))
            event = parse(sequence)
            if event is not None and _exists(widget):
                return lambda w=widget, i=item, e=event, s=sequence: self._make(w, i, s, *e)
        return None

    def _make(
        self, widget: object, item: object, sequence: str, kind: str, detail: str, state: int
    ) -> None:
        if kind == "key":
            # Keys go to the window that has the focus, whoever they were meant for.
            self.session.observe("key", key=_spoken(sequence))
            widget.focus_force()
            for name in ("<KeyPress>", "<KeyRelease>"):
                widget.event_generate(name, keysym=detail, state=state)
            return
        for x, y in self._places(widget, item):
            self.session.observe("click", x=x, y=y)
            widget.event_generate("<Motion>", x=x, y=y)
            if kind == "wheel":
                widget.event_generate(f"<{detail}>", x=x, y=y)
                continue
            widget.event_generate(f"<ButtonPress-{detail}>", x=x, y=y, state=state)
            if kind == "drag":
                held = state | 128 << int(detail)
                widget.event_generate("<Motion>", x=x + 5, y=y + 5, state=held)
            widget.event_generate(f"<ButtonRelease-{detail}>", x=x, y=y, state=state)

    def _places(self, widget: object, item: object) -> list:
        width, height = widget.winfo_width(), widget.winfo_height()
        if item is not None:
            box = widget.tk.call(str(widget), "bbox", item)
            if not box:
                return []
            left, top, right, bottom = (int(each) for each in widget.tk.splitlist(box))
            x0 = int(float(str(widget.tk.call(str(widget), "canvasx", 0))))
            y0 = int(float(str(widget.tk.call(str(widget), "canvasy", 0))))
            return [((left + right) // 2 - x0, (top + bottom) // 2 - y0)]
        return [(int(width * x), int(height * y)) for x, y in POINTS[:TIMES]]


def parse(sequence: str) -> tuple | None:
    """Return (`key`, `click`, `drag` or `wheel`; keysym or button; state) of a Tk sequence.

    None for what nobody does on purpose: windows that move, virtual events, chords of several.
    """
    match = _PATTERN.match(sequence)
    if match is None:
        return ("key", sequence, 0) if len(sequence) == 1 and sequence.isprintable() else None
    parts = match[1].split("-") if match[1] != "-" else ["minus"]
    state = sum({_MODIFIERS[part] for part in parts if part in _MODIFIERS})
    rest = [part for part in parts if part not in _MODIFIERS and part not in _REPEATED]
    name = "-".join(rest)
    if name == "MouseWheel":
        return "wheel", "Button-4", state
    if name == "Motion":
        return "drag", "1", state
    if dragged := re.match(r"^(?:B|Button)([123])-Motion$", name):
        return "drag", dragged[1], state
    if button := _BUTTON.match(name):
        return (
            ("wheel", f"Button-{button[1]}", state)
            if button[1] in "45"
            else ("click", button[1], state)
        )
    if name in ("Button", "ButtonPress", "ButtonRelease"):
        return "click", "1", state
    if name in _KEYS:
        return "key", "a", state
    if rest and rest[0] in _KEYS:
        rest = rest[1:]
    if len(rest) == 1 and rest[0] not in _STRUCTURE:
        return "key", rest[0], state
    return None


_STRUCTURE = (
    "Activate", "Circulate", "Colormap", "Configure", "Deactivate", "Destroy", "Enter", "Expose",
    "FocusIn", "FocusOut", "Gravity", "Leave", "Map", "Property", "Reparent", "Unmap", "Visibility",
)  # fmt: skip


def _rank(sequence: str) -> int:
    """Return 0 for keys, 1 for clicks, 2 for keys that commonly leave."""
    event = parse(sequence)
    if event is None:
        return 3
    kind, detail, state = event
    if kind == "key":
        return 2 if detail in _LEAVING_KEYS or (state & 12 and detail in ("w", "x")) else 0
    return 1


def _spoken(sequence: str) -> str:
    """Return the keys of a sequence as they are said: `Control-s`; any key will do is `a`."""
    parts = [part for part in sequence.strip("<>").split("-") if part not in _KEYS]
    return "-".join(parts) or "a"


def _exists(widget: object) -> bool:
    try:
        return bool(widget.winfo_viewable())
    except Exception:  # Tk's own error class is not ours to import before the program does
        return False
