"""What the supervisor keeps of a running program: output, events, use of the machine."""

from __future__ import annotations

import json
import os
import time

MAX_EVENT_BYTES = 48 << 20
"""Of all events of a run together; eight full-HD screenshots are about 20 MiB."""
MAX_EVENTS = 50_000
"""Of a run, junk included: a pixel of every frame would be fewer; each costs us microseconds."""
MAX_LINE_BYTES = 256 << 10
MAX_OBSERVATION_BYTES = 4 << 20
MAX_OBSERVATIONS = 500
CLOSE_SECONDS = 2.0
"""How long a program may take to end after its window was closed."""
SAMPLE_SECONDS = 0.04
PULSE_SECONDS = 1.0
"""How far back a pulse looks: what a program did before that does not tell what it does now."""
BUSY_SHARE = 0.1
"""Of one processor: a clock that ticks in an idle window needs less, a loop all it can get."""
INODE_BYTES = 1024
"""What a file without content costs the kernel in a tmpfs: an inode and a name (slabinfo)."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Capture:
    """A stream cut to size: its beginning and its end are kept, the middle is counted."""

    def __init__(self, kept_bytes: int) -> None:
        """Keep at most `kept_bytes`: three quarters from the beginning, the rest from the end."""
        self.head_bytes = kept_bytes * 3 // 4
        self.tail_bytes = kept_bytes - self.head_bytes
        self.head = bytearray()
        self.tail = bytearray()
        self.total = 0

    def take(self, data: bytes) -> None:
        """Add what the program wrote."""
        self.total += len(data)
        room = self.head_bytes - len(self.head)
        self.head += data[:room]
        self.tail += data[max(room, 0) :]
        if len(self.tail) > self.tail_bytes:
            del self.tail[: -self.tail_bytes]

    def bytes(self) -> bytes:
        """Return what was kept, with a line that says how much is left out between."""
        left_out = self.total - len(self.head) - len(self.tail)
        if not left_out:
            return bytes(self.head + self.tail)
        return bytes(self.head) + b"\n[... %d bytes left out ...]\n" % left_out + bytes(self.tail)


class Events:
    """What runner and watchers reported, checked line by line: a program may write there too."""

    def __init__(self, token: str, seal: bytes) -> None:
        """Heed only lines that carry `token`; `seal` alone says that the program completed."""
        self.token = token
        self.seal = seal
        self.crash: dict | None = None
        self.status: int | None = None
        """What the program left with by `sys.exit`, told before the kernel tells the same."""
        self._sealed = self._forged = False
        self._driven = False
        self._closed: dict | None = None
        self.close_by = float("inf")
        self.enough = False
        """True once a watcher has seen what there is to see: what is left is to stop it."""
        self.flooded = False
        self._buffer = bytearray()
        self._total = self._count = self._observed_bytes = 0
        self._pending: tuple | None = None
        self._artifacts: dict = {}
        self._observations: list = []
        self._replaced: dict = {}

    @property
    def completed(self) -> bool:
        """True where the seal came, nobody had guessed at it, and no crash was told before it."""
        return self._sealed and not self._forged and self.crash is None

    def take(self, data: bytes) -> None:
        """Add bytes as they came, in pieces of any size."""
        self._total += len(data)
        if self._total > MAX_EVENT_BYTES:
            self.flooded = True
            return
        self._buffer += data
        at = 0
        while not self.flooded and (after := self._next(at)) != at:
            at = after
            self._count += 1
            self.flooded = self._count > MAX_EVENTS
        del self._buffer[:at]
        if self._pending is None and len(self._buffer) > MAX_LINE_BYTES:
            self._buffer.clear()  # no line of ours is that long

    def _next(self, at: int) -> int:
        """Take one line or body from `at` on; return where it ends, or `at` where it has not."""
        if self._pending is not None:
            header, size = self._pending
            if len(self._buffer) - at < size:
                return at
            self._pending = None
            self._heed(header, bytes(self._buffer[at : at + size]))
            return at + size
        end = self._buffer.find(b"\n", at)
        if end < 0:
            return at
        line = bytes(self._buffer[at:end])
        if len(line) == len(self.seal) and not line.startswith(b"{"):
            self._sealed |= line == self.seal
            self._forged |= line != self.seal
        elif line:
            self._read(line)
        return end + 1

    def _read(self, line: bytes) -> None:
        try:
            # Decoded here: json would guess at UTF-16 and UTF-32, and load codecs for it.
            header = json.loads(line.decode(), parse_constant=_no_number)
            size = int(header.pop("size"))
            if header.pop("token") != self.token or size < 0:
                return
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return  # not ours: something the program wrote to a descriptor it found
        if header.get("event") == "observed":
            self._observed_bytes += len(line)
        if self._observed_bytes > MAX_OBSERVATION_BYTES:
            return
        if size:
            self._pending = (header, size)
        else:
            self._heed(header, b"")

    def _heed(self, header: dict, body: bytes) -> None:
        try:
            self._accept(header, body)
        except (ValueError, TypeError, KeyError, AttributeError):
            pass  # it has the token, and not the shape of anything we say: the program's own work

    def _accept(self, header: dict, body: bytes) -> None:
        event = header.pop("event", "")
        if event == "leaving":
            self.status = int(header["status"])
        elif event == "crashed":
            self.crash = self.crash or _shaped(header)
        elif event == "artifact":
            self._artifacts[str(header["path"])] = (str(header["kind"]), body)
        elif event == "observed":
            self._observe(header)
        elif event == "driving":
            self._driven = True
        elif event == "seen-enough" and not (self._driven and header.get("unless_driven")):
            self.enough, self.close_by = True, time.monotonic()

    def _observe(self, header: dict) -> None:
        replaces = header.pop("replaces", False)
        kind = header["kind"] = str(header["kind"])
        if kind == "pulse":
            return  # that is felt from outside
        if kind == "close":
            self.close_by = time.monotonic() + CLOSE_SECONDS
            self._closed = header
        if replaces and kind in self._replaced:
            self._observations[self._replaced[kind]] = header
        elif len(self._observations) < MAX_OBSERVATIONS:
            self._replaced[kind] = len(self._observations)
            self._observations.append(header)

    def ended(self, itself: bool) -> None:
        """Note how long the program took to end after its window was closed, or was waited for."""
        if self._closed is not None:
            took = round(max(time.monotonic() - self.close_by + CLOSE_SECONDS, 0.0), 3)
            self._closed["ended_seconds" if itself else "waited_seconds"] = took

    def observations(self) -> list:
        """Return everything observed, in order; a running count only as it last stood."""
        return self._observations

    def artifacts(self) -> list:
        """Return `({"path", "kind"}, data)` of each artifact, the last of each path."""
        return [
            ({"path": path, "kind": kind}, data) for path, (kind, data) in self._artifacts.items()
        ]


def _shaped(crash: dict) -> dict:
    """Return what is told of a crash, in the one shape the other end reads."""
    frames = [[str(path), int(line), str(name)] for path, line, name in crash["frames"]]
    return {"type": str(crash["type"]), "message": str(crash["message"]), "frames": frames}


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and the infinities are no JSON, and no reader's of ours


class Usage:
    """The memory of everything a program started, looked at from outside, every few hundredths."""

    def __init__(self, pid: int, limits: dict, jailed: bool) -> None:
        """Watch the tree below `pid`; where it is `jailed`, the first two are bubblewrap's own."""
        self.pid = pid
        self.jailed = jailed
        self.limit_pages = (limits["memory_mib"] << 20) // _PAGE
        self.peak_pages = 0
        # Of a process that was started this instant there is nothing to be seen.
        self.sampled = time.monotonic()
        self.kills_before = _cgroup_kills()
        self.marks = [(time.monotonic(), 0.0)]

    def exceeded(self) -> str:
        """Return `out-of-memory` when the program has more than its share, else nothing."""
        now = time.monotonic()
        if now - self.sampled >= SAMPLE_SECONDS:
            self.sampled = now
            tree = self._tree()
            files = self._file_pages()
            pages = files + sum(map(_resident_pages, tree))
            if pages > self.limit_pages:
                # Forked processes share most of what they hold: only now is the exact count,
                # which costs the kernel a walk through every mapping, worth having.
                pages = files + sum(map(_proportional_pages, tree))
            self.peak_pages = max(self.peak_pages, pages)
            if now - self.marks[-1][0] >= PULSE_SECONDS:
                self.marks = [self.marks[-1], (now, sum(map(_processor_seconds, tree)))]
        return "out-of-memory" if self.peak_pages > self.limit_pages else ""

    def pulse(self) -> dict:
        """Return what the program's processes have used, and what they are doing right now."""
        now, tree = time.monotonic(), self._tree()
        spent = sum(map(_processor_seconds, tree))
        before, spent_before = self.marks[0]
        recent = max(spent - spent_before, 0.0)
        states = [state for pid in tree for state in _thread_states(pid)]
        if recent >= BUSY_SHARE * (now - before):
            state = "running"
        else:
            state = "disk" if b"D" in states else "sleeping"
        return {
            "kind": "pulse", "state": state, "cpu_seconds": round(spent, 2),
            "recent_cpu_seconds": round(recent, 2), "recent_seconds": round(now - before, 2),
            "threads": len(states) - (2 if self.jailed else 0),
        }  # fmt: skip

    def killed(self) -> bool:
        """Tell whether a SIGKILL that was not ours came from the kernel's out-of-memory killer."""
        kills = _cgroup_kills()
        if kills is not None and self.kills_before is not None:
            return kills > self.kills_before
        return self.peak_pages > self.limit_pages * 3 // 4

    def program(self) -> int | None:
        """Return the process id of the program itself, as we see it, if it still lives."""
        pid = self.pid
        for _ in range(2 if self.jailed else 0):
            children = _children(pid)
            if not children:
                return None
            pid = children[0]
        return pid

    def _file_pages(self) -> int:
        """Return what the jail's folders in memory hold, an empty file counted as `INODE_BYTES`."""
        if not self.jailed or (program := self.program()) is None:
            return 0
        pages = 0
        for folder in ("tmp", "dev/shm", "work"):
            try:
                held = os.statvfs(f"/proc/{program}/root/{folder}")
            except OSError:
                continue
            pages += (held.f_blocks - held.f_bfree) * held.f_frsize // _PAGE
            pages += (held.f_files - held.f_ffree) * INODE_BYTES // _PAGE
        return pages

    def _tree(self) -> list:
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += _children(pid)
        return found


