"""Lines typed at a prompt: the commands of shell blocks, Dockerfiles and notebooks' shell cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import Command, Span
from validator.reading import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reading.passage import Passage

_PROMPT = re.compile(
    r"\s*(?:\([\w.-]+\)\s*)?"
    r"(?:(?:PS\s*)?[A-Za-z]:\\[^>]*>|PS>|[\w.@:~/-]*[$%]|>|!|%(?=pip|conda))\s*"
)
_ENVIRONMENT = re.compile(r"\s*\([\w.-]+\)\s+(?=\w)")
"""What an environment that is active puts before a prompt, and all that is left of one."""
_COMMAND = re.compile(r"(?P<head>[\w./-]+)(?:\s+\S.*)?")
_SETTING = re.compile(r"(?:[A-Z_][A-Z0-9_]*=\S*\s+)+")
"""`PIP_NO_CACHE_DIR=1 pip …`: variables for one command."""
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|shell|script\s+(?:bash|sh))\s*")
_GOES_ON = ("\\", " `", " ^")
"""At the end of a line that the next one continues: of a shell, of PowerShell, of cmd."""
_RUN = re.compile(r"\s*RUN\s+(?:--\S+\s+)*", re.IGNORECASE)


def is_command(text: str) -> bool:
    """Return True where every line that is not a comment is a shell command we know the head of."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and is_shell_cell(lines[0]):
        return True
    filled = [line for line in lines if not line.startswith("#")]
    return bool(filled) and all(_is_command_line(line) for line in filled)


def is_shell_cell(first: str) -> bool:
    """Return True where a notebook cell that begins with this line is a shell's."""
    return _SHELL_CELL.fullmatch(first) is not None


def commands_in(passage: Passage) -> Iterator[Command]:
    """Yield the commands of a shell block: prompts taken off, continued lines joined."""
    pending, first = "", 0
    for line, number in zip(passage.lines, passage.numbers, strict=True):
        text = line.strip() if pending else without_prompt(line)
        if not pending and (not text or text.startswith("#") or is_shell_cell(line)):
            continue
        first = first if pending else number
        pending = f"{pending} {text}".strip()
        if pending.endswith(_GOES_ON):
            pending = pending[:-1].rstrip()
            continue
        yield Command(pending, Span(first, number))
        pending = ""
    if pending:
        yield Command(pending, Span(first, passage.numbers[-1]))


def is_dockerfile(label: str, name: str | None) -> bool:
    """Return True where a block's info string, or the file it is, says Dockerfile."""
    word = label.partition(" ")[0].lower()
    return word in ("dockerfile", "docker") or (name or "").rpartition("/")[2] == "Dockerfile"


def commands_in_dockerfile(passage: Passage) -> Iterator[Command]:
    """Yield what the RUN lines of a Dockerfile give to a shell."""
    filled = [i for i, line in enumerate(passage.lines) if not line.lstrip().startswith("#")]
    for command in commands_in(passage.picked(filled)):
        if run := _RUN.match(command.text):
            yield Command(command.text[run.end() :], command.span)


def without_prompt(line: str) -> str:
    """Return what is typed at the prompt a line begins with; of a line without one, all of it."""
    match = _PROMPT.match(line) or _ENVIRONMENT.match(line)
    return (line[match.end() :] if match else line).strip()


def _is_command_line(line: str) -> bool:
    prompt = _PROMPT.match(line)
    text = _SETTING.sub("", without_prompt(line), count=1)
    match = _COMMAND.fullmatch(text)
    if match is None:
        return False
    if prompt is not None and prompt[0].strip() in ("$", "!", "%"):
        return True
    head = match["head"].rpartition("/")[2]
    return (
        head in vocabulary.COMMAND_HEADS and (" " in text) and not re.match(r"\S+\s*(?:=|\()", text)
    )
