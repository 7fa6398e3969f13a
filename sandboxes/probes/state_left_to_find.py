# promise: a program meets nothing of the one before it
# ending: exited
import ctypes
import os
import socket
import time

for folder in (".", "/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/tmp", "/env", "/layers"):
    if os.path.exists(f"{folder}/left-behind"):
        print("BROKEN: a file in", folder)
libc = ctypes.CDLL(None, use_errno=True)
for name, number in (
    ("segment", libc.shmget(4711, 0, 0)), ("queue", libc.msgget(4711, 0)),
    ("semaphore", libc.semget(4711, 0, 0)),
):
    if number >= 0:
        print("BROKEN: a", name)
if ctypes.CDLL("librt.so.1").mq_open(b"/left-behind", 0) >= 0:
    print("BROKEN: a POSIX queue")
for family, address in ((socket.AF_UNIX, "\0left-behind"), (socket.AF_INET, ("127.0.0.1", 4711))):
    try:
        socket.socket(family).connect(address)
        print("BROKEN: a socket", address)
    except OSError:
        pass
others = [entry for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]
if len(others) > 1:
    print("BROKEN: processes", others)
if time.time() < 1_700_000_000 or time.get_clock_info("time").adjustable is False:
    print("BROKEN: another time", time.time())
print("kept")
