"""The worker's system call profile, read as data."""

from __future__ import annotations

import json

import pytest

from validator.sandbox import guest
from validator.sandbox.docker.recipe import Recipe
from validator.sandbox.docker.worker import _profile

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
