"""What a command asks to have installed, whichever of Python's installers it speaks to."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from validator.facts import RequirementLine, RequirementSource
from validator.reading import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Command

_MAY_INSTALL = re.compile(r"\b(?:install|add|create)\b|--with\b", re.IGNORECASE)
_BLANK = re.compile(r"(?<!\S)<[^<>]*>(?!\S)")
"""`<your package>`, to be filled in; `flask<3,>2` is none."""
_SETTING = re.compile(r"[A-Za-z_]\w*=.*")
_PYTHON = re.compile(r"python[\d.]*|py|\{?sys\.executable\}?")
_PIP = re.compile(r"pip[\d.]*")
_VERBS = {
    "pip": ("install",),
    "pipx": ("install",),
    "pipenv": ("install",),
    "uv": ("add", "pip install"),
    "poetry": ("add",),
    "pdm": ("add",),
    "conda": ("install", "create"),
    "mamba": ("install", "create"),
    "micromamba": ("install", "create"),
}
_RUNNERS = (("uv", "run"), ("uvx",), ("uv", "tool", "run"))
_NEXT = re.compile(r",\s*(?![<>=!~\s])")
"""What parts the packages of one `--with`; behind other commas a package has further versions."""
_MAX_QUOTED = 20_000
"""Characters of a command: shlex takes time by the square of a word's length (Python 3.11)."""
_ATTACHED = ("-c", "-e", "-f", "-i")
"""Options whose value may follow without a space, as pip has it."""


def requirements_of(command: Command) -> Iterator[RequirementLine]:
    """Yield what a `pip install` or one of its relatives asks for, one package each, unjudged."""
    for piece in command.pieces:
        for text in _asked(piece) if _MAY_INSTALL.search(piece) else ():
            yield RequirementLine(text, command.span, RequirementSource.COMMAND)


def _asked(piece: str) -> Iterator[str]:
    words = _called(_words(piece))
    for runner in _RUNNERS:
        if tuple(words[: len(runner)]) == runner:
            yield from _with(words[len(runner) :])
            return
    for verb in _VERBS.get(words[0], ()):
        rest = _behind(words[1:], verb.split())
        if rest is not None:
            yield from _packages(rest)
            return


def _words(piece: str) -> list[str]:
    text = _BLANK.sub(" ", piece)
    # A path of Windows, whose separators a shell would take for its own signs.
    head, space, rest = text.partition(" ")
    text = f"{head.replace(chr(92), '/')}{space}{rest}"
    if len(text) > _MAX_QUOTED:
        return text.split()
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _called(words: list[str]) -> list[str]:
    """Return a command from its tool on, by its own name: no `sudo`, variables, path, `-m`."""
    at = 0
    if words and words[0] == "sudo":
        at = next((i for i, word in enumerate(words[1:], 1) if word[0:1] != "-"), len(words))
    while at < len(words) and _SETTING.fullmatch(words[at]):
        at += 1
    if _PYTHON.fullmatch(_tool(words[at:])):
        at = words.index("-m", at) + 1 if "-m" in words[at : at + 3] else len(words)
    tool = _tool(words[at:])
    return ["pip" if _PIP.fullmatch(tool) else tool, *words[at + 1 :]]


def _tool(words: list[str]) -> str:
    return words[0].rpartition("/")[2].lower().removesuffix(".exe") if words else ""


def _behind(words: list[str], verb: list[str]) -> list[str] | None:
    """Return what follows a verb; None where it is another, after options of the tool itself."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in vocabulary.VALUED_INSTALL_OPTIONS else 1
    found = words[at : at + len(verb)]
    return words[at + len(verb) :] if [each.lower() for each in found] == verb else None


def _with(words: list[str]) -> Iterator[str]:
    """Yield what `uv run --with …` adds for one run; behind the program the options are its own."""
    for name, _, value in _options(words):
        if not name:
            return
        if name == "--with":
            yield from filter(None, map(str.strip, _NEXT.split(value)))


def _packages(words: list[str]) -> Iterator[str]:
    for name, sign, value in _options(words):
        if not name:
            yield value
        elif name in vocabulary.TELLING_INSTALL_OPTIONS and value:
            yield f"{name}{sign}{value}"


def _options(words: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each option with what parts it from its value, and the value; nothing, for a word."""
    waiting = iter(words)
    for word in waiting:
        if word in ("\\", ">", ">>", "#"):
            return
        name, sign, value = word.partition("=")
        if not word.startswith("-"):
            yield "", "", word
        elif word in vocabulary.VALUED_INSTALL_OPTIONS:
            yield word, " ", next(waiting, "")
        elif word.startswith(_ATTACHED) and len(word) > 2:
            yield word[:2], " ", word[2:].removeprefix("=")
        else:
            yield name, sign, value
