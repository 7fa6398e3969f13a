"""What to type at a `cmd.Cmd`: each of its commands, with arguments, then the one that leaves."""

from __future__ import annotations

from .widgets import leaves

MAX_COMMANDS = 24
_ENDS = ("quit", "exit", "q", "bye", "EOF", "x", "stop")


def of(frame: object) -> object:
    """Return the shell whose loop asks; None where it is not a shell that asks."""
    while frame is not None:
        if frame.f_code.co_name == "cmdloop" and frame.f_code.co_filename.endswith("/cmd.py"):
            return frame.f_locals.get("self")
        frame = frame.f_back
    return None


def line(shell: object, turn: int) -> str:
    """Return what to type the `turn`-th time, from 0 on: help, each command, a way out."""
    names = [name[3:] for name in dict.fromkeys(shell.get_names()) if name.startswith("do_")]
    ends = [name for name in names if name in _ENDS or leaves(name)]
    ends.sort(key=lambda name: _ENDS.index(name) if name in _ENDS else len(_ENDS))
    lines = [_with_arguments(shell, name) for name in names if name not in ends][:MAX_COMMANDS]
    if turn < len(lines):
        return lines[turn]
    return ends[(turn - len(lines)) % len(ends)] if ends else "quit"


def _with_arguments(shell: object, name: str) -> str:
    """Return a command with as many values as its code seems to take apart."""
    code = getattr(getattr(shell, f"do_{name}"), "__code__", None)
    if name == "help" or code is None:
        return name
    return f"{name} 5 3" if "split" in code.co_names else f"{name} 5"
