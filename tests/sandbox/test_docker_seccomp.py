"""The worker's system call profile, read as data."""

from __future__ import annotations

import json
import struct
import sys

import pytest

from validator.sandbox import guest
from validator.sandbox.docker.recipe import Recipe
from validator.sandbox.docker.worker import _profile

sys.path.insert(0, str(guest.folder() / "guest"))
import seccomp
from jail import load_policy

sys.path.pop(0)
PROFILE = Recipe(guest.folder()).seccomp
NAMESPACES = {"mount", "pivot_root", "sethostname", "umount2", "unshare"}
# The engine's own profile (API 1.41) refuses these to a container without capabilities.
ENGINE_REFUSES = [
    "acct",
    "add_key",
    "bpf",
    "chroot",
    "clock_settime",
    "create_module",
    "delete_module",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "get_kernel_syms",
    "init_module",
    "ioperm",
    "iopl",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "mbind",
    "mount_setattr",
    "move_mount",
    "move_pages",
    "nfsservctl",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "query_module",
    "quotactl",
    "reboot",
    "request_key",
    "set_mempolicy",
    "setdomainname",
    "setns",
    "settimeofday",
    "swapoff",
    "swapon",
    "syslog",
    "uselib",
    "userfaultfd",
    "ustat",
    "vhangup",
]
# These it lets through on recent kernels; no program here needs them.
WE_REFUSE_TOO = [
    "clock_adjtime",
    "fanotify_init",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "kcmp",
    "memfd_secret",
    "modify_ldt",
    "name_to_handle_at",
    "pidfd_getfd",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
]


def rules(profile):
    return profile["syscalls"]


def allowed(profile) -> set[str]:
    return {
        name
        for rule in rules(profile)
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
        for name in rule["names"]
    }


def test_what_is_not_named_is_refused():
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {rule["action"] for rule in rules(PROFILE)} == {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"}


def test_no_second_instruction_set_is_let_in():
    assert all(not entry["subArchitectures"] for entry in PROFILE["archMap"])


@pytest.mark.parametrize("name", ENGINE_REFUSES + WE_REFUSE_TOO)
def test_what_the_engine_refuses_is_refused_here_too_and_more(name):
    assert all(name not in rule["names"] for rule in rules(PROFILE))


@pytest.mark.parametrize("name", ENGINE_REFUSES + WE_REFUSE_TOO)
def test_the_jails_own_filter_refuses_it_as_well(name):
    policy = load_policy()["seccomp"]
    assert name in policy["denied"]


def test_the_jails_filter_is_what_the_kernel_makes_of_it():
    """Interpreted as the kernel would, for a call that is refused, one that is not, and others."""
    policy = load_policy()["seccomp"]
    for machine, arch, column in (("x86_64", 0xC000003E, 0), ("aarch64", 0xC00000B7, 1)):
        program = seccomp.compile_filter(policy, machine)
        for name, numbers in policy["denied"].items():
            if numbers[column] >= 0:
                assert verdict(program, arch, numbers[column]) == EPERM, name
        number = {kind: policy[kind]["number"][column] for kind in ("clone", "socket")}
        number["personality"] = policy["personality"]["number"][column]
        assert verdict(program, arch, (0, 63)[column]) == ALLOW  # read
        assert verdict(program, arch, number["clone"], 17) == ALLOW
        assert verdict(program, arch, number["clone"], 0x10000011) == EPERM
        assert verdict(program, arch, number["socket"], 2) == ALLOW
        assert verdict(program, arch, number["socket"], 40) == EPERM
        assert verdict(program, arch, number["personality"], 0xFFFFFFFF) == ALLOW
        assert verdict(program, arch, number["personality"], 0x0400000) == EPERM
        assert verdict(program, arch, 435) == ENOSYS
        assert verdict(program, arch, 9999) == ENOSYS
        assert verdict(program, arch, 0x40000000) == ENOSYS
        assert verdict(program, 0x40000003, 20) == EPERM  # a 32-bit call


ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026


def verdict(program: bytes, arch: int, number: int, argument: int = 0) -> int:
    data = struct.pack("=IIQQQ", number, arch, 0, argument, 0)
    instructions = list(struct.iter_unpack("=HBBI", program))
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif code == 0x06:
            return value
        else:
            tests = {0x15: accumulator == value, 0x25: accumulator > value}
            at += if_true if tests.get(code, accumulator & value) else if_false


def test_beyond_that_only_what_makes_a_namespace_is_let_through():
    assert allowed(PROFILE) >= NAMESPACES
    (rule,) = [rule for rule in rules(PROFILE) if NAMESPACES & set(rule["names"])]
    assert set(rule["names"]) == NAMESPACES | {"clone"}


def test_a_worker_without_jails_cannot_make_namespaces_either():
    single_use = json.loads(_profile(PROFILE, jails=False))
    assert not NAMESPACES & allowed(single_use)
    assert "clone" not in allowed(single_use)
    (clone,) = [rule for rule in rules(single_use) if rule["names"] == ["clone"]]
    (argument,) = clone["args"]
    # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of linux/sched.h.
    namespace_flags = (
        0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
    )
    assert (argument["op"], argument["value"]) == ("SCMP_CMP_MASKED_EQ", namespace_flags)
    assert argument["valueTwo"] == 0
    assert rules(PROFILE)[: len(rules(single_use))] == rules(single_use)


def test_the_lists_can_be_read_and_compared():
    for rule in rules(PROFILE):
        assert rule["names"] == sorted(set(rule["names"]))
