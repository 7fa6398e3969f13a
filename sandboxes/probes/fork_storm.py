# promise: a bomb in which every process forks is stopped with all its children
# ending: exited, timed-out, out-of-memory, signalled
# limits: wall_seconds=1.5
import os

print("kept until here", flush=True)
while True:
    try:
        os.fork()
    except OSError:
        pass
