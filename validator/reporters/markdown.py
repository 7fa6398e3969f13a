"""Reports as one Markdown page: what GitHub shows as the summary of a step.

Whatever is not ours stands in code spans, in which nothing is a link, an image, a mention or HTML.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from validator.findings import Severity, Verdict
from validator.reporters import excerpt, wording
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.findings import Finding, Report

ROWS_SHOWN = 500
"""Replies in the table, those that failed before all others."""
SECTIONS_SHOWN = 50
"""Replies whose findings are listed: GitHub takes a summary of 1 MiB at most."""
FINDINGS_SHOWN = 20
_WORDS = {
    Verdict.FAILED: "**failed**",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.PASSED: "passed",
}
_BACKTICKS = re.compile(r"`+")


def render_all(reports: Iterable[Report]) -> str:
    """Return a page with the counts, a table of the replies, and what is wrong with each."""
    page = Summary()
    for report in reports:
        page.add(report)
    return str(page)


@dataclass(slots=True)
class Summary:
    """The page in the making; of most replies it keeps a line, of some their findings."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    _rows: dict[Verdict, list[str]] = field(default_factory=dict)
    _sections: list[str] = field(default_factory=list)
    _left_out: int = 0

    def add(self, report: Report) -> None:
        """Take a report in."""
        self.verdicts[report.verdict] += 1
        rows = self._rows.setdefault(report.verdict, [])
        if len(rows) < ROWS_SHOWN:
            rows.append(_row(report))
        if report.verdict is Verdict.PASSED and not report.findings and not report.suppressed:
            return
        if len(self._sections) < SECTIONS_SHOWN:
            self._sections.append("\n".join(_section(report)))
        else:
            self._left_out += 1

    def __str__(self) -> str:
        """Return the page; it ends with a line end."""
        total = self.verdicts.total()
        counts = ", ".join(
            f"{self.verdicts[each]} {each}" for each in _WORDS if self.verdicts[each]
        )
        replies = "reply" if total == 1 else "replies"
        lines = [f"## Reply Validator: {total} {replies}" + (f", {counts}" if counts else "")]
        rows = [row for verdict in _WORDS for row in self._rows.get(verdict, ())]
        if rows:
            lines += ["", "| verdict | reply | found | seconds |", "| --- | --- | --- | ---: |"]
            lines += rows[:ROWS_SHOWN]
        if total > ROWS_SHOWN:
            lines += ["", f"And {total - ROWS_SHOWN} more."]
        for section in self._sections:
            lines += ["", section]
        if self._left_out:
            lines += ["", f"What was found in {self._left_out} more is not listed here."]
        return "\n".join(lines) + "\n"


def _row(report: Report) -> str:
    origin = code(report.submission.reply.origin, 200, in_table=True)
    found = wording.counts(report.findings)
    seconds = f"{report.seconds.total:.1f}"
    return f"| {_WORDS[report.verdict]} | {origin} | {found} | {seconds} |"


def _section(report: Report) -> Iterator[str]:
    yield f"### {_WORDS[report.verdict].strip('*')}: {code(report.submission.reply.origin, 200)}"
    yield ""
    if report.reason:
        yield f"{code(report.reason, 600)}\n"
    for missing in report.missing:
        remedy = f"; to have it: {code(missing.remedy)}" if missing.remedy else ""
        yield f"- {missing.stage} was not done: {code(missing.reason)}{remedy}"
    for each in report.findings[:FINDINGS_SHOWN]:
        yield from _finding(report, each)
    more = len(report.findings) - FINDINGS_SHOWN
    if more > 0:
        yield f"- and {more} more"
    for each in report.suppressed[:FINDINGS_SHOWN]:
        if each.set_aside is not None:
            why = f"{each.set_aside.by}: {code(each.set_aside.reason)}"
            yield f"- set aside: {each.code} {each.name}{_where(report, each)} ({why})"


def _finding(report: Report, finding: Finding) -> Iterator[str]:
    severity = "**error**" if finding.severity is Severity.ERROR else finding.severity.value
    head = f"- {severity} {finding.code} {finding.name}{_where(report, finding)}"
    yield f"{head}: {code(finding.message, 600)}"
    if finding.hint:
        yield f"  - hint: {code(finding.hint, 600)}"


def _where(report: Report, finding: Finding) -> str:
    place = excerpt.place(report.submission, finding.location)
    return f" at {code(str(place), 200)}" if place else ""


def code(text: str, limit: int = 300, *, in_table: bool = False) -> str:
    """Return untrusted text as a code span, of which it cannot get out."""
    line = one_line(text, limit).strip() or " "
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    # Cells are told apart before code spans are, so that a bar needs its escape in them too.
    line = line.replace("\\|", "\\ |").replace("|", "\\|") if in_table else line
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
