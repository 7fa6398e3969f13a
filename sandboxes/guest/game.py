"""Play a pygame program: count its frames, keep pictures, press its keys, close its window.

Playing goes on in a thread of its own, so that a game that waits for an event gets one. Pictures
are taken by the thread that draws.
"""

from __future__ import annotations

import _thread
from time import monotonic, sleep

from . import png
from .film import Film
from .instruments import after, replace
from .keyboard import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

SETTLE_SECONDS = 0.4
START_SECONDS = 2.0
"""How long a first frame is waited for before the game is played all the same."""
HOLD_SECONDS = 0.12
LEAST_FRAMES = 2
"""A key is held until the game has drawn so often, or three times as long as planned."""
LOOK_SECONDS = 0.2
PICTURE_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


def watch(pygame: object, session: Session) -> None:
    """Watch and play through `pygame`."""
    import atexit

    screen = Screen(pygame, session)
    hands = Hands(pygame, session)
    player = Player(screen, hands, session)
    shown = session.quiet(screen.after_frame)
    for name in ("flip", "update"):
        after(pygame.display, name, shown)
    after(pygame.display, "set_mode", session.quiet(player.begin))
    for owner, name, merge in (
        (pygame.key, "get_pressed", hands.merge_keys),
        (pygame.mouse, "get_pressed", hands.merge_buttons),
        (pygame.mouse, "get_pos", hands.merge_position),
    ):
        replace(owner, name, _merging(merge))
    atexit.register(session.quiet(screen.last_words))


def _merging(merge: Callable) -> Callable:
    def make(original: Callable) -> Callable:
        def wrapper(*args: object, **kwargs: object) -> object:
            return merge(original(*args, **kwargs))

        return wrapper

    return make


class Screen:
    """What a game shows."""

    def __init__(self, pygame: object, session: Session) -> None:
        """Look at `pygame.display`."""
        self.pygame = pygame
        self.session = session
        self.count = self.distinct = self.told = 0
        self.began = self.looked = self.drawn = 0.0
        self.seen = None
        self.pictures = list(PICTURE_SECONDS)
        self.film = Film()
        self.lock = _thread.allocate_lock()

    def after_frame(self) -> None:
        """Count a frame, and look at it now and then."""
        with self.lock:
            now = self.drawn = monotonic()
            self.count += 1
            if self.count == 1:
                self.began = now
            if self.count == 1 or now - self.looked >= LOOK_SECONDS:
                self.looked = now
                self._look()
            surface = self._readable()
            if surface is None:
                return
            if self.film.due(now):
                self.film.take(now, surface.get_size(), lambda size, _: self._shrunk(surface, size))
            if self.pictures and now - self.began >= self.pictures[0]:
                while self.pictures and now - self.began >= self.pictures[0]:
                    self.pictures.pop(0)
                self._picture(surface)

    def last_words(self) -> None:
        """Tell how many frames there were in all, and send the animation."""
        with self.lock:
            if self.count > self.told:
                self._tell()
            if moving := self.film.develop():
                self.session.keep("window.apng", moving, "animation")

    def _readable(self) -> object:
        """Return the surface that is shown; None where its pixels are the graphics card's."""
        surface = self.pygame.display.get_surface()
        if surface is None or surface.get_flags() & self.pygame.OPENGL:
            return None
        return surface

    def _look(self) -> None:
        surface = self._readable()
        if surface is not None:
            seen = hash(self.pygame.image.tostring(surface, "RGB"))
            self.distinct += seen != self.seen
            self.seen = seen
        self._tell()

    def _tell(self) -> None:
        self.told = self.count
        seconds = self.drawn - self.began
        looked = {"distinct": self.distinct} if self.seen is not None else {}
        self.session.observe(
            "frames", count=self.count, **looked, seconds=round(seconds, 2), replaces=True
        )

    def _picture(self, surface: object) -> None:
        rgb = self.pygame.image.tostring(surface, "RGB")
        self.session.keep("window.png", png.encode(*surface.get_size(), rgb), "screenshot")

    def _shrunk(self, surface: object, size: tuple) -> bytes:
        transform = self.pygame.transform
        smooth = surface.get_bitsize() in (24, 32)
        small = (transform.smoothscale if smooth else transform.scale)(surface, size)
        return self.pygame.image.tostring(small, "RGB")


