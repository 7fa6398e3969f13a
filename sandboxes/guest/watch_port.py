"""Wait until a program listens, ask it for its pages, and say what came back.

Usage: watch_port.py READY_FD EVENTS_FD TOKEN [ROUTES, one a line [SETTLE_SECONDS]]. The jail's
network is its own loopback and nothing else, so whatever listens there is the program.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import time

# -I keeps a script's own folder off sys.path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import browsers
import routes

LOOK_SECONDS = 0.05
LISTENING, BOUND = "0A", "07"
"""TCP_LISTEN and TCP_CLOSE as /proc/net writes them (include/net/tcp_states.h); the second is the
state of every datagram socket that is bound and not connected."""
FIRST_EPHEMERAL = 32768
"""From here on the kernel gives ports to who only sends (ip_local_port_range)."""
ANSWER_SECONDS = 3.0
FIRST_ANSWER_SECONDS = 9.0
"""For the first page of a program that is known to have pages: it may load half of itself then."""
DATAGRAM_SECONDS = 0.5
MAX_BODY_BYTES = 64 << 10
MAX_DESCRIPTION_BYTES = 1 << 20
MAX_PORTS = 4
PATIENCE = 3
"""How many pages in a row may stay without an answer before a port is given up."""


def main() -> None:
    """Watch until the program has answered, or the jail ends."""
    ready, events, token = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    known = sys.argv[4].split("\n") if sys.argv[4:] and sys.argv[4] else []
    os.close(ready)
    settle_seconds = float(sys.argv[5]) if sys.argv[5:] else 0.0
    while not (ports := listening()) and not bound():
        time.sleep(LOOK_SECONDS)
    for port in ports[:MAX_PORTS]:
        tell(events, token, event="observed", kind="port", port=port)
    for port in [] if ports else bound()[:MAX_PORTS]:
        tell(events, token, event="observed", kind="port", port=port, protocol="udp")
        time.sleep(settle_seconds)
        send(port)
    if ports:
        time.sleep(settle_seconds)
    for port in ports[:MAX_PORTS]:
        visit(port, known, lambda data=b"", **fields: tell(events, token, data, **fields))
    tell(events, token, event="seen-enough")


def send(port: int) -> None:
    """Send a datagram, and give the program the time to stumble over it or to answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(DATAGRAM_SECONDS)
        try:
            sender.sendto(b"hello", ("127.0.0.1", port))
            sender.recv(1024)
        except OSError:
            pass  # not everything answers


def listening() -> list:
    """Return the TCP ports something in this jail listens on."""
    return _ports(("/proc/net/tcp", "/proc/net/tcp6"), LISTENING)


def bound() -> list:
    """Return the UDP ports something in this jail has chosen to be sent datagrams at."""
    found = _ports(("/proc/net/udp", "/proc/net/udp6"), BOUND)
    return [port for port in found if port < FIRST_EPHEMERAL]


def _ports(tables: tuple, state: str) -> list:
    ports = set()
    for table in tables:
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == state}
    return sorted(ports)


def visit(port: int, known: list, say: object) -> None:
    """Ask for the front page, then for everything the code or the program itself says it serves."""
    first, data = ask(
        port, "GET", "/", b"", seconds=FIRST_ANSWER_SECONDS if known else ANSWER_SECONDS
    )
    say(event="observed", **first)
    kept = _keep_page(first, data, say, False)
    if first["status"] is None:
        return  # no HTTP is spoken here
    silent = 0
    for method, path, body in routes.requests(known, _described(port)):
        if (method, path) == ("GET", "/"):
            continue
        answer, data = ask(port, method, path, body)
        say(event="observed", **answer)
        kept = _keep_page(answer, data, say, kept)
        silent = silent + 1 if answer["status"] is None else 0
        if silent >= PATIENCE:
            return


def _keep_page(answer: dict, data: bytes, say: object, kept: bool) -> bool:
    if kept or answer["status"] != 200 or "html" not in answer["content_type"]:
        return kept
    say(data, event="artifact", path="page.html", kind="page")
    if browsers.find():
        say(event="observed", kind="browser")
    return True


def _described(port: int) -> list:
    """Return the requests a program's own `/openapi.json` describes; none where it has none."""
    answer, data = ask(port, "GET", "/openapi.json", b"", MAX_DESCRIPTION_BYTES)
    if answer["status"] != 200 or "json" not in answer["content_type"]:
        return []
    try:
        return routes.from_openapi(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []  # not the description it is named like


def ask(
    port: int, method: str, path: str, body: bytes, most: int = MAX_BODY_BYTES,
    seconds: float = ANSWER_SECONDS,
) -> tuple:  # fmt: skip
    """Return what the program answers to one request, and the beginning of its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    told = {"kind": "response", "method": method, "path": path, "status": None, "content_type": ""}
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        data = response.read(most)
    except (TimeoutError, OSError, ValueError, http.client.HTTPException) as error:
        return {**told, "error": (str(error) or repr(error))[:300]}, b""
    finally:
        connection.close()
    content = response.getheader("content-type") or ""
    found = {"status": response.status, "content_type": content[:200], "body_bytes": len(data)}
    return {**told, **found}, data


def tell(events: int, token: str, data: bytes = b"", **fields: object) -> None:
    """Send one event."""
    line = json.dumps({**fields, "token": token, "size": len(data)}).encode() + b"\n" + data
    view = memoryview(line)
    os.lockf(events, os.F_LOCK, 0)  # the program's runner writes there too
    while view:
        view = view[os.write(events, view) :]
    os.lockf(events, os.F_ULOCK, 0)


if __name__ == "__main__":
    main()
