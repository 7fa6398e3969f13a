"""What only another system has: modules and functions of Windows, of macOS, of small boards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.rules.crash import missing_module, type_of

if TYPE_CHECKING:
    from validator.facts import Traceback

WINDOWS = frozenset({
    "msvcrt", "winreg", "winsound", "_winapi", "_winreg", "nt", "pythoncom", "pywintypes", "wmi",
    "win32api", "win32clipboard", "win32com", "win32con", "win32event", "win32evtlog", "win32file",
    "win32gui", "win32print", "win32process", "win32security", "win32service", "win32serviceutil",
    "win32ui", "winrt", "pycaw", "winshell", "win10toast", "clr",
})  # fmt: skip
MACOS = frozenset({"AppKit", "Foundation", "Quartz", "objc", "Cocoa", "_scproxy", "rumps"})
BOARDS = frozenset({
    "RPi", "RPi.GPIO", "picamera", "picamera2", "spidev", "Adafruit_DHT", "adafruit_dht", "board",
    "busio", "digitalio", "pigpio", "lgpio", "machine", "micropython", "utime", "sense_hat",
    "neopixel", "rpi_ws281x", "pyaudio",
})  # fmt: skip
_DISTRIBUTIONS = frozenset({
    "pywin32", "pypiwin32", "wmi", "pycaw", "winshell", "win10toast", "rpi-gpio", "picamera",
    "picamera2", "spidev", "adafruit-dht", "pyobjc", "rumps", "rpi-ws281x", "sense-hat", "pyaudio",
})  # fmt: skip
"""That have wheels only there, or are built only there; by their normalised names."""
_ATTRIBUTES = frozenset({
    ("os", "startfile"), ("os", "O_BINARY"), ("ctypes", "windll"), ("ctypes", "WinDLL"),
    ("ctypes", "oledll"), ("ctypes", "WinError"), ("ctypes", "GetLastError"),
    ("ctypes", "FormatError"), ("subprocess", "STARTUPINFO"), ("subprocess", "SW_HIDE"),
    ("subprocess", "STARTF_USESHOWWINDOW"),
    ("subprocess", "CREATE_NO_WINDOW"), ("subprocess", "CREATE_NEW_CONSOLE"),
    ("subprocess", "CREATE_NEW_PROCESS_GROUP"), ("subprocess", "DETACHED_PROCESS"),
    ("sys", "getwindowsversion"), ("sys", "winver"), ("signal", "CTRL_C_EVENT"),
    ("signal", "CTRL_BREAK_EVENT"), ("signal", "SIGBREAK"),
    ("asyncio", "WindowsSelectorEventLoopPolicy"), ("asyncio", "WindowsProactorEventLoopPolicy"),
    ("asyncio", "ProactorEventLoop"), ("socket", "SIO_RCVALL"), ("socket", "RCVALL_ON"),
})  # fmt: skip
SAID = re.compile(
    r"\b(?:only|requires?|needs?|designed for|run(?:s|ning)?|must be run|supported|works?)\b"
    r"[^.\n]{0,30}\bon (?:Windows|macOS|Mac OS X)\b(?! (?:or|and)\b|,|/)"
    r"|\b(?:Windows|macOS)[- ]only\b"
)
"""What a program says that finds itself on the wrong system; near misses name this one as well."""
_NO_ATTRIBUTE = re.compile(r"module '(\w+)' has no attribute '(\w+)'")


def named(trace: Traceback) -> bool:
    """Tell whether an exception is about something that only Windows or macOS has."""
    module = missing_module(trace)
    if module is not None:
        return module.partition(".")[0] in WINDOWS | MACOS
    match = _NO_ATTRIBUTE.search(trace.message) if type_of(trace) == "AttributeError" else None
    imported = type_of(trace) == "ImportError" and any(
        f"cannot import name '{name}' from '{owner}'" in trace.message
        for owner, name in _ATTRIBUTES
    )
    return imported or (match is not None and has(match[1], match[2]))


def package(name: str) -> bool:
    """Tell whether a distribution is made for another system only; a normalised name."""
    return name in _DISTRIBUTIONS


def has(module: str, name: str) -> bool:
    """Tell whether another system's module of that name has what this system's has not."""
    return module.partition(".")[0] in WINDOWS or (module, name) in _ATTRIBUTES
