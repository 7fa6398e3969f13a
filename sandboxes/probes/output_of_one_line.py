# promise: a line of a gigabyte is no different
# ending: output-flood
import sys

for _ in range(1000):
    sys.stdout.write("x" * 1_000_000)
print("BROKEN: all of it was taken")
