"""Run a Streamlit script as a visitor's session would, and tell what its page holds.

`streamlit run` serves a frame of a page and runs the script only when a browser connects; Streamlit
ships `AppTest` to be that browser. A version without it runs the script bare.
"""

from __future__ import annotations

import os

RUN_SECONDS = 60
"""Of one run of the script; the job's own deadline comes first."""
MAX_BUTTONS = 6


def around(execute: object, _: dict, job: dict, channel: object) -> object:
    """Return what stands in for `execute`: a session of the page."""

    def visited() -> None:
        try:
            from streamlit.testing.v1 import AppTest
        except ImportError:
            execute()
            return
        path = os.path.join(job["paths"]["work"], job["entry_point"])
        page = AppTest.from_file(path, default_timeout=RUN_SECONDS).run()
        _tell(page, channel)
        buttons = len(page.button) if not page.exception else 0
        for number in range(min(buttons, MAX_BUTTONS)):
            label = str(page.button[number].label)
            page.button[number].click().run()
            channel.tell("observed", kind="button", label=label[:80])
            if page.exception or number + 1 >= len(page.button):
                break
        _raise(page, job)

    return visited


def _tell(page: object, channel: object) -> None:
    """Tell how much is on the page, as it first stood."""
    if not page.exception:
        elements = sum(1 for _ in page.main) + sum(1 for _ in page.sidebar)
        channel.tell("observed", kind="page", elements=elements)


def _raise(page: object, job: dict) -> None:
    """End as the script ended: Streamlit shows an exception on the page and goes on."""
    for shown in page.exception:
        trace = "\n".join(shown.stack_trace)
        print(f"{trace}\n{shown.value}", flush=True)
        raise PageError(f"{shown.value}", _lines(trace, job))


class PageError(Exception):
    """What the page showed in place of what it was to show."""

    def __init__(self, message: str, lines: list) -> None:
        """Keep `lines`, the program's own in the traceback that was shown."""
        super().__init__(message)
        self.lines = lines


def _lines(trace: str, job: dict) -> list:
    import re

    work = re.escape(job["paths"]["work"])
    return [(path, int(line)) for path, line in re.findall(rf'"{work}/([^"]+)", line (\d+)', trace)]
