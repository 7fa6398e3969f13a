"""Wait until a program listens, ask it for its front page, and say what came back.

Usage: watch_port.py READY_FD EVENTS_FD TOKEN. The jail's network is its own loopback and nothing
else, so whatever listens there is the program.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time

LOOK_SECONDS = 0.05
LISTENING = "0A"
"""TCP_LISTEN as /proc/net/tcp writes it (include/net/tcp_states.h)."""
ANSWER_SECONDS = 3.0
MAX_BODY_BYTES = 64 << 10


def main() -> None:
    """Watch until the program has answered, or the jail ends."""
    ready, events, token = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.close(ready)
    while not (ports := listening()):
        time.sleep(LOOK_SECONDS)
    for port in ports[:4]:
        tell(events, token, event="observed", kind="port", port=port)
        tell(events, token, event="observed", **ask(port))
    tell(events, token, event="seen-enough")


def listening() -> list:
    """Return the TCP ports something in this jail listens on."""
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTENING}
    return sorted(ports)


def ask(port: int) -> dict:
    """Return what the program answers to `GET /`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        size = len(response.read(MAX_BODY_BYTES))
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        return {"kind": "response", "path": "/", "status": None, "error": str(error) or repr(error)}
    finally:
        connection.close()
    content = response.getheader("content-type", "")
    return {
        "kind": "response", "path": "/", "status": response.status,
        "content_type": content, "body_bytes": size,
    }  # fmt: skip


def tell(events: int, token: str, **fields: object) -> None:
    """Send one event."""
    os.write(events, json.dumps({**fields, "token": token, "size": 0}).encode() + b"\n")


main()
