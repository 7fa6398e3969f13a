# promise: no privilege is held, and none can be had
# ending: exited
import ctypes
import os
import resource
import stat

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(status[name], 16):
        print("BROKEN", name, status[name].strip())
if status["NoNewPrivs"].strip() != "1":
    print("BROKEN: new privileges are possible")
if status["Seccomp"].strip() != "2":
    print("BROKEN: no filter")
if 0 in (os.getuid(), os.geteuid(), os.getgid(), *os.getgroups()):
    print("BROKEN: root", os.getuid(), os.getgroups())
for attempt in (
    lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]),
    lambda: os.setresuid(0, 0, 0), lambda: os.nice(-10), lambda: os.chown("/tmp", 0, 0),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10)),
    lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)),
    lambda: resource.setrlimit(resource.RLIMIT_DATA, (-1, -1)),
):
    try:
        attempt()
        print("BROKEN", attempt.__code__.co_names)
    except (OSError, ValueError):
        pass
open("/tmp/tool", "wb").write(open("/bin/sh", "rb").read())
os.chmod("/tmp/tool", 0o4755)
for folder in ("/tmp", "/work", "/dev/shm"):
    if not os.statvfs(folder).f_flag & os.ST_NOSUID:
        print("BROKEN: set-user-id counts in", folder)
print("kept")
