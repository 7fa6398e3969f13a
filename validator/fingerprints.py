"""What makes two findings the same one, wherever in the reply they have moved to."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from validator.facts import split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.facts import Submission
    from validator.findings import Finding

VERSION = 1
"""Raised when the same finding would get another fingerprint: a baseline says which it holds."""
_HEX_DIGITS = 32
_PLACES = re.compile(
    r"\b(?:reply )?(?:lines?|blocks?|parts?|turns?) \d+(?:(?:,\s*|\s*(?:-|to|and)\s*)\d+)*"
)
_MEASURED = re.compile(
    r"\b0x[0-9a-fA-F]+"
    r"|\b\d[\d,]*(?:\.\d+)?\s?(?:s|ms|seconds?|bytes|KiB|MiB|GiB|frames?|times?|requests?)\b"
)


def fault(finding: Finding) -> str:
    """Return what is wrong without where: code, file, and the message without what varies.

    Numbers of lines, blocks and parts, addresses, and what was measured are left out, so that a
    fault that only moved, or ran a little longer, is the same fault.
    """
    words = _MEASURED.sub("", _PLACES.sub("", finding.message))
    return f"{finding.code} {finding.location.path or ''} {' '.join(words.split())}"


def fingerprints(submission: Submission, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return a fingerprint of 32 hexadecimal digits for each of `findings`, in their order.

    It holds the fault, the text of its line, and which of several such it is in the order of the
    reply, so that all of one reply are distinct; neither the line's number nor the reply's name is
    in it. Findings set aside have to be given too, or those after them are counted anew.
    """
    lines: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    made = [""] * len(findings)
    for index in sorted(range(len(findings)), key=lambda each: _order(findings[each])):
        finding = findings[index]
        same = f"{fault(finding)}\n{' '.join(_line(submission, finding, lines).split())}"
        seen[same] += 1
        said = f"{VERSION}\n{same}\n{seen[same]}".encode("utf-8", "replace")
        made[index] = sha256(said).hexdigest()[:_HEX_DIGITS]
    return tuple(made)


def _order(finding: Finding) -> tuple[int, int]:
    return finding.location.reply_line or 0, finding.location.line or 0


def _line(submission: Submission, finding: Finding, lines: dict[str, list[str]]) -> str:
    """Return the line a finding is about, of the program or else of the reply."""
    path, number = finding.location.path, finding.location.line
    file = submission.file(path)
    if file is not None and number is not None:
        if file.path not in lines:
            lines[file.path] = split_lines(file.text)
        return _nth(lines[file.path], number)
    if finding.location.reply_line is not None:
        return _nth(submission.reply.lines, finding.location.reply_line)
    return ""


def _nth(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 1 <= number <= len(lines) else ""
