# promise: who rewrites the jail's first process to say that all went well has still not completed
# ending: exited, signalled
# completed: no
import os
import platform
import time

LEAVE_WELL = bytes.fromhex("31ffb8e70000000f05")
"""exit_group(0), for x86-64."""

print("kept until here", flush=True)
try:
    if platform.machine() == "x86_64":
        at = int(open("/proc/1/syscall").read().split()[-1], 16)
        with open("/proc/1/mem", "r+b", buffering=0) as memory:
            memory.seek(at)
            memory.write(LEAVE_WELL)
        if not os.fork():
            # It waits for orphans, and wakes up in what was written.
            if not os.fork():
                os._exit(0)
            os._exit(0)
        time.sleep(1)
except OSError:
    pass
os._exit(0)
