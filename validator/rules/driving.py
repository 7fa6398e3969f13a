"""RV210, RV408, RV409, RV412 and RV417: what driving a program as a person would has shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import WORK
from validator.findings import Location, Severity
from validator.rules import excuses, noise
from validator.rules.crash import said_network
from validator.rules.rule import Evidence, Example, Rule, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from validator.facts import Run
    from validator.findings import Finding

MAX_FAILURES = 10
"""Of tests, or of pages: those after them are counted."""


class MissingAsset(Rule):
    """A file the program reads is not in the reply.

    ## What it does
    Reports images, sounds, fonts and files of data that the run came to grief over. Where a
    generated file can stand for one, it is laid beside the program and the rest is exercised;
    `--no-placeholder-assets` leaves that.

    ## Why it matters
    Whoever runs the program as the reply gives it does not have the file either.

    ## What to do
    Draw or make what the file would hold, or say where it is to be had.
    """

    code = "RV210"
    name = "missing-asset"
    severity = Severity.WARNING
    example = Example(bad='print(open("scores.csv").read())\n', good='print("no file is needed")\n')

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each file that was missing."""
        run = evidence.run
        if run is None:
            return
        for seen in run.observations:
            if seen.kind == "placeholder":
                path = str(seen.fields.get("path", ""))
                message = f"{quoted(path)} is not in the reply; a generated file stood for it"
                yield self._finding(evidence, path, message)
        path = excuses.missing_file(evidence) or ""
        if path:
            yield self._finding(evidence, path, f"{quoted(path)} is not in the reply")

    def _finding(self, evidence: Evidence, path: str, message: str) -> Finding:
        hint = "Put what it holds into the program, or do without it."
        return self.find(message, _mention(evidence, path), hint=hint)


def _mention(evidence: Evidence, path: str) -> Location:
    """Return the first line of the program that names a file."""
    name = path.rpartition("/")[2]
    for file in evidence.submission.files:
        for number, line in enumerate(file.text.split("\n"), 1):
            if name and name in line:
                return evidence.at(file.path, number)
    return evidence.at(evidence.submission.entry_point, None)


class IgnoresClose(Rule):
    """The window was closed, and the program went on.

    ## What it does
    Reports a program that was still running 2 s after its window was asked to close.

    ## Why it matters
    Nobody can end it but by killing it.

    ## What to do
    Leave the main loop on the event that closes the window, and end what still runs beside it.
    """

    code = "RV408"
    name = "ignores-close"
    severity = Severity.WARNING
    example = Example(
        bad="import pygame\n\npygame.init()\nscreen = pygame.display.set_mode((9, 9))\n"
        "while True:\n    pygame.event.get()\n    pygame.display.flip()\n",
        good="import pygame\n\npygame.init()\nscreen = pygame.display.set_mode((9, 9))\n"
        "running = True\nwhile running:\n    for event in pygame.event.get():\n"
        "        running = event.type != pygame.QUIT\n    pygame.display.flip()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where a window was closed and the run had to be stopped for it."""
        run = evidence.run
        if run is not None and any(each.kind == "ignored-close" for each in run.observations):
            place = evidence.at(evidence.submission.entry_point, None)
            message = "its window was closed, and it went on for 2 s"
            yield self.find(message, place, hint="End the main loop when the window is closed.")


_TRACE = "Traceback (most recent call last):"
_WORK_FRAME = re.compile(rf'\s*File "{WORK}([^"]+)", line (\d+)')
_RAISED = re.compile(r"\w[\w.]*(?:: .*)?$")
_LOOKED_UP = ("KeyError", "IndexError", "ValueError", "StopIteration")


class ServerError(Rule):
    """A page of the server fails.

    ## What it does
    Asks the server for the pages its code names, with plain values for parameters, and reports the
    answers of 500 and more, at the line the server's own log points to. Where the page failed over
    a value that we made up, that is a warning.

    ## Why it matters
    Whoever opens the page sees an error.

    ## What to do
    Mend the handler; answer what cannot be found with 404.
    """

    code = "RV409"
    name = "server-error"
    example = Example(
        bad="from flask import Flask\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/")\ndef home():\n    return 1 / 0\n',
        good="from flask import Flask\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/")\ndef home():\n    return "hello"\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each place pages failed at."""
        run = evidence.run
        if run is None:
            return
        failed = [each.fields for each in run.observations if _is_server_error(each.fields)]
        traces = _logged(run)
        told: set[tuple[str | None, int | None]] = set()
        for number, response in enumerate(failed):
            words, path, line = traces[min(number, len(traces) - 1)] if traces else ("", None, None)
            if (path, line) in told or len(told) >= MAX_FAILURES:
                continue
            told.add((path, line))
            yield self._finding(evidence, response, words, (path, line))

    def _finding(
        self,
        evidence: Evidence,
        response: Mapping[str, Any],
        words: str,
        place: tuple[str | None, int | None],
    ) -> Finding:
        asked = f"{response.get('method', 'GET')} {response.get('path', '/')}"
        message = f"{quoted(asked)} was answered with {response.get('status')}"
        where = evidence.at(*place) if place[0] else _mention_route(evidence, response)
        assert evidence.run is not None
        return self.find(
            f"{message}: {words}" if words else message,
            where,
            severity=_weight(evidence, response, words, evidence.run),
            hint="Mend the handler of that page.",
        )


def _is_server_error(fields: Mapping[str, Any]) -> bool:
    status = fields.get("status")
    # 501 answers a method the server never said it knows (RFC 9110, 15.6.2): XML-RPC knows no GET.
    return isinstance(status, int) and status >= 500 and status != 501 and "path" in fields


def _logged(run: Run) -> list[tuple[str, str | None, int | None]]:
    """Return the last line and the program's own innermost place of each logged traceback."""
    found: list[tuple[str, str | None, int | None]] = []
    place: tuple[str | None, int | None] = (None, None)
    inside = False
    for line in noise.clean(run.stderr).split("\n"):
        if line.endswith(_TRACE):
            inside, place = True, (None, None)
        elif inside and (frame := _WORK_FRAME.match(line)):
            place = frame[1], int(frame[2])
        elif inside and _RAISED.match(line):
            found.append((" ".join(line.split())[:200], *place))
            inside = False
    return [each for each in found if each[1]] or found


