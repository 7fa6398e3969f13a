# promise: nothing of the kernel can be set through /proc or /sys
# ending: exited
import os

for path in (
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
    "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/binfmt_misc/register",
    "/proc/self/uid_map", "/proc/self/setgroups", "/proc/self/attr/current",
    "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/tasks",
    "/proc/acpi/wakeup", "/proc/mtrr",
):
    try:
        descriptor = os.open(path, os.O_WRONLY)
        os.write(descriptor, b"1")
        print("BROKEN", path)
    except OSError:
        pass
try:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    print("BROKEN: it will not be the first to die")
except OSError:
    pass
print("kept")
