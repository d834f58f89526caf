#!/usr/bin/env python3
"""link-state.py INTERFACE... - what a .link file can set, as the kernel shows it: one line for each thing; read without any other program than ip"""
import fcntl, json, socket, struct, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def ethtool(name, command):
    data = bytearray(struct.pack('II', command, 0))
    buf = (bytes(data), )
    import ctypes
    raw = ctypes.create_string_buffer(bytes(data), 64)
    req = struct.pack('16sP', name.encode(), ctypes.addressof(raw)).ljust(40, b'\0')
    try: fcntl.ioctl(s, 0x8946, req)
    except OSError as e: return e.errno
    return struct.unpack_from('I', raw.raw, 4)[0]
WORDS = {'rx checksum': 0x14, 'tx checksum': 0x16, 'tso': 0x1e, 'gso': 0x23, 'gro': 0x2b, 'flags': 0x25}
for name in sys.argv[1:]:
    l = json.loads(subprocess.check_output(['ip', '-d', '-j', 'link', 'show', name]))[0]
    for k in ('ifname', 'address', 'mtu', 'txqlen', 'ifalias', 'altnames', 'gso_max_size', 'gso_max_segs', 'num_tx_queues', 'num_rx_queues'):
        v = l.get(k)
        print(k, sorted(v) if isinstance(v, list) else v)
    for k, c in WORDS.items():
        print(k, ethtool(name, c))
