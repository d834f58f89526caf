"""bundle.py IMAGE BUNDLE CGROUP rw|ro [--userns] - unpack an OCI image layout into a runtime bundle, with the rights that container engines give
by default: fourteen capabilities, masked and read-only paths, its own namespaces; cgroup: writable, or only to be read"""
import json, os, subprocess, sys

image, bundle, cgroup, access = sys.argv[1:5]
userns = "--userns" in sys.argv[5:]


def blob(descriptor):
    return os.path.join(image, "blobs", *descriptor["digest"].split(":"))


def load(path):
    with open(path) as f:
        return json.load(f)


manifest = load(blob(load(os.path.join(image, "index.json"))["manifests"][0]))
config = load(blob(manifest["config"]))["config"]
rootfs = os.path.join(bundle, "rootfs")
os.makedirs(rootfs)
for layer in manifest["layers"]:
    subprocess.run(["tar", "-xzf", blob(layer), "-C", rootfs, "--numeric-owner", "--keep-directory-symlink"], check=True)
CAPS = ["CAP_" + c for c in ("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID "
                             "SYS_CHROOT").split()]
NOSUID = ["nosuid", "noexec", "nodev"]


def mount(where, kind, source, *options):
    return {"destination": where, "type": kind, "source": source, "options": list(options)}


spec = {
    "ociVersion": "1.0.0", "hostname": "image",
    "process": {
        "terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": config["Entrypoint"], "env": config["Env"] + ["TERM=linux"],
        "capabilities": {k: CAPS for k in ("bounding", "effective", "permitted")},
    },
    "root": {"path": "rootfs", "readonly": False},
    "mounts": [
        mount("/proc", "proc", "proc"),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
        mount("/dev/shm", "tmpfs", "shm", *NOSUID, "mode=1777", "size=65536k"),
        mount("/dev/mqueue", "mqueue", "mqueue", *NOSUID),
        mount("/sys", "sysfs", "sysfs", *NOSUID, "ro"),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", *NOSUID, "relatime", access),
    ],
    "linux": {
        "cgroupsPath": cgroup,
        "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount", "cgroup") + (("user",) if userns else ())],
        "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
}
if userns:
    spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    for top, directories, files in os.walk(rootfs):
        for name in directories + files:
            path = os.path.join(top, name)
            st = os.lstat(path)
            os.lchown(path, st.st_uid + 100000, st.st_gid + 100000)
            if not os.path.islink(path):
                os.chmod(path, st.st_mode & 0o7777)     # chown has taken the set-id bits away
    os.chown(rootfs, 100000, 100000)
with open(os.path.join(bundle, "config.json"), "w") as f:
    json.dump(spec, f, indent=1)