def _weight(
    evidence: Evidence, response: Mapping[str, Any], words: str, run: Run
) -> Severity | None:
    """Return what a failed page weighs: an error where the fault can only be the program's."""
    if said_network(run):
        return Severity.NOTE
    plain = any(f'"{response.get("path")}"' in file.text or f"'{response.get('path')}'" in file.text
                for file in evidence.submission.files)  # fmt: skip
    made_up = not plain or response.get("method", "GET") != "GET"
    doubtful = words.split(":")[0] in _LOOKED_UP or "NoneType" in words
    return Severity.WARNING if not words or (made_up and doubtful) else None


def _mention_route(evidence: Evidence, response: Mapping[str, Any]) -> Location:
    path = str(response.get("path", ""))
    for file in evidence.submission.files:
        for number, line in enumerate(file.text.split("\n"), 1):
            if f'"{path}"' in line or f"'{path}'" in line:
                return evidence.at(file.path, number)
    return evidence.at(evidence.submission.entry_point, None)


class TestsFailed(Rule):
    """A test of the reply's own fails.

    ## What it does
    Runs the tests the reply holds and reports each that failed, at the line that says so.

    ## Why it matters
    The program does not do what the reply itself says it does.

    ## What to do
    Mend the program, or the test where that is what is wrong.
    """

    code = "RV412"
    name = "tests-failed"
    example = Example(
        bad="def twice(x):\n    return x + 2\n\n\ndef test_twice():\n    assert twice(3) == 6\n",
        good="def twice(x):\n    return x * 2\n\n\ndef test_twice():\n    assert twice(3) == 6\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each test that failed."""
        failed = failed_cases(evidence.run)
        for fields in failed[:MAX_FAILURES]:
            path, line = fields.get("path"), fields.get("line")
            known = isinstance(path, str) and isinstance(line, int)
            place = evidence.at(path, line) if known else _mention_test(evidence, fields)
            said = " ".join(str(fields.get("message", "")).split())
            name = quoted(str(fields.get("name", "")))
            yield self.find(f"the test {name} failed: {said}"[:400], place)
        if len(failed) > MAX_FAILURES:
            place = evidence.at(evidence.submission.entry_point, None)
            yield self.find(f"{len(failed) - MAX_FAILURES} more tests failed", place)


def failed_cases(run: Run | None) -> list[Mapping[str, Any]]:
    """Return what was seen of each test that failed."""
    seen = run.observations if run else ()
    bad = ("failed", "error")
    return [
        each.fields for each in seen if each.kind == "case" and each.fields.get("outcome") in bad
    ]


def _mention_test(evidence: Evidence, fields: Mapping[str, Any]) -> Location:
    name = re.split(r"[.:\[]+", str(fields.get("name", "")))[-1]
    return _mention(evidence, f"def {name}(") if name else Location()


_PLAIN_BUGS = ("NameError", "AttributeError", "TypeError", "ImportError", "UnboundLocalError")
_STUMBLES = ("ZeroDivisionError", "IndexError", "RecursionError")
"""What an example may be there to show, and a reply that has it do so names."""


class UsageFailed(Rule):
    """The example of its use that the reply shows does not work.

    ## What it does
    Runs the example after the library it belongs to. An exception that can only be a slip is an
    error, and so is a division by zero, an index out of range or a recursion without end in the
    library that the reply does not speak of. Another may be what the example is there to show, and
    is a warning.

    ## Why it matters
    It is the first thing a reader tries.

    ## What to do
    Mend the example, or what it calls.
    """

    code = "RV417"
    name = "usage-failed"
    example = Example(
        bad="```python\ndef area(w, h):\n    return w * h\n```\n\nUse it so:\n\n"
        "```python\nprint(area(3, heigth=4))\n```\n",
        good="```python\ndef area(w, h):\n    return w * h\n```\n\nUse it so:\n\n"
        "```python\nprint(area(3, h=4))\n```\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the example raised."""
        for seen in evidence.run.observations if evidence.run else ():
            if seen.kind != "usage" or seen.fields.get("outcome") != "raised":
                continue
            kind, path = str(seen.fields.get("type", "")), seen.fields.get("path")
            line = seen.fields.get("line")
            own = isinstance(path, str) and evidence.submission.file(path) is not None
            place = evidence.at(path, line) if own and isinstance(line, int) else Location()
            said = " ".join(str(seen.fields.get("message", "")).split())
            yield self.find(
                f"the example of its use ends with {kind}: {said}"[:300],
                place,
                severity=None if _is_slip(evidence, kind, own=own) else Severity.WARNING,
                hint="Mend the example, or what it calls.",
            )


def _is_slip(evidence: Evidence, kind: str, *, own: bool) -> bool:
    """Tell whether an example cannot be there to raise that, `own` where the program did."""
    told = any(kind in part.text for part in evidence.submission.reply.parts)
    return kind in _PLAIN_BUGS or (own and kind in _STUMBLES and not told)


DRIVING_RULES: tuple[type[Rule], ...] = (
    MissingAsset,
    IgnoresClose,
    ServerError,
    TestsFailed,
    UsageFailed,
)
