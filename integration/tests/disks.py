#!/usr/bin/env python3
"""disks.py FOLDER - images for vm-builtin, written by hand: only what identifies a file system or table is there"""
import os, struct, sys, uuid, zlib
SECTOR = 512
def image(name, size, parts):
    with open(os.path.join(sys.argv[1], name), 'wb') as f:
        f.truncate(size)
        for at, data in parts:
            f.seek(at)
            f.write(data)
def swap(label, n=0):
    page = bytearray(4096)
    struct.pack_into('<II', page, 1024, 1, 255)
    page[1036:1052] = uuid.UUID(int=0x1234567890abcdef + n).bytes
    page[1052:1068] = label.encode().ljust(16, b'\0')
    page[4086:4096] = b'SWAPSPACE2'
    return bytes(page)
def fat(label):
    b = bytearray(SECTOR)
    b[0:3], b[3:11] = b'\xeb\x3c\x90', b'mkfs.fat'
    struct.pack_into('<HBHBHHBHHHII', b, 11, 512, 4, 1, 2, 512, 32768, 0xf8, 32, 32, 64, 0, 0)
    b[36:39] = b'\x80\0\x29'
    struct.pack_into('<I', b, 39, 0xdeadbeef)
    b[43:54], b[54:62] = label.encode().ljust(11), b'FAT16   '
    b[510:512] = b'\x55\xaa'
    return bytes(b)
def iso(label, size):
    d = bytearray(2048)
    d[0:7] = b'\x01CD001\x01'
    d[8:40], d[40:72] = b'LINUX'.ljust(32), label.encode().ljust(32)
    struct.pack_into('<I', d, 80, size // 2048)
    struct.pack_into('>I', d, 84, size // 2048)
    struct.pack_into('<H', d, 128, 2048)
    d[190:318], d[318:446], d[574:702] = b'A SET'.ljust(128), b'A PUBLISHER, INC.'.ljust(128), b'AN APPLICATION'.ljust(128)
    d[813:830] = b'2022010203040500\0'
    d[881] = 1
    return [(32768, bytes(d)), (32768 + 2048, b'\xffCD001\x01')]
def luks(n):
    b = bytearray(4096)
    b[0:6] = b'LUKS\xba\xbe'
    struct.pack_into('>H', b, 6, 1)
    b[168:208] = str(uuid.UUID(int=n)).encode().ljust(40, b'\0')
    return bytes(b)
def mbr(parts, disk):
    b = bytearray(SECTOR)
    struct.pack_into('<I', b, 440, disk)
    for i, (boot, kind, start, count) in enumerate(parts):
        struct.pack_into('<B3sB3sII', b, 446 + 16 * i, boot, b'\0\2\0', kind, b'\0\2\0', start, count)
    b[510:512] = b'\x55\xaa'
    return bytes(b)
def gpt(size, parts, disk):
    last = size // SECTOR - 1
    entries = b''.join(struct.pack('<16s16sQQQ72s', uuid.UUID(k).bytes_le, uuid.UUID(int=disk + i + 1).bytes_le, a, z, flags, name.encode('utf-16-le')) for i, (k, a, z, flags, name) in enumerate(parts)).ljust(16384, b'\0')
    def header(me, other, at):
        h = struct.pack('<8sIIIIQQQQ16sQIII', b'EFI PART', 0x10000, 92, 0, 0, me, other, 34, last - 33, uuid.UUID(int=disk).bytes_le, at, 128, 128, zlib.crc32(entries))
        return h[:16] + struct.pack('<I', zlib.crc32(h)) + h[20:]
    return [(0, mbr([(0, 0xee, 1, last)], 0)), (SECTOR, header(1, last, 2)), (2 * SECTOR, entries), ((last - 32) * SECTOR, entries), (last * SECTOR, header(last, 1, last - 32))]
M = 1 << 20
ESP, ROOT, DATA = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '4f68bce3-e8cd-4db1-96e7-fbcaf984b709', '0fc63daf-8483-4772-8e79-3d69d8477de4'
image('gpt', 64 * M, gpt(64 * M, [(ESP, 2048, 34815, 0, 'EFI System'), (ROOT, 34816, 67583, 1 << 63, 'the root, 1.0'), (DATA, 67584, 100351, 1 << 60 | 4, 'Dätä/x')], 0xabc0)
      + [(M, fat('A LABEL')), (17 * M, swap('not a root')), (33 * M, luks(77))])
image('mbr', 32 * M, [(0, mbr([(0x80, 0x0c, 2048, 20480), (0, 0x82, 22528, 20480)], 0xcafe1234)), (M, fat('MS DOS')), (11 * M, swap('in a part', 5))])
image('swap', 8 * M, [(0, swap('a whole disk'))])
image('luks', 16 * M, [(0, luks(99))])
image('iso', 4 * M, iso('A CD', 4 * M))
image('iso2', 4 * M, iso('ANOTHER', 4 * M))
image('small', 1440 * 1024, [(0, fat('FLOPPY'))])
