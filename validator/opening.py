"""From what the user named to replies: files, folders, patterns, `-`, conversations, parts."""

from __future__ import annotations

import glob
import hashlib
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from validator.errors import UsageError
from validator.facts import Part, Reply, ReplyKind
from validator.reading import read
from validator.reading.conversations import conversations_in
from validator.settings import MAX_REPLY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STDIN = "-"
SUFFIXES = (".md", ".markdown", ".txt")
"""Of the files in a folder that are taken for replies; a file named by itself may have any."""
SKIPPED_FOLDERS = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})
"""Never looked into, nor is any folder whose name begins with a dot: nobody keeps replies there."""
HELD = 16
"""Files kept open from the first look to the second."""
_PIP_FILES = ("requirements", "constraints")
_ABOUT = ("readme", "changelog", "contributing", "license")
"""What files are called that people lay beside others. Anything else without a program in it may be
a model's refusal, and is judged."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to take replies from."""

    name: str
    """Its path as the user would write it, or `-`."""
    named: bool = True
    """False where it was found in a folder: the user may not know of it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What can be opened of what the user named, looked at once and not kept."""

    targets: tuple[Target, ...]
    left_out: tuple[str, ...]
    """One line for each file found in a folder that holds no reply."""
    replies: int
    repeated: Counter[bytes]
    """How often each reply occurs that occurs more than once, by `digest`."""
    held: Mapping[str, tuple[Reply, ...]]
    """What a second look cannot have, or need not: standard input, and the first few files."""

    def __iter__(self) -> Iterator[Reply]:
        """Open the targets again one after another: 100,000 of them need not be held at once."""
        for target in self.targets:
            yield from self.held.get(target.name) or _open(target.name)


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
    opened = [_open(name) for name in names]
    if parts:
        return (Reply(tuple(part for replies in opened for part in replies[0].parts)),)
    return tuple(reply for replies in opened for reply in replies)


def open_many(names: Iterable[str], *, only: frozenset[str] | None = None) -> Opened:
    """Look at everything the user named: files, folders of replies, and patterns such as `**/*.md`.

    What is found in a folder and is no reply is left out; what is named and is none is refused.
    Of all those, `only` may name the files that are wanted, as real paths: there may be none left.

    Raises:
        UsageError: for a name that cannot be read, a folder or a pattern without any replies.
    """
    found = tuple(find_targets(names))
    targets = tuple(each for each in found if only is None or os.path.realpath(each.name) in only)
    kept: list[Target] = []
    left_out: list[str] = []
    counts: Counter[bytes] = Counter()
    held: dict[str, tuple[Reply, ...]] = {}
    for target in targets:
        try:
            replies = _open(target.name) if target.named else _found(target.name)
        except UsageError as error:
            if target.named:
                raise
            left_out.append(str(error))
            continue
        kept.append(target)
        counts.update(map(digest, replies))
        if target.name == STDIN or len(held) < HELD:
            held[target.name] = replies
    if targets and not kept:
        raise UsageError(f"none of the {len(targets)} files found holds a reply: {left_out[0]}")
    repeated = Counter({key: count for key, count in counts.items() if count > 1})
    return Opened(tuple(kept), tuple(left_out), counts.total(), repeated, held)


def digest(reply: Reply) -> bytes:
    """Return 16 bytes that are the same for replies that are, wherever they came from."""
    words = hashlib.blake2b(digest_size=16)
    for part in reply.parts:
        text = part.text.encode("utf-8", "surrogatepass")
        words.update(f"{part.stop}:{len(text)}:".encode() + text)
    return words.digest()


# ── folders and patterns ─────────────────────────────────────────────────────────────────────────


def find_targets(names: Iterable[str]) -> Iterator[Target]:
    """Return the files that names, folders and patterns stand for, in order; folders sorted.

    Raises:
        UsageError: a folder or a pattern stands for none.
    """
    seen: set[str] = set()
    for name in names:
        if name == STDIN:
            if name in seen:
                raise UsageError("standard input (-) can be read only once")
            found = [Target(name)]
        elif os.path.isdir(name):  # noqa: PTH112 - a name that is no path at all is no folder
            found = [Target(path, named=False) for path in _in_folder(name)]
            if not found:
                raise UsageError(f"{name} has no Markdown or text files in it")
        elif glob.has_magic(name) and not os.path.lexists(name):
            found = [Target(path, named=False) for path in _matching(name)]
            if not found:
                raise UsageError(f"no file matches {name}")
        else:
            found = [Target(name)]
        for target in found:
            # What the user names twice is judged twice; what is found is found once.
            if target.named or target.name not in seen:
                seen.add(target.name)
                yield target


def _in_folder(folder: str) -> list[str]:
    found: list[str] = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not _is_skipped(each))
        found.extend(
            os.path.normpath(Path(here) / name) for name in sorted(files) if _is_ours(name)
        )
    return found


def _is_skipped(folder: str) -> bool:
    return folder.startswith(".") or folder in SKIPPED_FOLDERS


def _is_ours(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(SUFFIXES) and not lower.startswith((".", *_PIP_FILES))


def _matching(pattern: str) -> list[str]:
    # `Path.glob` takes no absolute pattern.
    found = glob.iglob(pattern, recursive=True)  # noqa: PTH207
    return sorted(path for path in found if Path(path).is_file())


def _found(name: str) -> tuple[Reply, ...]:
    """Open a file nobody named; a page about its folder is refused where it holds no program."""
    replies = _open(name)
    if not Path(name).name.lower().startswith(_ABOUT):
        return replies
    decisions = (read(reply).decision for reply in replies)
    if all(each is None or each.kind is ReplyKind.NO_CODE for each in decisions):
        raise UsageError(f"{name} is about its folder and holds no program")
    return replies


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _open(name: str) -> tuple[Reply, ...]:
    text = _read(name)
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
