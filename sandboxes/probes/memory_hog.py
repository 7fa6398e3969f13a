# promise: memory without end is stopped and called by its name
# ending: out-of-memory
hoard = []
while True:
    hoard.append(bytearray(8_000_000))
