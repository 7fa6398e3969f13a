# promise: nothing outside answers: no name, no address, no gateway, no metadata, no socket of the host
# ending: exited
import os
import socket

for name in ("pypi.org", "host.docker.internal", "gateway.docker.internal"):
    try:
        print("BROKEN", name, socket.getaddrinfo(name, 443))
    except OSError:
        pass
for address in (
    ("1.1.1.1", 53), ("8.8.8.8", 443), ("172.17.0.1", 22), ("10.0.0.1", 80), ("192.168.0.1", 80),
    ("169.254.169.254", 80), ("2606:4700:4700::1111", 53), ("fd00:ec2::254", 80),
):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            dial = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, kind)
            dial.settimeout(1)
            dial.connect(address)
            dial.send(b"hello")
            print("BROKEN", address)
        except OSError:
            pass
for family, kind, protocol in (
    (socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 3),
    (socket.AF_VSOCK, socket.SOCK_STREAM, 0), (socket.AF_ALG, socket.SOCK_SEQPACKET, 0),
    (31, socket.SOCK_RAW, 1),
):
    try:
        socket.socket(family, kind, protocol)
        print("BROKEN", family)
    except OSError:
        pass
for line in open("/proc/net/unix").read().splitlines()[1:]:
    path = line.split()[7:]
    if path:
        print("BROKEN: another's socket", path)
for line in open("/proc/net/dev").read().splitlines()[2:]:
    device, counts = line.split(":")
    if device.strip() not in ("lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0",
                              "ip_vti0", "ip6_vti0", "ip6gre0"):
        print("BROKEN: device", device)
print("kept")
