"""In which order someone who tries a game out presses its keys."""

from __future__ import annotations

STARTING = ("return", "enter", "space", "kp_enter")
PAUSING = ("p", "pause")
LEAVING = ("q", "x", "escape", "f4")
MAX_PAIRS = 8
POINTS = ((0.5, 0.5), (0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
"""Where the mouse is clicked, as fractions of the window's width and height."""


class Script:
    """Keys one by one, two together, the mouse; what may end or stop the game comes last."""

    def __init__(self, keys: list, mouse: bool) -> None:
        """Use `keys`, names in the order the code mentions them."""
        self.starting = _among(keys, STARTING)
        self.leaving = _among(keys, LEAVING)
        self.pausing = _among(keys, PAUSING)
        apart = {*self.starting, *self.leaving, *self.pausing}
        self.acting = [key for key in keys if key not in apart]
        self.mouse = mouse

    def steps(self) -> list:
        """Return (keys to hold together, None) or ((), a point to click at), in order."""
        steps: list = [((key,), None) for key in self.starting]
        steps += [((key,), None) for key in self.acting]
        if self.mouse:
            steps += [((), point) for point in POINTS]
        again = [*self.acting, *self.starting]
        pairs = [tuple(again[at : at + 2]) for at in range(len(again) - 1)][:MAX_PAIRS]
        steps += [(pair, None) for pair in pairs]
        # Pressed a second time, it goes on.
        steps += [((key,), None) for key in self.pausing for _ in range(2)]
        return steps + [((key,), None) for key in self.leaving]


def _among(keys: list, plain: tuple) -> list:
    """Return the keys of those plain names, in that order: `K_SPACE`, `KEY_SPACE`, `key.SPACE`."""
    named = {
        key.removeprefix("K_").removeprefix("KEY_").removeprefix("key.").lower(): key
        for key in keys
    }
    return [named[name] for name in plain if name in named]