class Hands:
    """Keys held down and a mouse moved, as the program meets them."""

    def __init__(self, pygame: object, session: Session) -> None:
        """Type and click through `pygame.event`."""
        self.pygame = pygame
        self.session = session
        self.scancodes: dict = {}
        self.buttons: frozenset = frozenset()
        self.position: tuple | None = None

    def press(self, name: str) -> None:
        """Hold the key of that name (`K_UP`) down."""
        pygame = self.pygame
        facts = self._key(name)
        self.session.observe("key", key=name)
        self.scancodes = {**self.scancodes, name: facts["scancode"]}
        self._post(pygame.KEYDOWN, facts)
        if facts["unicode"].isprintable() and facts["unicode"]:
            self._post(pygame.TEXTINPUT, {"text": facts["unicode"]})

    def release(self, name: str) -> None:
        """Let it go."""
        self.scancodes = {each: code for each, code in self.scancodes.items() if each != name}
        self._post(self.pygame.KEYUP, self._key(name))

    def move(self, position: tuple) -> None:
        """Move the mouse."""
        before = self.position or (0, 0)
        self.position = position
        relative = (position[0] - before[0], position[1] - before[1])
        buttons = tuple(int(number in self.buttons) for number in (1, 2, 3))
        facts = {"pos": position, "rel": relative, "buttons": buttons, "touch": False}
        self._post(self.pygame.MOUSEMOTION, facts)

    def click(self, down: bool) -> None:
        """Press the left button where the mouse is, or let it go."""
        self.buttons = frozenset((1,)) if down else frozenset()
        if down:
            self.session.observe("click", x=self.position[0], y=self.position[1])
        kind = self.pygame.MOUSEBUTTONDOWN if down else self.pygame.MOUSEBUTTONUP
        self._post(kind, {"pos": self.position, "button": 1, "touch": False})

    def close(self) -> None:
        """Ask for the window to be closed."""
        self._post(self.pygame.QUIT, {})

    def knows(self, name: str) -> bool:
        """Tell whether there is a key of that name."""
        return isinstance(getattr(self.pygame, name, None), int)

    def merge_keys(self, seen: object) -> object:
        """Return what `key.get_pressed` answered, and the keys held here."""
        held = set(self.scancodes.values())
        if not held or not isinstance(seen, tuple):
            return seen
        # The wrapper's own iterator is forbidden in pygame-ce: it would not be by key.
        states = enumerate(tuple.__iter__(seen))
        return type(seen)([bool(state) or code in held for code, state in states])

    def merge_buttons(self, seen: object) -> object:
        """Return what `mouse.get_pressed` answered, and the button held here."""
        held = self.buttons
        if not held:
            return seen
        return tuple(state or number in held for number, state in enumerate(seen, start=1))

    def merge_position(self, seen: object) -> object:
        """Return where the mouse is."""
        return self.position or seen

    def _post(self, kind: int, facts: dict) -> None:
        self.pygame.event.post(self.pygame.event.Event(kind, facts))

    def _key(self, name: str) -> dict:
        pygame = self.pygame
        key = getattr(pygame, name)
        special = {"K_RETURN": "\r", "K_SPACE": " ", "K_TAB": "\t", "K_BACKSPACE": "\b"}
        text = special.get(name, name[2:] if len(name) == 3 else "")
        return {"key": key, "mod": 0, "unicode": text, "scancode": self._scancode(key)}

    def _scancode(self, key: int) -> int:
        """Return the number a key has in the list `get_pressed` answers with."""
        # The list is looked up by key and finds the scancode itself; one that holds its own
        # indices says which that is.
        listing = type(self.pygame.key.get_pressed.__wrapped__())
        try:
            return listing(range(512))[key]
        except (TypeError, IndexError):
            return key if key < 512 else 0


class Player:
    """Someone who tries the game out."""

    def __init__(self, screen: Screen, hands: Hands, session: Session) -> None:
        """Play with `hands` what `screen` shows."""
        self.screen = screen
        self.hands = hands
        self.session = session
        self.playing = False

    def begin(self) -> None:
        """Start to play, once."""
        if not self.playing:
            self.playing = True
            self.session.driving()
            _thread.start_new_thread(self._play, ())

    def _play(self) -> None:
        try:
            self._try_out()
        except self.screen.pygame.error:
            pass  # it shut its display down: the game is over
        except Exception as error:
            self.session.observe("not-instrumented", error=repr(error)[:300])

    def _try_out(self) -> None:
        began = monotonic()
        while not self.screen.count and monotonic() - began < START_SECONDS:
            sleep(0.01)
        began = monotonic()
        sleep(SETTLE_SECONDS)
        plan = self.session.plan
        script = Script([name for name in plan["keys"] if self.hands.knows(name)], plan["mouse"])
        play_seconds = plan["play_seconds"]
        steps = script.steps()
        room = play_seconds * 1.6 - SETTLE_SECONDS
        self.hold_seconds = min(HOLD_SECONDS, room / max(len(steps), 1))
        for keys, point in steps:
            if point is not None:
                self._click(point)
            else:
                self._hold(keys)
        sleep(max(0.0, began + play_seconds - monotonic()))
        self._close(began)

    def _hold(self, names: tuple) -> None:
        for name in names:
            self.hands.press(name)
        self._let_act()
        for name in names:
            self.hands.release(name)

    def _click(self, fractions: tuple) -> None:
        surface = self.screen.pygame.display.get_surface()
        if surface is None:
            return
        width, height = surface.get_size()
        self.hands.move((int(width * fractions[0]), int(height * fractions[1])))
        self.hands.click(down=True)
        self._let_act()
        self.hands.click(down=False)

    def _let_act(self) -> None:
        before, began = self.screen.count, monotonic()
        sleep(self.hold_seconds)
        while (
            self.screen.count - before < LEAST_FRAMES
            and monotonic() - began < self.hold_seconds * 3
        ):
            sleep(0.01)

    def _close(self, began: float) -> None:
        self.session.quiet(self.screen.last_words)()
        self.session.observe("close", after_seconds=round(monotonic() - began, 3))
        self.hands.close()
