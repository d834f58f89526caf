#!/usr/bin/env python3
"""ctl-tree.py - a made-up /sys, /dev and /run/udev for the tests of devctl and libudev

Runs inside a mount namespace of its own where /sys, /dev and /run are empty tmpfs; refuses any other place. Has disks, partitions, dm
and md, a sound card, USB, input, network interfaces, drivers and modules, names with '!', records with every kind of line."""
import os, stat, sys

S = "/sys"


def write(path, text="", mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def link(path, target):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(os.path.relpath(target, os.path.dirname(path)), path)


def device(devpath, uevent="", subsystem=None, kind="class", driver=None, attrs=None, dev=None, record=None, links=()):
    """one device; dev: (c|b, major, minor, name); record: text of /run/udev/data/ID"""
    p = S + devpath
    name = os.path.basename(devpath)
    if dev:
        uevent = "MAJOR=%d\nMINOR=%d\nDEVNAME=%s\n%s" % (dev[1], dev[2], dev[3], uevent)
        write(p + "/dev", "%d:%d\n" % dev[1:3])
        node = "/dev/" + dev[3]
        os.makedirs(os.path.dirname(node), exist_ok=True)
        if os.path.exists(node) and not stat.S_ISCHR(os.stat(node).st_mode):
            os.unlink(node)
        os.path.exists(node) or os.mknod(node, (stat.S_IFBLK if dev[0] == "b" else stat.S_IFCHR) | 0o600, os.makedev(dev[1], dev[2]))
        link("/sys/dev/%s/%d:%d" % ("block" if dev[0] == "b" else "char", dev[1], dev[2]), p)
        for l in links:
            link("/dev/" + l, node)
    if driver:
        uevent = "DRIVER=%s\n" % driver + uevent
        d = "%s/bus/%s/drivers/%s" % (S, subsystem, driver)
        if not os.path.exists(d):
            write(d + "/uevent", "", 0o200)
            write(d + "/bind", "", 0o200)
        link(p + "/driver", d)
        link(d + "/" + name, p)
    write(p + "/uevent", uevent)
    if subsystem:
        where = "%s/%s/%s" % (S, kind, subsystem)
        if kind == "bus":
            os.makedirs(where + "/drivers", exist_ok=True)
            write(where + "/uevent", "", 0o200)
            link(where + "/devices/" + name, p)
        else:
            link(where + "/" + name, p)
        link(p + "/subsystem", where)
    for k, v in (attrs or {}).items():
        write(p + "/" + k, v, 0o200 if k == "secret" else 0o644)
    write(p + "/power/control", "auto\n")
    if record is not None:
        t = dev[0] if dev else None
        idx = [l[8:] for l in uevent.splitlines() if l.startswith("IFINDEX=")]
        ident = "%s%d:%d" % dev[:3] if dev else "n" + idx[0] if idx else "+%s:%s" % (subsystem, name)
        write("/run/udev/data/" + ident, record)
        for l in record.splitlines():
            if l.startswith("G:"):
                write("/run/udev/tags/%s/%s" % (l[2:], ident))
            if l.startswith("S:") and dev:
                d = "/run/udev/links/" + l[2:].replace("\\", "\\x5c").replace("/", "\\x2f")
                os.makedirs(d, exist_ok=True)
                os.symlink("0:/dev/" + dev[3], d + "/" + ident)


def tree():
    for d in ("bus", "class", "block", "dev/block", "dev/char", "devices/virtual", "module", "kernel"):
        os.makedirs(S + "/" + d, exist_ok=True)
    write(S + "/kernel/uevent_seqnum", "1234\n")
    pci = "/devices/pci0000:00"
    device(pci)
    device(pci + "/0000:00:1f.2", "PCI_CLASS=10601\nPCI_ID=8086:2922\nMODALIAS=pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01\n", "pci", "bus", "ahci",
           {"vendor": "0x8086\n", "device": "0x2922\n", "secret": "x", "label": "two words  \n", "binary": "a\x01b\n", "lines": "one\ntwo\n", "empty": "", "class": "0x010601\n"},
           record="I:2000001\nE:ID_VENDOR_FROM_DATABASE=Intel Corporation\nE:ID_MODEL_FROM_DATABASE=82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI mode]\nE:ID_PATH=pci-0000:00:1f.2\nV:1\n")
    ata = pci + "/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0"
    device(pci + "/0000:00:1f.2/ata1")
    device(pci + "/0000:00:1f.2/ata1/host0", "DEVTYPE=scsi_host\n", "scsi", "bus")
    device(pci + "/0000:00:1f.2/ata1/host0/target0:0:0", "DEVTYPE=scsi_target\n", "scsi", "bus")
    device(ata, "DEVTYPE=scsi_device\nMODALIAS=scsi:t-0x00\n", "scsi", "bus", "sd", {"vendor": "ATA     \n", "model": "QEMU HARDDISK   \n", "type": "0\n"})
    device(ata + "/block/sda", "DEVTYPE=disk\nDISKSEQ=9\n", "block", dev=("b", 8, 0, "sda"), attrs={"size": "2048\n", "ro": "0\n", "removable": "0\n", "queue/rotational": "0\n", "dev": "8:0\n", "diskseq": "9\n"},
           record="S:disk/by-id/ata-QEMU_1\nS:disk/by-path/pci-0000:00:1f.2-ata-1\nL:10\nI:3000002\nE:ID_SERIAL=QEMU_1\nE:ID_QUOTE=it's a \"disk\"\nE:ID_EMPTY=\nE:A_FIRST=1\nE:ID_BUS=ata\nG:systemd\nG:seat\nQ:systemd\nV:1\n",
           links=("disk/by-id/ata-QEMU_1", "disk/by-path/pci-0000:00:1f.2-ata-1"))
    for i in (1, 2, 10):
        device(ata + "/block/sda/sda%d" % i, "DEVTYPE=partition\nDISKSEQ=9\nPARTN=%d\nPARTNAME=name of %d\n" % (i, i), "block", dev=("b", 8, i, "sda%d" % i), attrs={"partition": "%d\n" % i, "start": "2048\n"},
               record="S:disk/by-id/ata-QEMU_1-part%d\nI:%d\nE:ID_SERIAL=QEMU_1\nE:ID_FS_TYPE=ext4\nG:systemd\nQ:systemd\nV:1\n" % (i, 3000002 + i) if i < 10 else None, links=("disk/by-id/ata-QEMU_1-part%d" % i,))
    v = "/devices/virtual"
    for i in (0, 1):
        device(v + "/block/dm-%d" % i, "DEVTYPE=disk\nDISKSEQ=1%d\n" % i, "block", dev=("b", 253, i, "dm-%d" % i), attrs={"dm/name": "vg-lv%d\n" % i, "dm/uuid": ("part1-mpath-x\n" if i else "LVM-x\n"), "queue/rotational": "0\n"},
               record="S:mapper/vg-lv%d\nS:vg/lv%d\nI:500000%d\nE:DM_NAME=vg-lv%d\nE:DM_UDEV_DISABLE_OTHER_RULES_FLAG=\nG:systemd\nQ:systemd\nV:1\n" % (i, i, i, i), links=("mapper/vg-lv%d" % i,))
    device(v + "/block/md0", "DEVTYPE=disk\n", "block", dev=("b", 9, 0, "md0"), record="I:77\nE:MD_LEVEL=raid1\nV:1\n")
    device(v + "/block/loop0", "DEVTYPE=disk\nDISKSEQ=3\n", "block", dev=("b", 7, 0, "loop0"), attrs={"queue/rotational": "1\n"})
    device(v + "/block/cciss!c0d0", "DEVTYPE=disk\n", "block", dev=("b", 104, 0, "cciss/c0d0"), record="I:88\nE:X=1\nG:tag1\nG:tag2\nV:1\n")
    for name, mi in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("kmsg", 11)):
        device(v + "/mem/" + name, "DEVMODE=0666\n", "mem", dev=("c", 1, mi, name), record="I:9\nE:A=%s\nG:old-format\n" % name if name == "zero" else None)
    device(v + "/misc/fuse", "DEVMODE=0666\n", "misc", dev=("c", 10, 229, "fuse"))
    device(v + "/misc/hpet", "", "misc", dev=("c", 10, 228, "hpet"), record="V:1\n")
    device(v + "/net/lo", "INTERFACE=lo\nIFINDEX=1\n", "net", attrs={"address": "00:00:00:00:00:00\n", "mtu": "65536\n", "ifindex": "1\n"}, record="I:5\nE:ID_MM_CANDIDATE=1\nV:1\n")
    nic = pci + "/0000:00:03.0"
    device(nic, "PCI_CLASS=20000\nPCI_ID=8086:100E\n", "pci", "bus", "e1000", {"vendor": "0x8086\n", "device": "0x100e\n"})
    device(nic + "/net/enp0s3", "INTERFACE=enp0s3\nIFINDEX=2\n", "net", attrs={"address": "52:54:00:12:34:56\n", "mtu": "1500\n"},
           record="I:4000003\nE:ID_NET_NAME_PATH=enp0s3\nE:ID_BUS=pci\nE:SYSTEMD_ALIAS=/sys/subsystem/net/devices/enp0s3\nG:systemd\nQ:systemd\nV:1\n")
    device(nic + "/net/wlan0", "DEVTYPE=wlan\nINTERFACE=wlan0\nIFINDEX=3\n", "net")
    snd = pci + "/0000:00:05.0/sound/card0"
    device(pci + "/0000:00:05.0", "PCI_CLASS=40300\n", "pci", "bus", "snd_hda_intel")
    device(snd, "", "sound", attrs={"id": "Intel\n", "number": "0\n"}, record="I:61\nE:SOUND_INITIALIZED=1\nE:SYSTEMD_WANTS=sound.target\nG:systemd\nQ:systemd\nV:1\n")
    for n, mi in (("controlC0", 0), ("pcmC0D0p", 16), ("hwC0D0", 4)):
        device(snd + "/" + n, "", "sound", dev=("c", 116, mi, "snd/" + n))
    device(snd + "/card0-LED", "", "leds")
    usb = pci + "/0000:00:04.0/usb1"
    device(pci + "/0000:00:04.0", "PCI_CLASS=C0300\n", "pci", "bus", "xhci_hcd")
    device(usb, "DEVTYPE=usb_device\nPRODUCT=1d6b/2/606\nTYPE=9/0/1\nBUSNUM=001\nDEVNUM=001\n", "usb", "bus", "usb", {"idVendor": "1d6b\n", "idProduct": "0002\n", "manufacturer": "Linux 6.1 xhci-hcd\n"}, dev=("c", 189, 0, "bus/usb/001/001"),
           record="I:71\nE:ID_VENDOR=Linux_6.1_xhci-hcd\nG:seat\nQ:seat\nV:1\n")
    device(usb + "/1-1", "DEVTYPE=usb_device\nPRODUCT=627/1/0\n", "usb", "bus", "usb", {"idVendor": "0627\n"}, dev=("c", 189, 1, "bus/usb/001/002"))
    device(usb + "/1-1/1-1:1.0", "DEVTYPE=usb_interface\nINTERFACE=3/1/1\n", "usb", "bus", "usbhid", {"bInterfaceClass": "03\n"})
    device(usb + "/1-1/1-1:1.0/0003:0627:0001.0001", "HID_NAME=QEMU QEMU USB Keyboard\n", "hid", "bus", "hid-generic")
    inp = usb + "/1-1/1-1:1.0/0003:0627:0001.0001/input/input5"
    device(inp, "PRODUCT=3/627/1/111\nNAME=\"QEMU QEMU USB Keyboard\"\nEV=120013\n", "input", attrs={"name": "QEMU QEMU USB Keyboard\n", "capabilities/key": "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n"},
           record="I:81\nE:ID_INPUT=1\nE:ID_INPUT_KEYBOARD=1\nG:seat\nQ:seat\nV:1\n")
    device(inp + "/event3", "", "input", dev=("c", 13, 67, "input/event3"), record="S:input/by-id/usb-QEMU-event-kbd\nI:82\nE:ID_INPUT=1\nG:power-switch\nG:seat\nQ:power-switch\nV:1\n", links=("input/by-id/usb-QEMU-event-kbd",))
    for i in (0, 1, 10, 2):
        device("/devices/system/cpu/cpu%d" % i, "DRIVER=processor\n" if i else "", "cpu", "bus")
    device("/devices/platform/serial8250", "", "platform", "bus", "serial8250")
    device("/devices/platform/serial8250/serial8250:0", "DEVTYPE=ctrl\nDRIVER=ctrl\nA=b\n", "serial-base", "bus")
    link(S + "/devices/platform/serial8250/serial8250:0/driver", S + "/bus/serial-base/drivers/ctrl")
    write(S + "/bus/serial-base/drivers/ctrl/uevent", "", 0o200)
    device("/devices/platform/serial8250/serial8250:0/port", "DEVTYPE=port\n", "serial-base", "bus")
    link(S + "/devices/platform/serial8250/serial8250:0/port/driver", S + "/bus/serial-base/drivers/ctrl")
    for n, mi in (("ttyS0", 64), ("ttyS1", 65)):
        device("/devices/platform/serial8250/tty/" + n, "", "tty", dev=("c", 4, mi, n))
    for m in ("loop", "snd_hda_intel"):
        write("%s/module/%s/uevent" % (S, m), "", 0o200)
        write("%s/module/%s/initstate" % (S, m), "live\n")
    link(S + "/bus/pci/drivers/ahci/module", S + "/module/loop")
    link(S + "/devices/pci0000:00/0000:00:1f.2/msi_bus_link", S + "/class/block")
    os.makedirs(S + "/devices/no-device/below", exist_ok=True)


if __name__ == "__main__":
    if os.listdir(S) or not os.path.exists("/run/ctl-tree-may-write-here"):
        sys.exit("ctl-tree.py: this is not an empty tree of a test")
    os.umask(0o022)
    tree()
