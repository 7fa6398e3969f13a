"""Findings that are known already: a reviewable file, which only new ones get past.

An entry is a reply, named relative to the folder of the file, and a fingerprint; what else it
holds is for whoever reviews it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator import fingerprints, rules
from validator.errors import UsageError
from validator.findings import SetAside, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from validator.findings import Finding, Report

VERSION = fingerprints.VERSION
"""Raised with the fingerprints': the findings of another version would all be new."""
MAX_BYTES = 64 * 1024 * 1024
_MESSAGE_CHARACTERS = 300
_STDIN = "-"

Key = tuple[str, str]
"""Which reply, and which fingerprint."""


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """One finding that is known."""

    reply: str
    """Relative to the folder of the baseline, with forward slashes; `-` for standard input.

    In the baseline of a batch the id of the record.
    """
    code: str
    name: str
    message: str
    fingerprint: str

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.reply, self.fingerprint


class Baseline:
    """What is known of several replies; reports go through it one at a time."""

    def __init__(self, path: Path, *, update: bool = False) -> None:
        """Read the file; with `update` it need not be there, and everything found becomes known.

        Raises:
            UsageError: it cannot be read, is no baseline, or one of another version.
        """
        self._path = path
        self._update = update
        known = () if update and not path.exists() else _read(path)
        self._known = {each.key: each for each in known}
        self._found: dict[Key, Known] = {}
        self._judged: set[str] = set()
        self._unsure: set[str] = set()
        self._programs: Counter[Key] = Counter()
        self.new = 0
        """Findings so far that were not known."""

    def compare(
        self, report: Report, *, fail_on: Severity = Severity.ERROR, name: str | None = None
    ) -> Report:
        """Return the report with what is known set aside, and the verdict that leaves.

        `name` is what the reply is known by, where it has no file of its own.
        """
        reply = name if name is not None else self._name(report.submission.reply.origin)
        self._judged.add(reply)
        if report.missing:
            self._unsure.add(reply)
        everything = (*report.findings, *report.suppressed)
        made = fingerprints.fingerprints(report.submission, everything)
        reasons: dict[int, SetAside] = {}
        for index, (finding, fingerprint) in enumerate(zip(everything, made, strict=True)):
            entry = _entry(reply, finding, self._numbered(reply, fingerprint))
            known = entry.key in self._known
            if index >= len(report.findings):
                # Set aside otherwise: not new, and no entry of its own; but not gone either.
                self._found.update({entry.key: self._known[entry.key]} if known else {})
                continue
            self.new += not known
            if known or self._update:
                self._found[entry.key] = entry
                reasons[index] = SetAside("baseline", f"known, in {self._path.name}")
        compared = replace(report, compared=True)
        return rules.rejudge(compared, reasons, fail_on=fail_on) if reasons else compared

    @property
    def known(self) -> int:
        """How many of the findings so far were known."""
        return len(self._found.keys() & self._known.keys())

    @property
    def gone(self) -> tuple[Known, ...]:
        """The known findings that were not found again, in replies that were judged in full."""
        sure = self._judged - self._unsure
        return tuple(
            sorted(
                each
                for key, each in self._known.items()
                if each.reply in sure and key not in self._found
            )
        )

    def write(self) -> None:
        """Put what is known now in the place of the file; of replies not judged it stays.

        Raises:
            UsageError: it cannot be written; the file is as it was then.
        """
        gone = {each.key for each in self.gone}
        kept = {key: each for key, each in self._known.items() if key not in gone}
        entries = sorted({**kept, **self._found}.values())
        text = json.dumps(
            {"version": VERSION, "findings": [_plain(each) for each in entries]}, indent=2
        )
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        try:
            unfinished.write_text(f"{text}\n", encoding="utf-8")
            unfinished.replace(self._path)
        except OSError as error:
            raise UsageError(f"{self._path} cannot be written: {error.strerror}") from None

    def _numbered(self, reply: str, fingerprint: str) -> str:
        """Tell apart the same fault in several programs of one reply, a report each."""
        self._programs[reply, fingerprint] += 1
        number = self._programs[reply, fingerprint]
        return fingerprint if number == 1 else f"{fingerprint}-{number}"

    def _name(self, origin: str) -> str:
        if origin == _STDIN:
            return origin
        return Path(os.path.relpath(origin, self._path.parent)).as_posix()


def _entry(reply: str, finding: Finding, fingerprint: str) -> Known:
    words = " ".join(finding.message.split())[:_MESSAGE_CHARACTERS]
    return Known(reply, finding.code, finding.name, words, fingerprint)


def _plain(entry: Known) -> dict[str, str]:
    return {
        "reply": entry.reply,
        "code": entry.code,
        "name": entry.name,
        "message": entry.message,
        "fingerprint": entry.fingerprint,
    }


def _read(path: Path) -> Iterable[Known]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        held: Any = json.loads(data) if len(data) <= MAX_BYTES else None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no baseline: it is not JSON") from None
    if not isinstance(held, dict) or "version" not in held:
        raise UsageError(f"{path} is no baseline (--update-baseline makes one)")
    if held["version"] != VERSION:
        raise UsageError(
            f"{path} is a baseline of version {str(held['version'])[:20]}, and this is {VERSION}:"
            " remove it and make it anew with --update-baseline"
        )
    try:
        return tuple(
            Known(*(_text(each[name]) for name in Known.__slots__)) for each in held["findings"]
        )
    except (KeyError, TypeError):
        raise UsageError(f"{path} is no baseline: an entry of it is not one of ours") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
