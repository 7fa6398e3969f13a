"""Use a Qt program: fill it in, press everything, then close its windows."""

from __future__ import annotations

import os
import sys
from time import monotonic

from .widgets import NUMBER, TEXT, leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

SETTLE_MS = 400
STEP_MS = 40
CALM_MS = 250
MAX_STEPS = 60
CLICKED_AT = (0.5, 0.25)
MOUSE_EVENTS = ("mousePressEvent", "mouseMoveEvent", "mouseReleaseEvent")
PICTURE_PATH = "/tmp/.window.png"


def watch(widgets: object, session: Session) -> None:
    """Use the program while `QApplication.exec` runs."""
    package = widgets.__name__.partition(".")[0]
    user = User(widgets, package, session)
    owners = [widgets.QApplication]
    core = sys.modules.get(f"{package}.QtCore")
    owners += [core.QCoreApplication] if core is not None else []
    for owner in owners:
        for name in ("exec", "exec_"):
            if name in vars(owner):
                setattr(owner, name, staticmethod(_attended(getattr(owner, name), name, user)))


def _attended(original: Callable, name: str, user: User) -> Callable:
    def run(*_: object) -> object:
        # PyQt takes no argument there; what it is called on is the one application.
        hook = user.begin()
        try:
            return original()
        finally:
            user.end(hook)

    run.__name__ = run.__qualname__ = name
    run.__wrapped__ = original
    return run


