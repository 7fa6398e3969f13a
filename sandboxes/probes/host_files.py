# promise: files of the host and of other users cannot be read
# ending: exited
import os

wanted = (
    "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/root/.ssh", "/root/.bash_history", "/home",
    "/var/lib/docker", "/var/log", "/proc/kcore", "/proc/kallsyms", "/proc/1/environ", "/boot",
    "/sys/kernel/debug", "/sys/firmware", "/proc/keys", "/proc/kmsg", "/proc/sched_debug",
)
for path in wanted:
    try:
        if os.path.isdir(path):
            seen = b",".join(os.listdir(path.encode()))
        else:
            seen = open(path, "rb").read(200)
    except OSError:
        continue
    if path == "/proc/kallsyms":
        seen = seen.replace(b"0000000000000000", b"") if not seen.startswith(b"0000000000000000") else b""
    if seen and path not in ("/home", "/var/log", "/boot"):
        print("BROKEN", path, seen[:60])
print("kept")
