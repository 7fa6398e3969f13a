"""From the words of a command line to its verb and flags."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from validator.commands import VERBS

if TYPE_CHECKING:
    from validator.commands.flags import Parser


class Command(Protocol):
    """What each module in `validator.commands` that is named like a verb offers."""

    def parser(self) -> Parser:
        """Return its flags."""

    def run(self, options: argparse.Namespace) -> int:
        """Obey them, and return the exit code."""


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the arguments, with the verb in `verb`; exits with 2 and one line where they are off.

    Without a verb the arguments are replies to validate. A file that is named like a verb is
    reached as `./rules`.
    """
    verb, rest = (argv[0], argv[1:]) if argv and argv[0] in VERBS else ("validate", argv)
    return command(verb).parser().parse_args(rest, argparse.Namespace(verb=verb))


def command(verb: str) -> Command:
    """Return the module of a verb, imported only now: each needs libraries of its own."""
    return cast("Command", import_module(f"validator.commands.{verb}"))
