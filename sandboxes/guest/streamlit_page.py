"""Run a Streamlit script as a visitor's session would, and tell what its page holds.

`streamlit run` serves a frame of a page and runs the script only when a browser connects; Streamlit
ships `AppTest` to be that browser. A version without it runs the script bare.
"""

from __future__ import annotations

import os
import re
import sys
import time

RUN_SECONDS = 60
"""Of one run of the script; the job's own deadline comes first."""
MAX_BUTTONS = 6
PRESS_SECONDS = 5.0
"""After that no further button is clicked: each runs the whole script again."""


def around(execute: object, _: dict, job: dict, channel: object) -> object:
    """Return what stands in for `execute`: a session of the page."""

    def visited() -> None:
        # Bare of a server, Streamlit logs every step it takes.
        os.environ.setdefault("STREAMLIT_LOGGER_LEVEL", "error")
        try:
            from streamlit.testing.v1 import AppTest
        except ImportError:
            execute()
            return
        began = time.monotonic()
        path = os.path.join(job["paths"]["work"], job["entry_point"])
        page = AppTest.from_file(path, default_timeout=RUN_SECONDS).run()
        _tell(page, channel)
        buttons = len(page.button) if not page.exception else 0
        for number in range(min(buttons, MAX_BUTTONS)):
            label = str(page.button[number].label)
            page.button[number].click().run()
            channel.tell("observed", kind="button", label=label[:80])
            late = time.monotonic() - began > PRESS_SECONDS
            if late or page.exception or number + 1 >= len(page.button):
                break
        _raise(page, job, channel)

    return visited


def _tell(page: object, channel: object) -> None:
    """Tell how much is on the page, as it first stood."""
    if not page.exception:
        elements = sum(1 for _ in page.main) + sum(1 for _ in page.sidebar)
        channel.tell("observed", kind="page", elements=elements)


def _raise(page: object, job: dict, channel: object) -> None:
    """End as the script ended: Streamlit shows an exception on the page and goes on."""
    for shown in page.exception:
        told = getattr(shown, "proto", shown)
        trace, message = "\n".join(shown.stack_trace), str(shown.message)
        kind = getattr(told, "type", "") or "Exception"
        channel.tell(
            "crashed",
            type=kind,
            message=message[:2000],
            frames=_frames(trace, job["paths"]["work"]),
        )
        print(f"{trace}\n{kind}: {message}", file=sys.stderr, flush=True)
        sys.exit(1)


def _frames(trace: str, work: str) -> list:
    """Return the entries of a traceback that was shown as text, outermost first."""
    found = re.findall(r'File "([^"]+)", line (\d+), in (.+)', trace)
    return [[path.removeprefix(f"{work}/"), int(line), name] for path, line, name in found]
