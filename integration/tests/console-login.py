#!/usr/bin/env python3
"""console-login.py SOCKET - log in as root on the machine's console, see that the shell works, log out"""
import re
import socket
import sys
import time

conn = socket.socket(socket.AF_UNIX)
conn.connect(sys.argv[1])
seen = b""


def expect(pattern, seconds):
    """wait until the pattern appears; what came before it is forgotten"""
    global seen
    end = time.monotonic() + seconds
    while not (found := re.search(pattern, seen)):
        conn.settimeout(max(end - time.monotonic(), 0.01))
        try:
            data = conn.recv(4096)
        except TimeoutError:
            data = b""
        if not data:
            sys.exit(f"no {pattern!r} within {seconds} s; got {seen[-300:]!r}")
        seen += data
    seen = seen[found.end():]


conn.sendall(b"\n")  # a getty that has long printed its prompt prints another
expect(rb"login: ", 30)
conn.sendall(b"root\n")
expect(rb"[Pp]assword: ", 20)
conn.sendall(b"root\n")
expect(rb"# ", 30)
conn.sendall(b"echo tty=$(tty) sum=$((40 + 2))\n")
expect(rb"tty=/dev/\S+ sum=42", 10)
conn.sendall(b"exit\n")
expect(rb"login: ", 30)
