# promise: a program that writes without end is stopped
# ending: output-flood
import os

while True:
    os.write(1, b"all work and no play\n" * 5000)
