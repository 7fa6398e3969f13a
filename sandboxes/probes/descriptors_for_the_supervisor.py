# promise: descriptors that are sent along the channel are never taken, and hold nothing open
# ending: exited
import os
import socket
import stat

many = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
sent = 0
for number in range(3, 20):
    try:
        if number in many or not stat.S_ISSOCK(os.fstat(number).st_mode):
            continue
        channel = socket.socket(fileno=os.dup(number))
    except OSError:
        continue
    channel.settimeout(1)
    for _ in range(200):
        try:
            socket.send_fds(channel, [b"\n"], many)
            sent += 1
        except OSError:
            break
print("kept", sent, "times sent")
