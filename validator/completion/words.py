"""What can stand on a command line, read from its parsers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """What a word stands for."""

    NOTHING = "nothing"
    """There is no word: the flag is a switch."""
    TEXT = "text"
    """Nobody can guess it."""
    CHOICE = "choice"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Value:
    """What may be written in one place."""

    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """An option, with everything it can be called."""

    names: tuple[str, ...]
    help: str
    """In one line, without a full stop."""
    value: Value


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, or with an empty name what goes without one."""

    name: str
    help: str
    flags: tuple[Flag, ...]
    words: Value
    """What stands where no flag does; any number of them."""


_FILES = frozenset({"REPLY", "REPLY|PROMPT", "FILE"})
"""What parsers call words that name files, where they are not paths to them."""


def read(name: str, parser: argparse.ArgumentParser, known: Mapping[str, tuple[str, ...]]) -> Verb:
    """Return what a parser takes; `known` has choices it does not know, by `dest`."""
    actions = parser._actions  # noqa: SLF001 - argparse has no other way to be asked
    flags = tuple(
        Flag(tuple(action.option_strings), _line(action.help), _value(action, known))
        for action in actions
        if action.option_strings and action.help != argparse.SUPPRESS
    )
    words = [_value(action, known) for action in actions if not action.option_strings]
    return Verb(name, _line(parser.description), flags, words[0] if words else Value(Kind.NOTHING))


def _value(action: argparse.Action, known: Mapping[str, tuple[str, ...]]) -> Value:
    if action.nargs == 0:
        return Value(Kind.NOTHING)
    choices = tuple(map(str, action.choices or known.get(action.dest, ())))
    if choices:
        return Value(Kind.CHOICE, choices)
    if action.metavar == "DIR":
        return Value(Kind.FOLDER)
    if action.type is Path or action.metavar in _FILES:
        return Value(Kind.FILE)
    return Value(Kind.TEXT)


def _line(text: str | None) -> str:
    return " ".join((text or "").replace("%%", "%").split())
