"""What can be done with each widget of a window, and in which order a person would do it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .instruments import Session

NUMBER = "5"
"""Typed into fields: what a number is asked for takes it, and what takes text does too."""
TEXT = "some text"
LEAVING_WORDS = ("quit", "exit", "close", "cancel", "delete", "beenden", "salir", "quitter", "bye")
CROSSES = ("×", "✕", "✖", "❌")
MAX_ENTRIES = 30
_FILLED = ("Entry", "TEntry", "Text", "Spinbox", "TSpinbox")
_CHOSEN = ("Listbox", "TCombobox", "Scale", "TScale", "Treeview", "TNotebook")
_COMPOSED = ("CTkSlider", "CTkOptionMenu", "CTkComboBox")
_PRESSED = ("Button", "TButton", "Checkbutton", "TCheckbutton", "Radiobutton", "TRadiobutton")
_MENUS = ("Menubutton", "TMenubutton")


def windows(root: object) -> list:
    """Return a root window and every window opened beside it, the newest last."""
    found = [root]
    for widget in tree(root):
        if widget.winfo_class() == "Toplevel" or widget.winfo_toplevel() is widget:
            found += [widget] if widget is not root else []
    return found


def tree(widget: object) -> Iterator[object]:
    """Return everything below a widget, in the order it was made."""
    for child in widget.winfo_children():
        yield child
        yield from tree(child)


def close_command(window: object) -> str:
    """Return the Tcl command a window answers being closed with; empty where it is Tk's own."""
    return str(window.tk.call("wm", "protocol", str(window), "WM_DELETE_WINDOW"))


def next_action(
    windows: list, done: set, session: Session, *, leaving: bool = False
) -> Callable | None:
    """Return the next thing to do in the windows that are visible; None where all of it was done.

    Fields come first, then choices, then what is pressed; with `leaving`, that which ends things.
    """
    for window in windows:
        if window.winfo_viewable():
            action = _in_window(window, done, session, leaving)
            if action is not None:
                return action
    return None


def _in_window(window: object, done: set, session: Session, leaving: bool) -> Callable | None:
    mine = [each for each in tree(window) if each.winfo_toplevel() == window and _usable(each)]
    for find in (_field, _choice, _pressing, _menu):
        for widget in mine:
            action = find(widget, done, session, leaving)
            if action is not None:
                return action
    return _menu_bar(window, done, session, leaving)


def _usable(widget: object) -> bool:
    return bool(widget.winfo_viewable()) and _option(widget, "state") != "disabled"


def _option(widget: object, name: str) -> str:
    try:
        return str(widget.tk.call(str(widget), "cget", f"-{name}"))
    except Exception:  # not every widget has every option
        return ""


def _field(widget: object, done: set, session: Session, leaving: bool) -> Callable | None:
    kind = widget.winfo_class()
    if leaving or kind not in _FILLED or _option(widget, "state") == "readonly":
        return None
    # A field that was emptied is filled in again: a person types before each press.
    key = (str(widget), "filled")
    content = widget.get("1.0", "end").strip() if kind == "Text" else widget.get()
    times = sum(1 for each in done if each[:2] == key)
    if content.strip() or times >= 3:
        return None

    def fill() -> None:
        done.add((*key, times))
        text = TEXT if kind == "Text" else NUMBER
        session.observe("type", widget=kind, text=text)
        widget.insert("end", text)

    return fill


def _choice(widget: object, done: set, session: Session, leaving: bool) -> Callable | None:
    key = (str(widget), "chosen")
    composed = _composed_choice(widget)
    if leaving or key in done or not (composed or widget.winfo_class() in _CHOSEN):
        return None
    choose = _choose_composed if composed else _choose
    return lambda: (done.add(key), choose(widget, session))


def _composed_choice(widget: object) -> bool:
    """Tell whether it is one of customtkinter's, which are drawn and not Tk's own."""
    of_library = type(widget).__module__.startswith("customtkinter.")
    return of_library and type(widget).__name__ in _COMPOSED