class User:
    """Somebody who sits before the program's windows."""

    def __init__(self, widgets: object, package: str, session: Session) -> None:
        """Use nothing yet."""
        self.qt = widgets
        self.package = package
        self.session = session
        self.done: set = set()
        self.steps = 0
        self.keys = [name for name in session.plan["keys"] if name.startswith("Key_")]
        self.began = self.last_at = 0.0
        self.later: Callable
        self.seen = self.closed = False

    def begin(self) -> object:
        """Start to use it; return the exception hook that was there."""
        session = self.session
        self.began = monotonic()
        session.driving()
        session.quiet(self._start)()
        before = sys.excepthook

        def hook(kind: type, error: BaseException, trace: object) -> None:
            session.quiet(session.tell_crash)(error)
            before(kind, error, trace)
            if self.package.startswith("PyQt"):
                sys.stderr.flush()
                os.abort()  # as PyQt itself does where there is no hook of the program's

        if before is sys.__excepthook__:
            sys.excepthook = hook
        return before

    def end(self, hook: object) -> None:
        """Stop: the loop has ended."""
        sys.excepthook = hook

    def _start(self) -> None:
        core = __import__(f"{self.package}.QtCore", fromlist=["QTimer"])
        # One timer for each step: a timer does not fire within its own slot, and what a step sets
        # off may be a dialog that waits there.
        self.later = core.QTimer.singleShot
        self.later(SETTLE_MS, self._step)

    def _step(self) -> None:
        if self.closed:
            return
        self.later(STEP_MS, self._step)
        try:
            self._act()
        except Exception as error:
            self.closed = True
            self.session.observe("not-instrumented", error=repr(error)[:300])

    def _act(self) -> None:
        if self.steps == 0 or self.steps % 5 == 0:
            self._picture()
        now = monotonic()
        action = self._next() if self.steps < MAX_STEPS else None
        if action is not None:
            self.steps += 1
            self.last_at = now
            action()
        elif now - max(self.last_at, self.began + SETTLE_MS / 1000) >= CALM_MS / 1000:
            self._close(now)

    def _windows(self) -> list:
        modal = self.qt.QApplication.activeModalWidget()
        shown = [each for each in self.qt.QApplication.topLevelWidgets() if each.isVisible()]
        return [modal] if modal is not None else shown

    def _next(self) -> Callable | None:
        windows = self._windows()
        modal = self.qt.QApplication.activeModalWidget()
        if isinstance(modal, self.qt.QFileDialog):
            return modal.reject  # there is no file here to choose
        for leaving in (False, True):
            for window in windows:
                for find in (
                    self._field, self._choice, self._pressing, self._entry, self._clicked,
                ):  # fmt: skip
                    action = find(window, leaving)
                    if action is not None:
                        return action
            if self.keys and modal is None:
                return self._key(self.keys.pop(0))
        return modal.close if modal is not None else None

    def _once(self, widget: object, what: str, action: Callable) -> Callable | None:
        # The widget is held on to: the number of one that is gone may be given to another.
        key = (widget, what)
        if any(widget is each and what == did for each, did in self.done):
            return None

        def act() -> None:
            self.done.add(key)
            action()

        return act

    def _of(self, window: object, *names: str) -> list:
        kinds = tuple(getattr(self.qt, name) for name in names)
        found = [window] if isinstance(window, kinds) else []
        found += [each for kind in kinds for each in window.findChildren(kind)]
        return [each for each in found if each.isVisible() and each.isEnabled()]

    def _field(self, window: object, leaving: bool) -> Callable | None:
        for field in self._of(window, "QLineEdit", "QTextEdit", "QPlainTextEdit"):
            line = isinstance(field, self.qt.QLineEdit)
            text = (field.text if line else field.toPlainText)()
            if leaving or text or field.isReadOnly():
                continue
            write = NUMBER if line else TEXT
            put = field.setText if line else field.setPlainText

            def fill(field: object = field, put: Callable = put, write: str = write) -> None:
                self.session.observe("type", widget=type(field).__name__, text=write)
                put(write)

            action = self._once(field, "filled", fill)
            if action is not None:
                return action
        return None

    def _choice(self, window: object, leaving: bool) -> Callable | None:
        for box in self._of(window, "QComboBox", "QSlider", "QListWidget", "QTabWidget"):
            if leaving:
                continue

            def choose(box: object = box) -> None:
                self.session.observe("choose", widget=type(box).__name__)
                if isinstance(box, self.qt.QSlider):
                    box.setValue((box.minimum() + box.maximum()) // 2)
                elif isinstance(box, self.qt.QListWidget):
                    box.setCurrentRow(0)
                elif box.count():
                    box.setCurrentIndex(box.count() - 1)

            action = self._once(box, "chosen", choose)
            if action is not None:
                return action
        return None

    def _pressing(self, window: object, leaving: bool) -> Callable | None:
        for button in self._of(window, "QAbstractButton"):
            label = button.text().replace("&", "")
            if leaves(label) != leaving or type(button).__name__.startswith("QTabBar"):
                continue

            def press(button: object = button, label: str = label) -> None:
                self.session.observe("press", widget=type(button).__name__, text=label[:80])
                button.click()

            action = self._once(button, "pressed", press)
            if action is not None:
                return action
        return None

    def _entry(self, window: object, leaving: bool) -> Callable | None:
        bar = window.menuBar() if isinstance(window, self.qt.QMainWindow) else None
        for entry in _entries(bar.actions()) if bar is not None else ():
            label = entry.text().replace("&", "")
            if not entry.isEnabled() or leaves(label) != leaving:
                continue

            def trigger(entry: object = entry, label: str = label) -> None:
                self.session.observe("press", widget="QAction", text=label[:80])
                entry.trigger()

            action = self._once(entry, "pressed", trigger)
            if action is not None:
                return action
        return None

    def _clicked(self, window: object, leaving: bool) -> Callable | None:
        """Return how to click on a widget whose class, the program's own, has an answer to that."""
        for widget in () if leaving else self._of(window, "QWidget"):
            if _listens_to_mouse(widget):
                action = self._once(widget, "clicked", lambda each=widget: self._click(each))
                if action is not None:
                    return action
        return None

    def _click(self, widget: object) -> None:
        core = __import__(f"{self.package}.QtCore", fromlist=["Qt"])
        gui = __import__(f"{self.package}.QtGui", fromlist=["QMouseEvent"])
        kinds = getattr(core.QEvent, "Type", core.QEvent)
        buttons = getattr(core.Qt, "MouseButton", core.Qt)
        none = getattr(core.Qt, "KeyboardModifier", core.Qt).NoModifier
        left, up = buttons.LeftButton, buttons.NoButton
        for share in CLICKED_AT:
            x, y = int(widget.width() * share), int(widget.height() * share)
            self.session.observe("click", x=x, y=y)
            steps = (
                (kinds.MouseButtonPress, 0, left, left),
                (kinds.MouseMove, 5, up, left),
                (kinds.MouseButtonRelease, 5, left, up),
            )
            for kind, moved, button, held in steps:
                at = core.QPoint(x + moved, y + moved)
                place = core.QPointF(at), core.QPointF(widget.mapToGlobal(at))
                event = gui.QMouseEvent(kind, *place, button, held, none)
                self.qt.QApplication.postEvent(widget, event)

    def _key(self, name: str) -> Callable:
        def press() -> None:
            core = __import__(f"{self.package}.QtCore", fromlist=["Qt"])
            gui = __import__(f"{self.package}.QtGui", fromlist=["QKeyEvent"])
            kinds = getattr(core.QEvent, "Type", core.QEvent)
            key = getattr(getattr(core.Qt, "Key", core.Qt), name)
            none = getattr(core.Qt, "KeyboardModifier", core.Qt).NoModifier
            text = name[4:].lower() if len(name) == 5 else ""
            self.session.observe("key", key=name)
            for kind in (kinds.KeyPress, kinds.KeyRelease):
                to = self.qt.QApplication.focusWidget() or next(iter(self._windows()), None)
                if to is not None:
                    self.qt.QApplication.postEvent(to, gui.QKeyEvent(kind, key, none, text))

        return press

    def _picture(self) -> None:
        for window in self._windows()[:1]:
            picture = window.grab()
            if not self.seen:
                self.seen = True
                size = {"width": picture.width(), "height": picture.height()}
                self.session.observe("window", **size)
            if picture.save(PICTURE_PATH, "PNG"):
                with open(PICTURE_PATH, "rb") as file:
                    self.session.keep("window.png", file.read(), "screenshot")
                os.unlink(PICTURE_PATH)

    def _close(self, now: float) -> None:
        self.closed = True
        self._picture()
        if not self.seen:
            self.session.seen_enough()  # it shows nothing that could be closed
            return
        self.session.observe("close", after_seconds=round(now - self.began, 3))
        for window in self._windows():
            window.close()


def _listens_to_mouse(widget: object) -> bool:
    """Tell whether a class of the program's own says what a click on it does."""
    own = (
        each for each in type(widget).__mro__ if not each.__module__.startswith(("PyQt", "PySide"))
    )
    return any(name in vars(each) for each in own for name in MOUSE_EVENTS)


def _entries(actions: list) -> list:
    """Return the entries of menus that do something, those of menus below included."""
    found = []
    for action in actions:
        menu = action.menu()
        if menu is not None:
            found += _entries(menu.actions())
        elif action.text() and not action.isSeparator():
            found.append(action)
    return found
