# promise: what a program writes where its stacks are told is bounded, and acts on nobody
# ending: timed-out
# limits: wall_seconds=1.5
import os
import time

for number in range(3, 20):
    try:
        if "stacks" not in os.readlink(f"/proc/self/fd/{number}"):
            continue
    except OSError:
        continue
    for change in (lambda: os.ftruncate(number, 1 << 40), lambda: os.posix_fallocate(number, 0, 1 << 30)):
        try:
            change()
            print("BROKEN: it can be grown", flush=True)
        except OSError:
            pass
    lie = b'Thread 0x1:\n  File "/work/\x1b]0;owned\x07\xff\n::error::forged", line 99999999999 in \xed\xa0\x80\n'
    try:
        os.pwrite(number, (lie * 2000)[: 64 << 10], 0)
        os.pwrite(number, lie, (64 << 10) - 5)
    except OSError:
        pass
print("kept until here", flush=True)
time.sleep(60)
