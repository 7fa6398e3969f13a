# promise: the clock cannot be set
# ending: exited
import ctypes
import time

libc = ctypes.CDLL(None, use_errno=True)
before = time.time()
for attempt in (
    lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
    lambda: libc.settimeofday((ctypes.c_long * 2)(0, 0), None),
    lambda: libc.stime((ctypes.c_long * 1)(0)),
    lambda: libc.adjtimex((ctypes.c_long * 64)(1)),
    lambda: open("/dev/rtc0", "rb"),
):
    try:
        if attempt() in (None, 0):
            print("BROKEN", attempt.__code__.co_names)
    except (OSError, AttributeError):
        pass
print("kept" if abs(time.time() - before) < 100 else "BROKEN: another time")
