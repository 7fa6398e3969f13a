"""A picture of a page, by a browser that stands in this jail, where one does."""

from __future__ import annotations

import os
import subprocess

PROGRAMS = (
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/usr/lib64/chromium-browser/chromium-browser",
)
"""Chromium's own programs, where distributions put them: what lies in /usr/bin is mostly a script
that reads /etc, of which a jail has next to nothing."""
WIDTH, HEIGHT = 1280, 800
PICTURE = "/tmp/.page.png"
PAGE_MS = 5000
"""Of the page's own clock: its timers go off at once while nothing is being loaded."""
SETTLE_MS = 3000
"""For a page that never comes to rest: one that asks again and again, or waits for an answer."""
GIVE_UP_SECONDS = 5.0
_FLAGS = (
    "--headless",
    # Its own sandbox wants namespaces, which a jail refuses to all in it.
    "--no-sandbox", "--no-zygote",
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-breakpad", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--mute-audio", "--hide-scrollbars", "--user-data-dir=/tmp/.browser",
    f"--window-size={WIDTH},{HEIGHT}", f"--virtual-time-budget={PAGE_MS}",
    f"--timeout={SETTLE_MS}", f"--screenshot={PICTURE}",
)  # fmt: skip


def find() -> str:
    """Return the browser of this machine that a jail can start; empty for none."""
    return next((path for path in PROGRAMS if os.access(path, os.X_OK)), "")


def picture(url: str) -> bytes:
    """Return what a visitor of `url` sees, as a PNG; nothing where the browser made none."""
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen((find(), *_FLAGS, url), stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        browser.wait(GIVE_UP_SECONDS)
    except subprocess.TimeoutExpired:
        browser.kill()
    try:
        with open(PICTURE, "rb") as file:
            return file.read()
    except OSError:
        return b""
