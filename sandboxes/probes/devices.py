# promise: no device of the machine can be made or opened
# ending: exited
import os
import stat

for name, kind, major, minor in (
    ("mem", stat.S_IFCHR, 1, 1), ("disk", stat.S_IFBLK, 8, 0), ("kmsg", stat.S_IFCHR, 1, 11),
):
    try:
        os.mknod(f"/tmp/{name}", kind | 0o666, os.makedev(major, minor))
        open(f"/tmp/{name}", "rb").read(1)
        print("BROKEN", name)
    except OSError:
        pass
harmless = {
    "null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "fd",
    "stdin", "stdout", "stderr", "core", "mqueue",
}
for name in os.listdir("/dev"):
    if name not in harmless:
        print("BROKEN: there is /dev/" + name)
for name in ("tty", "console"):
    try:
        os.open(f"/dev/{name}", os.O_RDWR)
        print("BROKEN: a terminal at", name)
    except OSError:
        pass
print("kept")