def _choose_composed(widget: object, session: Session) -> None:
    kind = type(widget).__name__
    session.observe("choose", widget=kind)
    if kind == "CTkSlider":
        canvas = widget._canvas  # noqa: SLF001 - `set` moves it and tells nobody
        width, height = canvas.winfo_width(), canvas.winfo_height()
        canvas.event_generate("<Button-1>", x=int(width * 0.7), y=height // 2)
    elif values := widget.cget("values"):
        widget._dropdown_callback(values[-1])  # noqa: SLF001 - what its menu calls


def _choose(widget: object, session: Session) -> None:
    kind = widget.winfo_class()
    session.observe("choose", widget=kind)
    if kind == "Listbox" and widget.size():
        widget.selection_set(0)
        widget.activate(0)
        widget.event_generate("<<ListboxSelect>>")
    elif kind == "TCombobox" and widget["values"]:
        widget.current(0)
        widget.event_generate("<<ComboboxSelected>>")
    elif kind in ("Scale", "TScale"):
        low, high = float(_option(widget, "from")), float(_option(widget, "to"))
        widget.set((low + high) / 2)
    elif kind == "Treeview" and widget.get_children():
        widget.selection_set(widget.get_children()[0])
    elif kind == "TNotebook":
        for tab in widget.tabs():
            widget.select(tab)


def _pressing(widget: object, done: set, session: Session, leaving: bool) -> Callable | None:
    key = (str(widget), "pressed")
    if key in done:
        return None
    if widget.winfo_class() in _PRESSED:
        label = _option(widget, "text")
    elif _is_composed(widget):
        label = str(widget.cget("text"))
    else:
        return None
    if leaves(label) != leaving:
        return None

    def press() -> None:
        done.add(key)
        session.observe("press", widget=type(widget).__name__, text=label[:80])
        _press_of(widget)()

    return press


def _is_composed(widget: object) -> bool:
    """Tell whether it is a button made of other widgets, as customtkinter's are."""
    return (
        type(widget).__module__.startswith("customtkinter.")
        and _press_of(widget) is not None
        and hasattr(widget, "_text")
    )


def _press_of(widget: object) -> Callable | None:
    """Return what pressing a widget does; some of customtkinter's are toggled."""
    return getattr(widget, "invoke", None) or getattr(widget, "toggle", None)


def leaves(label: str) -> bool:
    """Tell whether a label promises to end something."""
    words = label.lower().replace("_", " ").split()
    said = any(word.strip("!.…") in LEAVING_WORDS for word in words)
    return said or label.strip() in CROSSES


def _menu(widget: object, done: set, session: Session, leaving: bool) -> Callable | None:
    if widget.winfo_class() not in _MENUS:
        return None
    return _entry(widget, _option(widget, "menu"), done, session, leaving)


def _menu_bar(window: object, done: set, session: Session, leaving: bool) -> Callable | None:
    return _entry(window, _option(window, "menu"), done, session, leaving)


def _entry(owner: object, menu: str, done: set, session: Session, leaving: bool) -> Callable | None:
    """Return how to choose the next entry of a menu, or of one below it."""
    call = owner.tk.call
    if not menu or not int(call("winfo", "exists", menu)):
        return None
    last = str(call(menu, "index", "end"))
    count = int(last) + 1 if last.isdigit() else 0
    for index in range(min(count, MAX_ENTRIES)):
        kind = str(call(menu, "type", index))
        if kind == "cascade":
            below = str(call(menu, "entrycget", index, "-menu"))
            action = _entry(owner, below, done, session, leaving)
            if action is not None:
                return action
        elif kind in ("command", "checkbutton", "radiobutton"):
            label = str(call(menu, "entrycget", index, "-label"))
            key = (menu, index, label)
            disabled = str(call(menu, "entrycget", index, "-state")) == "disabled"
            if key not in done and not disabled and leaves(label) == leaving:
                return lambda: (
                    done.add(key),
                    session.observe("press", widget="Menu", text=label[:80]),
                    call(menu, "invoke", index),
                )
    return None
