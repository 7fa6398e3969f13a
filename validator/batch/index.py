"""What is known of each record, in a temporary database: memory does not grow with their number."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

CACHE_KIB = 2048
"""Of the database in memory; the rest of it is in a temporary file that has no name."""
_TABLES = """
CREATE TABLE done (record TEXT PRIMARY KEY, sha256 BLOB, place INTEGER) WITHOUT ROWID;
CREATE TABLE replies (digest BLOB PRIMARY KEY, place INTEGER) WITHOUT ROWID;
CREATE TABLE ids (digest BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID;
"""


class Index:
    """Which records have results and where, which replies have been judged, which ids were seen.

    It is made anew by every run: what it holds can be read off the results and the records.
    """

    def __init__(self) -> None:
        # An empty name is a database of SQLite's own, on disk and gone with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def done(self, record: str) -> tuple[str, int] | None:
        """Return the hash of a record's reply and where its result begins; None without one."""
        row = self._one("SELECT sha256, place FROM done WHERE record = ?", record)
        return (row[0].hex(), row[1]) if row else None

    def add(self, record: str, sha256: str, place: int) -> None:
        """Keep where the result of a record is; the last word about it holds."""
        values = (record, bytes.fromhex(sha256), place)
        self._database.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", values)

    def place(self, digest: bytes) -> int | None:
        """Return where the result of a reply begins that was judged already."""
        row = self._one("SELECT place FROM replies WHERE digest = ?", digest)
        return int(row[0]) if row else None

    def add_reply(self, digest: bytes, place: int) -> None:
        """Keep where the first result of a reply is."""
        self._database.execute("INSERT OR IGNORE INTO replies VALUES (?, ?)", (digest, place))

    def occurrences(self, identity: str) -> int:
        """Count an id, and return how often it has been counted."""
        key = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        row = self._one(
            "INSERT INTO ids VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 "
            "RETURNING count",
            key,
        )
        assert row is not None
        return int(row[0])

    def _one(self, query: str, value: str | bytes) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(query, (value,)).fetchone()
        return row
