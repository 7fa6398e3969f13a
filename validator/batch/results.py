"""The results on disk: a JSON object a line, there as soon as it is known and after a kill."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

from validator.batch.index import Index
from validator.errors import UsageError
from validator.findings import Severity, Verdict
from validator.summary import Row, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from validator.batch.records import Record, Unreadable
    from validator.findings import Report

VERSION = 1
_CHUNK = 1 << 16


class Results:
    """A file of results, locked for one run at a time."""

    def __init__(self, path: Path, *, resume: bool, force: bool) -> None:
        """Open `path`, and with `resume` look at the results it has; half a last line is cut off.

        Raises:
            UsageError: it cannot be written, is there and neither flag is, or holds other things.
        """
        self.path = path
        self.index = Index()
        self.tally = Tally()
        """What all results come to, those before this run included."""
        self.before = 0
        """Results there were before this run."""
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            size = os.fstat(self._file).st_size
            if size and not resume and not force:
                raise UsageError(f"{path} exists (--resume goes on with it, --force replaces it)")
            if force and not resume:
                os.ftruncate(self._file, 0)
            self._end = self._take_up()
        except BlockingIOError:
            raise UsageError(f"{path} is being written by another run") from None
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Close the file."""
        self.index.close()
        os.close(self._file)

    def has(self, item: Record | Unreadable) -> bool:
        """Tell whether there is a result of a record, and it is of that record still.

        Raises:
            UsageError: the result is of another reply: the records have changed since.
        """
        known = self.index.done(item.key)
        if known is None:
            return False
        if known[0] != getattr(item, "sha256", ""):
            raise UsageError(
                f"{self.path} has another result for record {item.key}: it was made from other "
                "records (--force replaces it)"
            )
        return True

    def recognise(self, record: Record) -> None:
        """Have the result of a record, which is there, stand for replies that are the same."""
        known = self.index.done(record.key)
        if known is not None:
            self.index.add_reply(record.digest, known[1])

    def add(
        self,
        record: Record,
        row: Row,
        findings: list[dict[str, Any]],
        report: dict[str, Any] | None,
    ) -> int:
        """Append the result of a reply, and return where it is once it is on disk."""
        line = {
            **_beginning(record.key, record.id),
            "model": row.model,
            "verdict": row.verdict.value,
            "reason": row.reason,
            "kind": row.kind,
            "findings": findings,
            "seconds": round(row.seconds, 3),
            "same_as": row.same_as,
            "sha256": record.sha256,
        }
        if row.same_origin is not None:
            line["same_as_record"] = row.same_origin
        if row.excused:
            line["excused"] = True
        if row.fixed is not None:
            line["fixed"] = row.fixed
        place = self._append(line if report is None else {**line, "report": report})
        self.tally.add(row)
        self.index.add(record.key, record.sha256, place)
        self.index.add_reply(record.digest, place)
        return place

    def add_unreadable(self, item: Unreadable) -> None:
        """Append the result of a record without a reply."""
        place = self._append(
            {**_beginning(item.key, item.id), "verdict": None, "error": item.error}
        )
        self.tally.unreadable += 1
        self.index.add(item.key, "", place)

    def at(self, offset: int) -> dict[str, Any]:
        """Return the result whose line begins at `offset`."""
        pieces = []
        while piece := os.pread(self._file, _CHUNK, offset):
            pieces.append(piece)
            offset += len(piece)
            if b"\n" in piece:
                break
        found: dict[str, Any] = json.loads(b"".join(pieces).split(b"\n", 1)[0])
        return found

    def rows(self) -> Iterator[Row]:
        """Yield a row for each result of a reply, in the order they became known."""
        for _, data in self._results():
            if "error" not in data:
                yield row_of(data)

    def recount(self) -> None:
        """Count from the file again: an interruption may come between a result and its count."""
        self.tally = Tally()
        for _, data in self._results():
            self._count(data)

    def errors(self) -> Iterator[str]:
        """Yield why each record without a reply has none."""
        for _, data in self._results():
            if "error" in data:
                yield f"record {data['record']}: {data['error']}"

    def _append(self, data: dict[str, Any]) -> int:
        line = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        offset = self._end
        try:
            view = memoryview(line)
            while view:
                written = os.pwrite(self._file, view, self._end)
                self._end += written
                view = view[written:]
            os.fdatasync(self._file)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}") from None
        return offset

    def _take_up(self) -> int:
        end = 0
        for offset, data in self._results():
            self.before += 1
            self.index.add(data["record"], data.get("sha256", ""), offset)
            self._count(data)
            end = self._after
        os.ftruncate(self._file, end)
        return end

    def _count(self, data: dict[str, Any]) -> None:
        if "error" in data:
            self.tally.unreadable += 1
        else:
            self.tally.add(row_of(data))

    def _results(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield every whole line's offset and object."""
        self._after = 0
        with os.fdopen(os.dup(self._file), "rb") as stream:
            stream.seek(0)
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n"):
                    return  # half a line: a kill came between
                try:
                    data = json.loads(line)
                    sound = data["version"] == VERSION and isinstance(data["record"], str)
                except (ValueError, TypeError, KeyError):
                    sound = False
                if not sound:
                    raise UsageError(f"{self.path} line {number} is no result of validate batch")
                offset, self._after = self._after, self._after + len(line)
                yield offset, data


def row_of(data: dict[str, Any]) -> Row:
    """Return the row of a result as it stands on disk."""
    return Row(
        id=data["id"],
        verdict=Verdict(data["verdict"]),
        model=data["model"],
        findings=tuple(
            (each["code"], each["name"], Severity(each["severity"])) for each in data["findings"]
        ),
        reason=data["reason"],
        seconds=data["seconds"],
        kind=data["kind"],
        origin=data["record"],
        same_as=data["same_as"],
        same_origin=data.get("same_as_record"),
        excused=data.get("excused", False),
        fixed=tuple(data["fixed"]) if "fixed" in data else None,
    )


def findings_of(report: Report) -> list[dict[str, Any]]:
    """Return the findings of a report as a result has them."""
    return [
        {
            "code": each.code,
            "name": each.name,
            "severity": each.severity.value,
            "message": each.message,
            "reply_line": each.location.reply_line,
        }
        for each in report.findings
    ]


def _beginning(key: str, identity: str | None) -> dict[str, Any]:
    return {"version": VERSION, "record": key, "id": identity}
