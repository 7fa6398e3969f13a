# promise: no process but its own can be read, written or traced
# ending: exited
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
own = os.getpid()
for entry in os.listdir("/proc"):
    if not entry.isdigit() or int(entry) == own:
        continue
    command = open(f"/proc/{entry}/cmdline").read().replace("\0", " ")[:60]
    if entry == "1" and "bwrap" in command:
        continue  # the jail's own reaper: as walled in as the program, and of no more use
    for name in ("mem", "environ", "maps", "fd/0", "fd/1", "fd/3", "root", "cwd", "auxv"):
        try:
            descriptor = os.open(f"/proc/{entry}/{name}", os.O_RDWR if name == "mem" else os.O_RDONLY)
        except OSError:
            continue
        print("BROKEN", entry, command, name)
        os.close(descriptor)
    for what, request in (("attach", 16), ("seize", 0x4206)):
        if libc.ptrace(request, int(entry), 0, 0) >= 0:
            print("BROKEN", what, entry, command)
print("kept")
