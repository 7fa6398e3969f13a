"""Several workers over one warm validator: bounded, so that memory does not grow with the work."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Replies in hand for each worker: so many may wait for a slow one before the rest waits too."""
MOST_WORKERS = 32


def default_workers() -> int:
    """Return how many replies to judge at once: two a processor, as one of them mostly waits.

    A jail has a processor to itself, while another reply is in the type checker, which has one
    thread, or at the index. Measured in `benchmarks/batching.py`.
    """
    return min(2 * len(os.sched_getaffinity(0)), MOST_WORKERS)


def in_order(
    items: Iterable[T],
    work: Callable[[T], R],
    *,
    workers: int,
    key: Callable[[T], bytes],
    repeated: Counter[bytes],
) -> Iterator[tuple[T, R, bool]]:
    """Do `work` on every item and yield item and result in the order of the items.

    Items whose `key` is in `repeated`, which says how many have it, are worked on once; the flag
    tells those that were not the first.
    """
    left = repeated.copy()
    known: dict[bytes, Future[R]] = {}
    waiting: deque[tuple[T, Future[R], bool]] = deque()
    with _threads(workers) as threads:
        for item in items:
            name = key(item)
            again = name in known
            future = known[name] if again else threads.submit(work, item)
            waiting.append((item, future, again))
            if left[name] > 1:
                known[name] = future
                left[name] -= 1
            else:
                known.pop(name, None)
            while waiting and (len(waiting) >= workers * AHEAD or waiting[0][1].done()):
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[T, Future[R], bool]]) -> tuple[T, R, bool]:
    item, future, again = waiting.popleft()
    return item, future.result(), again


class AsFinished(Generic[T, R]):
    """Work given to several workers, and handed back as it is finished, in any order."""

    def __init__(self, work: Callable[[T], R], *, workers: int) -> None:
        """Do `work` on whatever is `begin`-ed, `workers` at a time."""
        self._work = work
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="reply")
        self._items: dict[Future[R], T] = {}

    def __len__(self) -> int:
        return len(self._items)

    def begin(self, item: T) -> None:
        """Give an item to the workers and return at once."""
        self._items[self._threads.submit(self._work, item)] = item

    def finished(self) -> Iterator[tuple[T, R]]:
        """Wait until something is finished, and yield whatever is."""
        done, _ = wait(self._items, return_when=FIRST_COMPLETED)
        for future in done:
            yield self._items.pop(future), future.result()

    def close(self) -> None:
        """Begin nothing more; what is being worked on is left to itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    threads = ThreadPoolExecutor(workers, thread_name_prefix="reply")
    try:
        yield threads
    finally:
        # Interrupted, nobody waits for a program that has seconds to go.
        threads.shutdown(wait=False, cancel_futures=True)
