"""From what the user named to replies: files, `-`, conversations, or the parts of one."""

from __future__ import annotations

import sys
from pathlib import Path

from validator.errors import UsageError
from validator.facts import Part, Reply
from validator.reading.conversations import conversations_in
from validator.settings import MAX_REPLY_BYTES

STDIN = "-"


def open_replies(names: tuple[str, ...], *, parts: bool = False) -> tuple[Reply, ...]:
    """Return a reply for each name, or with `parts` one reply whose parts they are, in order.

    A file that holds a conversation, as JSON or as a transcript, is told by its content and gives
    the model's turns as parts; a server's answer with several choices gives a reply for each. A
    byte order mark is dropped. Bytes that are not UTF-8 are replaced, unless the file is plainly
    not text.

    Raises:
        UsageError: for a name that cannot be read as a reply, with the reason.
    """
    if names.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    opened = [_replies(name, _read(name)) for name in names]
    if parts:
        return (Reply(tuple(part for replies in opened for part in replies[0].parts)),)
    return tuple(reply for replies in opened for reply in replies)


def _replies(name: str, text: str) -> tuple[Reply, ...]:
    found = conversations_in(text, name)
    if found is None:
        return (Reply((Part(text, name),)),)
    if not found:
        raise UsageError(f"{name} is a conversation in which no model says anything")
    return found


def _read(name: str) -> str:
    data = _read_stdin() if name == STDIN else _read_file(Path(name))
    if len(data) > MAX_REPLY_BYTES:
        raise UsageError(f"{name} is larger than {MAX_REPLY_BYTES >> 20} MiB, which no reply is")
    if b"\0" in data[:65536] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{name} is binary, not a reply")
    if not data.strip():
        raise UsageError(f"{name} is empty")
    return _decode(data)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        # Windows editors and PowerShell's `>` write UTF-16 with a byte order mark.
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _read_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- reads the reply from standard input, and nothing is piped into it")
    return sys.stdin.buffer.read(MAX_REPLY_BYTES + 1)


def _read_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a directory; name the reply in it")
        with path.open("rb") as file:
            return file.read(MAX_REPLY_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no {path}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}") from None
