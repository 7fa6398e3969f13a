# promise: no signal a program may ignore is needed to end it
# ending: timed-out
# limits: wall_seconds=1
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
print("kept until here", flush=True)
while True:
    pass
