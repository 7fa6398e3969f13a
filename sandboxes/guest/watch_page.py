"""Wait until a program serves a page, and take a picture of it.

Usage: watch_page.py READY_FD EVENTS_FD TOKEN PATH [SETTLE_SECONDS]. Stands in a run that is made
for the picture alone: what the program does in it is told to nobody.
"""

from __future__ import annotations

import os
import sys
import time

# -I keeps a script's own folder off sys.path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import browsers
import watch_port


def main() -> None:
    """Watch until there is a picture or cannot be one, or the jail ends."""
    ready, events, token, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    os.close(ready)
    while not watch_port.listening():
        time.sleep(watch_port.LOOK_SECONDS)
    time.sleep(float(sys.argv[5]) if sys.argv[5:] else 0.0)
    port = find(path)
    data = browsers.picture(f"http://127.0.0.1:{port}{path}") if port else b""
    if data:
        watch_port.tell(events, token, data, event="artifact", path="page.png", kind="rendering")
    watch_port.tell(events, token, event="seen-enough")


def find(path: str) -> int | None:
    """Return the port that has a page of HTML there."""
    for port in watch_port.listening()[: watch_port.MAX_PORTS]:
        seconds = watch_port.FIRST_ANSWER_SECONDS
        answer, _ = watch_port.ask(port, "GET", path, b"", seconds=seconds)
        if answer["status"] == 200 and "html" in answer["content_type"]:
            return port
    return None


if __name__ == "__main__":
    main()
