# promise: no namespace, mount or new root can be had
# ending: exited
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
flags = {
    "user": 0x10000000, "network": 0x40000000, "mounts": 0x20000, "names": 0x4000000,
    "processes": 0x20000000, "messages": 0x8000000, "groups": 0x2000000, "time": 0x80,
}
for name, flag in flags.items():
    if libc.unshare(flag) == 0:
        print("BROKEN unshare", name)
if platform.machine() == "x86_64":
    for name, flag in flags.items():
        if flag == 0x80:
            continue
        child = libc.syscall(56, flag | 17, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            print("BROKEN clone", name)
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
child = libc.syscall(435, arguments, ctypes.sizeof(arguments))
if child == 0:
    os._exit(0)
if child > 0:
    print("BROKEN clone3")
for entry in os.listdir("/proc/self/ns"):
    if libc.setns(os.open(f"/proc/self/ns/{entry}", os.O_RDONLY), 0) == 0:
        print("BROKEN setns", entry)
tries = {
    "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "bind": lambda: libc.mount(b"/", b"/tmp", None, 4096, None),
    "remount": lambda: libc.mount(None, b"/usr", None, 32 | 4096, None),
    "umount": lambda: libc.umount2(b"/proc", 2),
    "chroot": lambda: libc.chroot(b"/tmp"),
    "pivot": lambda: libc.syscall(155, b"/", b"/tmp"),
    "fsopen": lambda: libc.syscall(430, b"tmpfs", 0),
    "open_tree": lambda: libc.syscall(428, -100, b"/", 1),
    "hostname": lambda: libc.sethostname(b"mine", 4),
}
for name, attempt in tries.items():
    if attempt() >= 0:
        print("BROKEN", name)
print("kept")
