# promise: no socket but of the kinds programs use: no hypervisor, no kernel ciphers, no raw packets
# ending: exited
import socket

USED = (1, 2, 10, 16)
for family in range(64):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            made = socket.socket(family, kind)
        except OSError:
            continue
        if family not in USED or (kind == socket.SOCK_RAW and family not in (1, 16)):
            print("BROKEN family", family, "kind", kind)
        made.close()
print("kept")
