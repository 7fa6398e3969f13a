# promise: so is one that writes to stderr
# ending: output-flood
import os

while True:
    os.write(2, b"all work and no play\n" * 5000)
