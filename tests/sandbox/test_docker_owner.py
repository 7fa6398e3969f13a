"""Whose a container is: the dead are told from the living, and strangers are left alone."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from validator.sandbox.docker.owner import KIND, Owner, _start_time, is_abandoned

LATER = time.time() + 3600


def of(pid: int) -> Owner:
    return Owner(Owner.this_process().host, pid, _start_time(pid))


def test_a_container_of_this_process_is_kept():
    me = Owner.this_process()
    assert not is_abandoned(me.labels("worker", LATER), me.host)


def test_a_container_of_a_running_neighbour_is_kept():
    neighbour = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        labels = of(neighbour.pid).labels("worker", LATER)
        assert not is_abandoned(labels, Owner.this_process().host)
    finally:
        neighbour.kill()
        neighbour.wait()
    assert is_abandoned(labels, Owner.this_process().host)


def test_a_killed_process_nobody_has_waited_for_is_dead_too():
    zombie = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    labels = of(zombie.pid).labels("worker", LATER)
    zombie.kill()
    for _ in range(500):
        if is_abandoned(labels, Owner.this_process().host):
            break
        time.sleep(0.01)
    else:
        pytest.fail("a zombie counts as alive")
    zombie.wait()


def test_another_process_under_the_same_pid_is_not_the_owner():
    me = Owner.this_process()
    earlier = Owner(me.host, me.pid, "1")
    assert is_abandoned(earlier.labels("worker", LATER), me.host)


def test_of_another_machine_only_the_deadline_counts():
    me = Owner.this_process()
    stranger = Owner("another boot", 999_999_999, "5")
    assert not is_abandoned(stranger.labels("worker", LATER), me.host)
    assert is_abandoned(stranger.labels("worker", time.time() - 1), me.host)


@pytest.mark.parametrize("deadline", ["", "soon", "-1", "٣"])
def test_labels_that_make_no_sense_are_past_their_deadline(deadline):
    me = Owner.this_process()
    labels = {**me.labels("worker", LATER), f"{KIND}.deadline": deadline}
    assert is_abandoned(labels, me.host)
