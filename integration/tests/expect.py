#!/usr/bin/env python3
"""expect.py SOCKET STEP... - talk to a machine's console. A STEP is "send:TEXT" (a newline follows) or "expect:SECONDS:REGEX".
What came before a match is forgotten. Status 1 and the last output when something expected does not come."""
import re
import socket
import sys
import time


def expect(conn, seen, seconds, pattern):
    """read until the pattern appears; return what follows it"""
    end = time.monotonic() + seconds
    while not (found := re.search(pattern, seen)):
        conn.settimeout(max(end - time.monotonic(), 0.01))
        try:
            data = conn.recv(4096)
        except TimeoutError:
            data = b""
        if not data:
            sys.exit(f"no {pattern.decode()!r} within {seconds} s; got {seen[-400:].decode(errors='replace')}")
        seen += data
    return seen[found.end():]


def main():
    conn = socket.socket(socket.AF_UNIX)
    conn.connect(sys.argv[1])
    seen = b""
    for step in sys.argv[2:]:
        verb, _, rest = step.partition(":")
        if verb == "send":
            conn.sendall(rest.encode() + b"\n")
        elif verb == "expect":
            seconds, _, pattern = rest.partition(":")
            seen = expect(conn, seen, float(seconds), pattern.encode())
        else:
            sys.exit(f"no such step: {step}")


main()
