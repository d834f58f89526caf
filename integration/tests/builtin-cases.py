#!/usr/bin/env python3
"""builtin-cases.py UDEVADM DEVCTL [--all] [ROWS]
builtin-cases.py --replay CONSOLE [ROWS] - every builtin on every device of /sys that it may concern, by both; what they print is compared

A case is a builtin and a device; equal are the properties printed, as a set of lines, and whether there is an answer at all. ROWS: lines
"BUILTIN<tab>PROPERTY<tab>DEVICE (regular expressions)<tab>REASON": such a line is taken out on both sides.
Prints each case that differs and ends with "N cases, M with properties, K differ". --all: path_id and hwdb on what has neither a node nor a network interface, too.
--replay: both were asked in a machine whose console has it (guest/builtins-init).
"""
import os, re, subprocess, sys

def rel(path, name):
    try: return os.path.basename(os.readlink(path + '/' + name))
    except OSError: return ''

def devices():
    for path, dirs, files in os.walk('/sys/devices'):
        dirs.sort()
        if path in ('/sys/devices/system', '/sys/devices/virtual/workqueue'):
            dirs[:] = []
            continue
        if 'uevent' in files and os.path.lexists(path + '/subsystem'):
            yield path, rel(path, 'subsystem'), 'dev' in files, dict(l.split('=', 1) for l in open(path + '/uevent', errors='surrogateescape').read().split('\n') if '=' in l)

def tty_number(path):      # of the many that are all alike, a few
    m = re.search(r'/(tty|vcs[au]?|ttyS|loop|ram)(\d+)$', path)
    return m and int(m.group(2)) > 1

def builtins(path, sub, node, uevent, everything):
    if tty_number(path):
        return
    if node or sub == 'net' or everything:
        yield 'path_id'
    if '/usb' in path and (node or sub in ('net', 'usb', 'input')):
        yield 'usb_id'
    if sub == 'input':
        yield 'input_id'
        yield 'hwdb --subsystem=input --lookup-prefix=evdev:'
    if 'MODALIAS' in uevent or sub == 'usb' or everything:
        yield 'hwdb'
    if sub == 'usb' and uevent.get('DEVTYPE') == 'usb_device':
        yield 'hwdb --subsystem=usb'
    if sub in ('tty', 'sound', 'net', 'block') and '/virtual/' not in path:
        yield 'hwdb --subsystem=pci'
    if sub == 'net':
        yield 'net_id'
        yield 'net_setup_link'
    if sub == 'block':
        yield 'blkid'
        yield 'btrfs ready /dev/' + uevent.get('DEVNAME', '')

def ask(program, builtin, path):
    r = subprocess.run([program, 'test-builtin', builtin, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors='surrogateescape')
    return r.returncode != 0, {l for l in r.stdout.split('\n') if '=' in l}

def live(args):
    for path, sub, node, uevent in devices():
        for b in builtins(path, sub, node, uevent, '--all' in sys.argv):
            yield b, path, ask(args[0], b, path), ask(args[1], b, path)

def replay(console):
    case, said, who = None, {}, None
    for line in open(console, errors='surrogateescape'):
        line = line.rstrip('\r\n')
        if line.startswith('@case ') or line.startswith('@end'):
            if case and len(said) == 2:
                yield (*case, *((said[w][0], set(said[w][1])) for w in ('systemd', 'ours')))
            case, said, who = line[6:].rsplit(' ', 1), {}, None
        elif line.startswith(('@systemd ', '@ours ')):
            who, status = line[1:].split()
            said[who] = (status != '0', [])
        elif line.startswith('@'):
            who = None
        elif who and '=' in line:
            said[who][1].append(line)

def main():
    args = [a for a in sys.argv[1:] if a[:2] != '--']
    again = '--replay' in sys.argv
    rest = args[1 if again else 2:]
    rows = [l.rstrip('\n').split('\t') for l in open(rest[0]) if l.strip() and l[0] != '#'] if rest else []
    cases = full = bad = 0
    used = set()
    for b, path, (err1, one), (err2, two) in replay(args[0]) if again else live(args):
        cases += 1
        full += bool(one)
        for row in rows:
            if not re.match(row[0], b) or not re.search(row[2], path):
                continue
            for side in (one, two):
                gone = {l for l in side if re.match(row[1], l)}
                used |= {row[3]} if gone else set()
                side -= gone
        if one != two or bool(err1) != bool(err2):
            bad += 1
            print(f'{b} {path}:' + (f' systemd {"fails" if err1 else "succeeds"}' if err1 != err2 else ''))
            for l in sorted(one - two): print('  only systemd:', l)
            for l in sorted(two - one): print('  only ours:   ', l)
    for u in sorted(used): print('# explained:', u)
    print(f'{cases} cases, {full} with properties, {bad} differ')

main()
