"""`validate cache info|clear`: what is kept between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import flags
from validator.commands.outcome import PASSED

if TYPE_CHECKING:
    import argparse


def parser() -> flags.Parser:
    """Return the flags of `cache`."""
    found = flags.new_parser("cache", "Show or empty what is kept between runs.")
    found.add_argument("action", choices=("info", "clear"))
    return found


def run(options: argparse.Namespace) -> int:
    """Show or empty it."""
    from validator import storage

    settings = flags.settings(options)
    print(storage.info(settings) if options.action == "info" else storage.clear(settings))
    return PASSED
