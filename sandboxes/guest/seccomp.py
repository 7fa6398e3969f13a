"""Compile the policy's seccomp section into a classic BPF program, without libseccomp.

A machine that only has Python from PyPI need not have libseccomp, and the filter is short: so it is
assembled here. The instruction format and the `seccomp_data` layout are those of
https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import os
import struct

_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT, _AT_SECOND_ARGUMENT = 0, 4, 16, 24
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the policy's tables, and the kernel's AUDIT_ARCH number (linux/audit.h)."""


def compile_filter(policy: dict, machine: str | None = None) -> bytes:
    """Return the filter as an array of `struct sock_filter`, ready for bubblewrap's `--seccomp`.

    `policy` is the `seccomp` section of `jail.json`; `machine` as in `os.uname()`.

    Raises:
        KeyError: for an architecture the policy has no numbers for.
    """
    column, architecture = _ARCHITECTURES[machine or os.uname().machine]
    program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture),
        # A 32-bit call would be read with the wrong table: none is let through.
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_LOAD, 0, 0, _AT_NUMBER),
        # This also catches x32, whose numbers have bit 30 set.
        (_JUMP_ABOVE, 0, 1, policy["newest"]),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    program += _answer(policy["absent"], column, _ENOSYS)
    program += _answer(policy["denied"], column, _EPERM)
    clone, ioctl = policy["clone"], policy["ioctl"]
    program += _when(clone["number"][column], [
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_JUMP_BITS, 0, 1, clone["flags"]),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ])  # fmt: skip
    for name, known in (("socket", "families"), ("personality", "domains")):
        program += _when(policy[name]["number"][column], [
            (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
            *_match(policy[name][known], _ALLOW),
            (_RETURN, 0, 0, _ERRNO | _EPERM),
        ])  # fmt: skip
    program += _when(ioctl["number"][column], [
        (_LOAD, 0, 0, _AT_SECOND_ARGUMENT),
        *_match(ioctl["requests"], _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ])  # fmt: skip
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _answer(calls: dict, column: int, error: int) -> list:
    tables = [numbers for name, numbers in calls.items() if name != "about"]
    numbers = sorted(numbers[column] for numbers in tables if numbers[column] >= 0)
    return _match(numbers, _ERRNO | error)


def _match(values: list, result: int) -> list:
    program = []
    for value in values:
        program += [(_JUMP_EQUAL, 0, 1, value), (_RETURN, 0, 0, result)]
    return program


def _when(number: int, body: list) -> list:
    return [(_JUMP_EQUAL, 0, len(body), number), *body]