def _children(pid: int) -> list:
    children = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            # Without a buffer: it asks the kernel three times as much.
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as file:
                children += [int(child) for child in file.readall().split()]
    except OSError:
        pass  # it ended while we looked
    return children


def _processor_seconds(pid: int) -> float:
    """Return what a process and the children it has waited for have used (proc(5), 14 to 17)."""
    fields = _stat(f"/proc/{pid}/stat")
    return sum(map(int, fields[11:15])) * _TICK_SECONDS


def _thread_states(pid: int) -> list:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [_stat(f"/proc/{pid}/task/{thread}/stat")[0] for thread in threads]


def _stat(path: str) -> list:
    """Return the fields of a `stat` file from the third on: a name before may hold anything."""
    try:
        with open(path, "rb") as file:
            return file.read().rpartition(b")")[2].split() or [b"X"]
    except OSError:
        return [b"X"]


def _resident_pages(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _proportional_pages(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024 // _PAGE
    except (OSError, IndexError, ValueError):
        pass  # it ended while we looked
    return 0


def _cgroup_kills() -> int | None:
    """Return how often the kernel killed for memory in our control group; None if it won't say."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        try:
            with open(path, "rb") as file:
                for line in file:
                    if line.startswith(b"oom_kill "):
                        return int(line.split()[1])
        except OSError:
            continue
    return None
