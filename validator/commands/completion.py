"""`validate completion bash|zsh|fish`: a script that completes what this command line takes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from validator.commands import VERBS, flags
from validator.commands.outcome import PASSED

if TYPE_CHECKING:
    import argparse

    from validator.completion import Verb

_SHELLS = ("bash", "zsh", "fish")
_EPILOG = """\
to have it in every shell:
  bash   validate completion bash > ~/.local/share/bash-completion/completions/validate
  zsh    validate completion zsh > "${fpath[1]}/_validate"
  fish   validate completion fish > ~/.config/fish/completions/validate.fish
in this one: source <(validate completion bash)
"""


def parser() -> flags.Parser:
    """Return the flags of `completion`."""
    found = flags.new_parser(
        "completion", "Print a script that lets a shell complete this command line.", _EPILOG
    )
    found.add_argument("shell", choices=_SHELLS)
    return found


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from validator.completion import script

    print(script(options.shell, _first(), tuple(map(_verb, VERBS))), end="")
    return PASSED


def _first() -> Verb:
    return _verb("")


def _verb(name: str) -> Verb:
    from validator import rules
    from validator.completion import read

    module = import_module(f"validator.commands.{name or 'validate'}")
    # What a rule can be called is known here, and to no parser.
    codes = tuple(row[0] for row in rules.catalogue() if row[0].startswith("RV"))
    return read(name, module.parser(), {"code": codes})
