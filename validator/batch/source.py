"""The records of a JSON Lines file, one at a time, whatever is wrong with some of them."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from validator.batch.records import Record, Unreadable, records_in
from validator.errors import UsageError
from validator.settings import MAX_REPLY_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from validator.batch.records import Fields

MAX_RECORD_BYTES = MAX_REPLY_BYTES
LOOKED_AT = 5
"""Lines of which one at least is a JSON object, or the file is something else."""
STDIN = "-"
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_BROKEN = (OSError, EOFError, zlib.error)


class Source:
    """A file of records, plain or compressed with gzip, or standard input."""

    def __init__(self, name: str, fields: Fields) -> None:
        """Open the file and look at its beginning.

        Raises:
            UsageError: it cannot be read, is empty, or is not JSON Lines.
        """
        self.name = name
        self._fields = fields
        self.repeated_ids = 0
        """Records whose id one before has."""
        self.first_repeated = ""
        try:
            raw: IO[bytes] = sys.stdin.buffer if name == STDIN else Path(name).open("rb")  # noqa: SIM115
            self._raw = raw
            self._size = 0 if name == STDIN else Path(name).stat().st_size
            packed = name != STDIN and raw.read(2) == _GZIP
            if name != STDIN:
                raw.seek(0)
            self._stream: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if packed else raw
            self._begun = self._begin()
        except FileNotFoundError:
            raise UsageError(f"there is no {name}") from None
        except (*_BROKEN, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{name} cannot be read: {reason}") from None

    @property
    def share(self) -> float | None:
        """How much of the file has been read; None where its size is not known."""
        return self._raw.tell() / self._size if self._size else None

    def records(self, occurrences: Callable[[str], int]) -> Iterator[Record | Unreadable]:
        """Yield each reply of each record, and each record that holds none.

        `occurrences` counts an id and returns how often it has been counted: of two records with
        the same id the second is told apart by it.
        """
        number = 0
        try:
            for number, line in enumerate(chain(self._begun, self._lines()), 1):
                for place, record in enumerate(self._read(number, line)):
                    yield self._told_apart(record, occurrences, first=place == 0)
        except _BROKEN as error:
            # A compressed file that was cut: what stands before the cut is judged.
            yield Unreadable(str(number + 1), None, f"the file cannot be read on: {error}")

    def _told_apart(
        self, record: Record | Unreadable, occurrences: Callable[[str], int], *, first: bool
    ) -> Record | Unreadable:
        count = occurrences(record.id) if record.id is not None else 1
        if count == 1:
            return record
        if first:  # the others of a record are its own choices
            self.repeated_ids += 1
            self.first_repeated = self.first_repeated or f"{record.id}"
        return replace(record, id=f"{record.id}#{count}")

    def close(self) -> None:
        """Close the file."""
        if self.name != STDIN:
            self._raw.close()

    def _begin(self) -> list[bytes | None]:
        lines: list[bytes | None] = []
        for line in self._lines():
            lines.append(line)
            if not any(each is None or each.strip() for each in lines[:-1]):
                self._refuse_list(line)
            if line is None or isinstance(_loaded(line), dict):
                return lines
            if len(lines) >= LOOKED_AT and any(line and line.strip() for line in lines):
                break
        if not any(line and line.strip() for line in lines):
            raise UsageError(f"{self.name} is empty")
        raise UsageError(f"{self.name} is not JSON Lines: no line it begins with is a JSON object")

    def _refuse_list(self, line: bytes | None) -> None:
        if line is not None and line.lstrip().startswith(b"["):
            raise UsageError(
                f"{self.name} is a JSON list and not JSON Lines (jq -c '.[]' makes it so)"
            )

    def _read(self, number: int, line: bytes | None) -> tuple[Record | Unreadable, ...]:
        key = str(number)
        if line is not None and not line.strip():
            return ()
        if line is None:
            return (Unreadable(key, None, f"it is larger than {MAX_RECORD_BYTES >> 20} MiB"),)
        data = _loaded(line)
        if isinstance(data, Exception):
            return (Unreadable(key, None, f"it is not JSON: {data}"),)
        if not isinstance(data, dict):
            return (Unreadable(key, None, "it is JSON and not an object"),)
        return records_in(data, self._fields, line=number, name=self.name)

    def _lines(self) -> Iterator[bytes | None]:
        """Yield the lines; None for one that is too large, of which no more is held than that."""
        while line := self._stream.readline(MAX_RECORD_BYTES + 1):
            if len(line) <= MAX_RECORD_BYTES:
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = self._stream.readline(_CHUNK)
            yield None


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig", "replace"))
    except ValueError as error:
        return error
    except RecursionError:
        return ValueError("it is nested too deep")
