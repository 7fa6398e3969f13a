"""Reports shown as they come, or in one document, or as a folder of pages."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO, TYPE_CHECKING, TextIO

from validator.commands import outcome
from validator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from validator.findings import Report
    from validator.reporters import Site
    from validator.summary import Row, Summary

SUMMARISED = "text"
"""The one format that ends in what several reports come to; the others are for programs."""


def show(
    options: argparse.Namespace,
    reports: Iterable[Report],
    *,
    several: bool,
    row_of: Callable[[Report], Row],
) -> Iterator[Report]:
    """Show reports as `--format`, `--output` and `--also` say, and yield each once it is shown.

    `row_of` says what a summary needs of each. Where the user interrupts, what streams and what is
    a folder end in what the reports came to so far; a document of all of them is not written, as it
    would be taken for one.

    Raises:
        UsageError: the output cannot be written.
    """
    shown = _shown(options, reports, several=several, row_of=row_of)
    for name, path in options.also:
        # Around what is shown first, which is not kept waiting for a document of all reports.
        other = argparse.Namespace(format=name, output=path)
        shown = _shown(other, shown, several=several, row_of=row_of)
    return shown


def _shown(
    options: argparse.Namespace,
    reports: Iterable[Report],
    *,
    several: bool,
    row_of: Callable[[Report], Row],
) -> Iterator[Report]:
    from validator import reporters

    site = dict(reporters.SITES).get(options.format)
    document = dict(reporters.DOCUMENTS).get(options.format)
    if site is not None and several:
        yield from _as_site(site, options.output, reports, row_of)
    elif document is not None:
        with _opened(options.output) as stream:
            kept = list(reports)
            stream.write(_ended(document(kept)))
        yield from kept
    else:
        with _opened(options.output) as stream:
            render = _renderer(options, several=several)
            if several and options.format == SUMMARISED:
                yield from _with_totals(render, reports, stream, row_of)
            else:
                gap = "" if options.format == "json" else "\n"
                yield from _one_by_one(render, reports, stream, gap=gap)


def _one_by_one(
    render: Callable[[Report], str], reports: Iterable[Report], stream: TextIO, *, gap: str
) -> Iterator[Report]:
    for number, report in enumerate(reports):
        stream.write((gap if number else "") + _ended(render(report)))
        stream.flush()
        yield report


def _with_totals(
    render: Callable[[Report], str],
    reports: Iterable[Report],
    stream: TextIO,
    row_of: Callable[[Report], Row],
) -> Iterator[Report]:
    from validator.reporters import totals
    from validator.summary import Tally

    tally = Tally()

    def counted() -> Iterator[Report]:
        for report in reports:
            tally.add(row_of(report))
            yield report

    try:
        yield from _one_by_one(render, counted(), stream, gap="\n")
    except KeyboardInterrupt:
        stream.write(f"\n{totals.render(tally.summary())}")
        raise
    stream.write(f"\n{totals.render(tally.summary())}")


def _renderer(options: argparse.Namespace, *, several: bool) -> Callable[[Report], str]:
    from validator import reporters

    if options.format == "text":
        colored, width = outcome.color(options.output), outcome.width()
        return lambda report: reporters.text.render(report, color=colored, width=width)
    site = dict(reporters.SITES).get(options.format)
    render = site.page if site is not None else dict(reporters.RENDERERS)[options.format]
    if options.format == "json" and several:
        # One reply is one object; several are one object a line, so that each can be read alone.
        return lambda report: json.dumps(json.loads(render(report)), ensure_ascii=False)
    return render


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """Open what the user named for writing, or lend standard output."""
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


# ── a folder of pages ────────────────────────────────────────────────────────────────────────────


def _as_site(
    site: Site,
    folder: Path | None,
    reports: Iterable[Report],
    row_of: Callable[[Report], Row],
) -> Iterator[Report]:
    import pickle
    from tempfile import TemporaryFile

    from validator.summary import Tally

    if folder is None:
        raise UsageError("several replies make a folder of pages: --output names it")
    writer, tally = Pages(folder, site), Tally()
    # The index begins with what all of them come to: until that is known the rows wait on disk.
    with TemporaryFile() as waiting:
        try:
            for number, report in enumerate(reports, 1):
                made = replace(row_of(report), page=writer.write(str(number), report))
                tally.add(made)
                pickle.dump(made, waiting)
                yield report
        finally:
            waiting.seek(0)
            writer.finish(_unpickled(waiting), tally.summary())


def _unpickled(stream: IO[bytes]) -> Iterator[Row]:
    import pickle

    with suppress(EOFError):
        while True:
            yield pickle.load(stream)  # noqa: S301 - our own, in a file without a name


class Pages:
    """A folder with a page for each reply, and an index of them."""

    def __init__(self, folder: Path, site: Site, *, commands: bool = True) -> None:
        """Make the folder; `commands` says that the replies are files to name in commands.

        Raises:
            UsageError: it cannot be made.
        """
        self._folder = folder
        self._site = site
        self._commands = commands
        try:
            (folder / "replies").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}") from None

    def write(self, key: str, report: Report) -> str:
        """Write the page of a reply, and return where it is, relative to the index.

        `key` is a number of ours: an id is the user's, and may be no file name.
        """
        page = self._site.page(report, index="../index.html", commands=self._commands)
        outcome.write(self._folder / _page_of(key), (page,))
        return _page_of(key)

    def of(self, key: str) -> str | None:
        """Return where the page of a reply is; None where there is none."""
        return _page_of(key) if (self._folder / _page_of(key)).is_file() else None

    def finish(self, rows: Iterable[Row], summary: Summary) -> None:
        """Write the index, a row at a time."""
        outcome.write(self._folder / "index.html", self._site.index(rows, summary))


def _page_of(key: str) -> str:
    return f"replies/{key}.html"
