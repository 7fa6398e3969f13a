"""What a program wrote, without what its surroundings wrote for it.

A machine without screen, sound card, fonts or home folder makes libraries complain on standard
error. None of that is the program's doing, and a model that reads it mends the wrong thing.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor movement
    r"|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and other strings: window titles
    r"|[ -/]*[0-~]?"  # everything shorter
    r")"
    r"|\x9b[0-?]*[ -/]*[@-~]?"  # CSI as one byte of Latin-1
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_LINES = re.compile(
    r"ALSA lib [\w./-]+:\d+:\(\w+\).*"
    r"|(?:libEGL|libGL|MESA|MESA-LOADER|EGL|glx)\b[\w -]*: .*"
    r"|(?:\w+: )?(?:error: )?XDG_RUNTIME_DIR (?:is )?(?:not set|invalid)\b.*"
    r"|pygame(?:-ce)? \d\S* \(SDL \d.*\)"
    r"|Hello from the pygame community\. https://\S+"
    r"|Fontconfig (?:error|warning): .*"
    r"|Matplotlib (?:is building the font cache|created a temporary cache directory).*"
    r"|mkdir -p failed for path .*matplotlib.*"
    r"|qt\.qpa\.\S+: .*"
    r"|This plugin does not support .*\(\)"
    r"|Failed to create secure directory \(.*\): .*"
    r"|Xlib: +extension \"\S+\" missing on display .*"
    r"|Warning: [Cc]annot convert string \".*\" to type \w+"
)
"""Whole lines, each as its library words it."""

_WARNINGS = re.compile(
    r".+:\d+: \w*Warning: "
    r"(?:'fc-list' is missing"
    r"|pkg_resources is deprecated as an API"
    r"|(?:FigureCanvas\w+|Matplotlib) is (?:non-interactive|currently using)"
    r"|no system fonts|The system font)"
    r".*"
)
"""A Python warning: it is followed by the indented line of source that caused it."""


def clean(data: bytes) -> str:
    """Return bytes a program wrote as text that does nothing to a terminal.

    Invalid UTF-8 becomes U+FFFD; escape sequences and control characters other than tab and line
    feed go; a carriage return is a line end, as progress bars use it.
    """
    text = data.decode("utf-8", "replace")
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


def strip_noise(text: str) -> str:
    """Return `text` without the lines a screenless, soundless, fontless machine adds to it.

    Lines are taken out whole, with the source line of a warning and the empty line after it; a line
    of the program's own that only mentions the same words stays.
    """
    kept: list[str] = []
    removed = warned = False
    for line in text.split("\n"):
        belongs = warned and line.startswith("  ")
        gap = removed and not line and (not kept or not kept[-1])
        warned = _WARNINGS.fullmatch(line) is not None
        removed = warned or belongs or gap or _LINES.fullmatch(line) is not None
        if not removed:
            kept.append(line)
    # Where everything was noise nothing is left, not even the line end of its last line.
    return "\n".join(kept)
