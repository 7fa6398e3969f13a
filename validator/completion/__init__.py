"""Parsers → a script for a shell. Nothing of ours is run at a press of the key.

Libraries that do this (shtab, argcomplete) take the first word either for a verb or for a file;
here it may be both, and one of them would start Python each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.completion import bash, fish, zsh
from validator.completion.words import Flag, Verb, read

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Flag", "Verb", "read", "script"]

_SHELLS = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}


def script(shell: str, first: Verb, verbs: Sequence[Verb]) -> str:
    """Return the script for `bash`, `zsh` or `fish`; `first` is what goes without a verb."""
    return _SHELLS[shell](first, verbs)
