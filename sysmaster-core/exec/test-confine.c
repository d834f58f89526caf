/* test-confine.c - what a service is kept from: mounts, system calls, what hangs on its control group, namespaces */
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "exec/shared.h"
#include "exec/traffic.h"
#include "test-rig.h"

static void tree(void)
{
	must(mkdir("/mnt/a", 0755) == 0 && mkdir("/mnt/a/b", 0755) == 0 && mkdir("/mnt/c", 0755) == 0, "mkdir");
	put("/mnt/a/file", "content\n");
	put("/mnt/c/other", "other\n");
}

/* ---- commands of one run, and of a unit that joins it, are in the same namespaces; those of the next run are not ---- */

static void where(struct unit *u, const struct exec_context *c, char out[65536])
{
	struct command *cmd = NULL;
	struct unit_spawn *s = calloc(1, sizeof(*s));
	struct outcome *o = calloc(1, sizeof(*o));
	struct exec_run run = { .unit = u, .context = c, .stdio_fd = -1, .apply_sandbox = true, .apply_user = true };

	assert_non_null(s);
	assert_non_null(o);
	make_command("/bin/sh -c 'readlink /proc/self/ns/net /proc/self/ns/ipc; cat /sys/class/net/lo/operstate'", &cmd);
	run.command = cmd;
	assert_return_code(exec_blob(&run, s), 0);
	start(s, NULL, o);
	assert_int_equal(o->stage, 0);
	strcpy(out, o->text);
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fds[i]);
	buf_finish(&s->blob);
	free(s);
	free(o);
	command_list_free(cmd);
}

static void shared(void **state)
{
	static struct thing other = { .u = { .type = &thing_type, .id = (char *)"other.service", .invocation_id = { 0x12 } } };
	static char first[65536], second[65536];
	int kept[2 * N_UNIT_SHARED_NS];
	struct exec_context c;

	other.u.set = thing.u.set;
	exec_context_init(&c);
	cgroup_context_init(&thing.cgroup);
	cgroup_context_init(&other.cgroup);
	set_key(&c, "PrivateNetwork=yes");
	set_key(&c, "PrivateIPC=yes");
	set_key(&c, "PrivateTmp=yes");
	where(&thing.u, &c, first);
	where(&thing.u, &c, second);
	assert_string_equal(first, second);
	where(&other.u, &c, second);                    /* has nothing to do with it */
	assert_string_not_equal(first, second);
	assert_string_not_equal(thing.u.shared->tmp, other.u.shared->tmp);
	exec_shared_release(&other.u);
	assert_return_code(unit_add_dep(&other.u, DEP_JOINS_NAMESPACE_OF, &thing.u, DEP_FILE), 0);
	where(&other.u, &c, second);
	assert_string_equal(first, second);
	assert_string_equal(thing.u.shared->tmp, other.u.shared->tmp);
	assert_true(exec_shared_tmp_in_use(&thing.u));
	exec_shared_release(&thing.u);                  /* the one that joined keeps it, and is joined in turn */
	where(&thing.u, &c, second);
	assert_string_equal(first, second);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)   /* or the kernel might give their numbers to the next ones */
		kept[i] = fcntl(thing.u.shared->ns[i / 2][i % 2], F_DUPFD_CLOEXEC, 5);
	exec_shared_release(&thing.u);
	exec_shared_release(&other.u);
	where(&thing.u, &c, second);
	assert_string_not_equal(first, second);
	exec_shared_release(&thing.u);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		close(kept[i]);
	unit_drop_deps(&other.u, DEP_FILE);
	free(other.u.deps);
	free(thing.u.deps);
	thing.u.deps = other.u.deps = NULL;
	thing.u.n_deps = thing.u.cap_deps = 0;
	while (unit_take_dirty(thing.u.set))
		;
	exec_context_done(&c);
	cgroup_context_done(&thing.cgroup);
	cgroup_context_done(&other.cgroup);
}

/* ---- file systems, where the kernel has bpf among its security modules ---- */

static void security_fs(void)
{
	if (access("/sys/kernel/security/lsm", F_OK) < 0)
		must(mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL) == 0, "securityfs");
}

/* without a function to hook in it is refused in any case, but not for want of rights */
static bool may_load(void)
{
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_LSM;
	attr.expected_attach_type = BPF_LSM_CGROUP;
	attr.insns = (uint64_t)(uintptr_t)code;
	attr.insn_cnt = ARRAY_SIZE(code);
	attr.license = (uint64_t)(uintptr_t)"Dual MIT/GPL";
	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)) >= 0 || errno != EPERM;
}

static bool have_bpf_module(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		char text[512] = "";
		int fd;

		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(1);
		if (access("/sys/kernel/security/lsm", F_OK) < 0 && mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL) < 0)
			_exit(1);
		fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);
		_exit(fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || !strstr(text, "bpf"));
	}
	return waitpid(pid, &status, 0) == pid && status == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0 && may_load();
}

static void file_systems(void **state)
{
	static struct row rows[] = {
		{ KEYS("RestrictFileSystems=~proc"), CALL("open:/proc/self/status open:/etc/passwd open:/dev/null"), .before = security_fs, .run_flags = RUN_GROUP,
		  WANT("open:/proc/self/status=EPERM", "open:/etc/passwd=ok", "open:/dev/null=ok") },
		{ KEYS("RestrictFileSystems=@known", "RestrictFileSystems=~sysfs"), CALL("open:/sys/kernel/mm open:/proc/self/status"), .before = security_fs, .run_flags = RUN_GROUP,
		  WANT("open:/sys/kernel/mm=EPERM", "open:/proc/self/status=ok") },
		{ KEYS("RestrictFileSystems=@known", "RestrictFileSystems=~sysfs", NOBODY), CALL("open:/sys/kernel/mm open:/proc/self/status"), .before = security_fs,
		  .run_flags = RUN_GROUP, WANT("open:/sys/kernel/mm=EPERM", "open:/proc/self/status=ok") },
		{ KEYS("RestrictFileSystems=sysfs"), .before = security_fs, .run_flags = RUN_GROUP, FAILS(EXEC, EPERM) },
		{ KEYS("RestrictFileSystems=~proc"), .command = "+PROBE open:/proc/self/status", .before = security_fs, .run_flags = RUN_GROUP, WANT("open:/proc/self/status=ok") },
	};
	void *arg;

	if (!have_bpf_module()) {
		print_message("skipped: no \"bpf\" among the security modules, or no programs for it\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		arg = &rows[i];
		run_row(&arg);
	}
}

/* ---- traffic is counted from the first command of a run to its last, and anew in the next ---- */

static void echo_run(void)
{
	struct row row = { KEYS("IPAccounting=yes"), CALL("echo:127.0.0.1"), WANT("echo:127.0.0.1=ok"), .run_flags = RUN_GROUP | RUN_STAY };
	void *arg = &row;

	run_row(&arg);
}

static void traffic(void **state)
{
	uint64_t one[N_TRAFFIC], two[N_TRAFFIC];

	if (!group_begin())
		skip();
	echo_run();
	if (!exec_traffic_read(&thing.u, one)) {
		print_message("skipped: no programs for control groups here\n");
		skip();
	}
	assert_int_equal(one[TRAFFIC_OUT_BYTES], 128);          /* with the heads of IP and UDP */
	assert_int_equal(one[TRAFFIC_OUT_PACKETS], 1);
	assert_int_equal(one[TRAFFIC_IN_BYTES], 128);
	assert_int_equal(one[TRAFFIC_IN_PACKETS], 1);
	echo_run();                                      /* the next command of the same run */
	assert_true(exec_traffic_read(&thing.u, two));
	for (size_t i = 0; i < N_TRAFFIC; i++)
		assert_int_equal(two[i], 2 * one[i]);
	thing.u.invocation_id[0]++;
	echo_run();                                      /* another run, in the same group */
	assert_true(exec_traffic_read(&thing.u, two));
	assert_memory_equal(one, two, sizeof(one));
	thing.u.invocation_id[0]--;
	exec_traffic_release(&thing.u);
	assert_false(exec_traffic_read(&thing.u, two));
	while (unit_take_dirty(thing.u.set))
		;
	group_end();
}

static const struct CMUnitTest tests[] = {
	/* mounts */
	ROW("private tmp", KEYS("PrivateTmp=yes"), CALL("write:/tmp/x list:/tmp stat:/tmp stat:/var/tmp"), WANT("write:/tmp/x=ok", "list:/tmp/x", "!list:/tmp/systemd-private*", "stat:/tmp=0:0:1777", "stat:/var/tmp=0:0:1777")),
	ROW("protect system", KEYS("ProtectSystem=yes"), CALL("write:/usr/x write:/etc/x"), WANT("write:/usr/x=EROFS", "write:/etc/x=ok")),
	ROW("protect system full", KEYS("ProtectSystem=full"), CALL("write:/usr/x write:/etc/x write:/var/lib/x"), WANT("write:/usr/x=EROFS", "write:/etc/x=EROFS", "write:/var/lib/x=ok")),
	ROW("protect system strict", KEYS("ProtectSystem=strict", "ReadWritePaths=/var/log", "RuntimeDirectory=probe"),
	    CALL("write:/usr/x write:/var/lib/x write:/var/log/x write:/run/x write:/run/probe/x write:/dev/null"),
	    WANT("write:/usr/x=EROFS", "write:/var/lib/x=EROFS", "write:/var/log/x=ok", "write:/run/x=EROFS", "write:/run/probe/x=ok", "write:/dev/null=ok")),
	ROW("protect home", KEYS("ProtectHome=yes"), CALL("list:/root list:/home write:/root/x stat:/root"), WANT("write:/root/x=EROFS", "stat:/root=0:0:0000")),
	ROW("protect home read-only", KEYS("ProtectHome=read-only"), CALL("list:/root write:/root/x"), WANT("list:/root=ok", "write:/root/x=EROFS")),
	ROW("protect home tmpfs", KEYS("ProtectHome=tmpfs"), CALL("list:/root write:/root/x"), WANT("list:/root=ok", "!list:/root/*", "write:/root/x=EROFS")),
	ROW("read-only and read-write paths", KEYS("ReadOnlyPaths=/mnt/a -/nonexistent", "ReadWritePaths=/mnt/a/b"), .before = tree, CALL("write:/mnt/a/x write:/mnt/a/b/x cat:/mnt/a/file"),
	    WANT("write:/mnt/a/x=EROFS", "write:/mnt/a/b/x=ok", "cat:/mnt/a/filecontent")),
	ROW("missing path", KEYS("ReadOnlyPaths=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("inaccessible paths", KEYS("InaccessiblePaths=/mnt/a/file /mnt/c"), .before = tree, CALL("cat:/mnt/a/file list:/mnt/c"), WANT("!cat:/mnt/a/filecontent", "!list:/mnt/c/*")),
	ROW("inaccessible for others", KEYS(NOBODY, "InaccessiblePaths=/mnt/a/file /mnt/c"), .before = tree, CALL("open:/mnt/a/file list:/mnt/c"), WANT("open:/mnt/a/file=EACCES", "list:/mnt/c=EACCES")),
	ROW("bind paths", KEYS("BindPaths=/mnt/a:/mnt/c", "BindReadOnlyPaths=/mnt/a/file:/mnt/new/file -/nonexistent"), .before = tree,
	    CALL("cat:/mnt/c/file write:/mnt/c/x cat:/mnt/new/file write:/mnt/new/file"), WANT("cat:/mnt/c/filecontent", "write:/mnt/c/x=ok", "cat:/mnt/new/filecontent", "write:/mnt/new/file=EROFS")),
	ROW("missing bind source", KEYS("BindPaths=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("temporary file system", KEYS("TemporaryFileSystem=/mnt/a:ro", "BindReadOnlyPaths=/mnt/c:/mnt/a/c"), .before = tree, CALL("list:/mnt/a write:/mnt/a/x cat:/mnt/a/c/other"),
	    WANT("!list:/mnt/a/file", "list:/mnt/a/c", "write:/mnt/a/x=EROFS", "cat:/mnt/a/c/otherother")),
	ROW("no exec paths", KEYS("NoExecPaths=/", "ExecPaths=/usr /lib /lib64 /bin /srv"), CALL("exec:/etc/passwd exec:/bin/sh"), WANT("exec:/bin/sh=ok")),
	ROW("private devices", KEYS("PrivateDevices=yes"), CALL("write:/dev/null open:/dev/urandom open:/dev/kmsg open:/dev/mem list:/dev"),
	    WANT("write:/dev/null=ok", "open:/dev/urandom=ok", "open:/dev/kmsg=ENOENT", "open:/dev/mem=ENOENT", "list:/dev/shm", "list:/dev/pts", "!list:/dev/loop0", "!list:/dev/vda")),
	ROW("kernel tunables", KEYS("ProtectKernelTunables=yes"), CALL("write:/proc/sys/kernel/hostname write:/sys/kernel/profiling open:/proc/sys/kernel/hostname"),
	    WANT("write:/proc/sys/kernel/hostname=EROFS", "open:/proc/sys/kernel/hostname=ok")),
	ROW("kernel modules", KEYS("ProtectKernelModules=yes"), WANT("!status.CapBnd:\t000001ffffffffff")),
	ROW("control groups", KEYS("ProtectControlGroups=yes"), CALL("write:/sys/fs/cgroup/x"), WANT("write:/sys/fs/cgroup/x=EROFS")),
	ROW("proc subset", KEYS("ProcSubset=pid"), CALL("open:/proc/cpuinfo open:/proc/self/status"), WANT("open:/proc/cpuinfo=ENOENT", "open:/proc/self/status=ok")),
	ROW("protect proc", KEYS("ProtectProc=invisible", NOBODY), CALL("open:/proc/1/status open:/proc/self/status"), WANT("open:/proc/1/status=ENOENT", "open:/proc/self/status=ok")),
	ROW("root directory with mounts", KEYS("RootDirectory=/mnt/a", "MountAPIVFS=yes", "BindReadOnlyPaths=/usr /bin /lib /lib64", "TemporaryFileSystem=/run"), .before = tree,
	    .command = "/bin/sh -c 'cat /file; ls / ; ls /proc/self/comm; cat /mnt/c/other'", WANT("content", "proc", "/proc/self/comm", "!other")),

	ROW("root directory with devices of its own", KEYS("RootDirectory=/mnt/a", "PrivateDevices=yes", "BindReadOnlyPaths=/usr /bin /lib /lib64"), .before = tree,
	    .command = "/bin/sh -c 'ls /dev; : >/dev/null && echo written'", WANT("null", "written", "!loop-control", "!kmsg", "!mem", "!vda")),

	/* system calls */
	ROW("deny list", KEYS("SystemCallFilter=~@mount chroot", "SystemCallErrorNumber=EBUSY"), CALL("call:mount call:chroot call:getppid"), WANT("call:mount=EBUSY", "call:chroot=EBUSY", "call:getppid=ok")),
	ROW("deny with an error", KEYS("SystemCallFilter=~chroot:ENOANO @swap", "SystemCallErrorNumber=EBUSY"), CALL("call:chroot call:swapoff"), WANT("call:chroot=ENOANO", "call:swapoff=EBUSY")),
	ROW("allow list", KEYS("SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"), CALL("call:mount call:chroot call:kexec call:getppid"),
	    WANT("call:mount=EPERM", "call:chroot=EPERM", "call:kexec=EPERM", "call:getppid=ok")),
	ROW("allow list less some", KEYS("SystemCallFilter=@system-service chroot", "SystemCallFilter=~personality", "SystemCallErrorNumber=EPERM"), CALL("call:chroot call:personality"),
	    WANT("call:chroot=ok", "call:personality=EPERM")),
	ROW("killed by the filter", KEYS("SystemCallFilter=~chroot"), CALL("call:getppid call:chroot call:getppid"), WANT("call:getppid=ok", "!call:chroot*")),
	ROW("filters of a user imply no new privileges", KEYS(NOBODY, "SystemCallFilter=~@mount"), WANT("status.NoNewPrivs:\t1", "status.Seccomp:\t2")),
	ROW("filters of root do not", KEYS("SystemCallFilter=~@mount"), WANT("status.NoNewPrivs:\t0", "status.Seccomp:\t2")),
	ROW("not for full privileges", KEYS("SystemCallFilter=~@mount", "RestrictRealtime=yes"), .command = "+PROBE", WANT("status.Seccomp:\t0")),
	ROW("architectures", KEYS("SystemCallArchitectures=native"), CALL("call:getppid call:int80"), WANT("call:getppid=ok", "!call:int80*")),
	ROW("address families", KEYS("RestrictAddressFamilies=AF_UNIX AF_INET", "RestrictAddressFamilies=~AF_INET"), CALL("socket:1 socket:2 socket:10"),
	    WANT("socket:1=ok", "socket:2=EAFNOSUPPORT", "socket:10=EAFNOSUPPORT")),
	ROW("no address family", KEYS("RestrictAddressFamilies=none"), CALL("socket:1 socket:2"), WANT("socket:1=EAFNOSUPPORT", "socket:2=EAFNOSUPPORT")),
	ROW("but some address families", KEYS("RestrictAddressFamilies=~AF_INET AF_INET6"), CALL("socket:1 socket:2 socket:10"), WANT("socket:1=ok", "socket:2=EAFNOSUPPORT", "socket:10=EAFNOSUPPORT")),
	ROW("no namespaces", KEYS("RestrictNamespaces=yes"), CALL("call:unshare-mount call:clone-net"), WANT("call:unshare-mount=EPERM", "call:clone-net=EPERM")),
	ROW("one namespace", KEYS("RestrictNamespaces=mnt"), CALL("call:unshare-mount call:clone-net call:unshare-user"), WANT("call:unshare-mount=ok", "call:clone-net=EPERM", "call:unshare-user=EPERM")),
	ROW("real time", KEYS("RestrictRealtime=yes"), CALL("call:rt"), WANT("call:rt=EPERM")),
	ROW("set-user-ID", KEYS("RestrictSUIDSGID=yes"), CALL("call:suid write:/tmp/x"), WANT("call:suid=EPERM", "write:/tmp/x=ok")),
	ROW("writable and executable memory", KEYS("MemoryDenyWriteExecute=yes"), CALL("call:wx call:mprotect-exec"), WANT("call:wx=EPERM", "call:mprotect-exec=EPERM")),
	ROW("locked personality", KEYS("LockPersonality=yes"), CALL("call:personality"), WANT("call:personality=EPERM")),
	ROW("clock", KEYS("ProtectClock=yes"), CALL("call:adjtime"), WANT("call:adjtime=EPERM")),
	ROW("module calls", KEYS("ProtectKernelModules=yes"), CALL("call:init-module"), WANT("call:init-module=EPERM")),
	ROW("kernel log", KEYS("ProtectKernelLogs=yes"), CALL("call:syslog cat:/dev/kmsg"), WANT("call:syslog=EPERM")),
	ROW("logged calls pass", KEYS("SystemCallLog=chroot"), CALL("call:chroot"), WANT("call:chroot=ok")),

	/* what hangs on the group */
	ROW("device policy", .run_flags = RUN_GROUP, KEYS("DevicePolicy=closed"), CALL("open:/dev/null write:/dev/zero open:/dev/urandom open:/dev/kmsg"),
	    WANT("open:/dev/null=ok", "write:/dev/zero=ok", "open:/dev/urandom=ok", "open:/dev/kmsg=EPERM")),
	ROW("strict device policy", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=/dev/null rw", "DeviceAllow=/dev/zero r"), CALL("write:/dev/null open:/dev/zero write:/dev/zero open:/dev/urandom"),
	    WANT("write:/dev/null=ok", "open:/dev/zero=ok", "write:/dev/zero=EPERM", "open:/dev/urandom=EPERM")),
	ROW("devices by group", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=char-m?m rw"), CALL("write:/dev/null open:/dev/urandom open:/dev/tty"),
	    WANT("write:/dev/null=ok", "open:/dev/urandom=ok", "open:/dev/tty=EPERM")),
	ROW("all devices of a kind", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=char-* rwm"), CALL("open:/dev/urandom open:/dev/zero"), WANT("open:/dev/urandom=ok", "open:/dev/zero=ok")),
	ROW("addresses", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=any"), CALL("udp:127.0.0.1 udp:::1"), WANT("udp:127.0.0.1=EPERM", "udp:::1=EPERM")),
	ROW("addresses that may be used", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=any", "IPAddressAllow=127.0.0.1/32", "IPAddressAllow=::1"), CALL("udp:127.0.0.1 udp:127.0.0.2 udp:::1"),
	    WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM", "udp:::1=ok")),
	ROW("one address denied", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=127.0.0.2"), CALL("udp:127.0.0.1 udp:127.0.0.2"), WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM")),
	ROW("no socket is bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=any"), CALL("call:bind79"), WANT("call:bind79=EPERM")),
	ROW("a socket that may be bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=any", "SocketBindAllow=ipv6:any", "SocketBindAllow=tcp:79"), CALL("call:bind79"), WANT("call:bind79=ok")),
	ROW("a range that may not be bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=70-80"), CALL("call:bind79"), WANT("call:bind79=EPERM")),
	ROW("another range", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=80-90", "SocketBindDeny=udp:79"), CALL("call:bind79"), WANT("call:bind79=ok")),
	ROW("one interface denied", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=~lo"), CALL("udp:127.0.0.1 udp:::1"), WANT("udp:127.0.0.1=EPERM", "udp:::1=EPERM")),
	ROW("one interface allowed", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=lo"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=ok")),
	ROW("another interface allowed", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=no-such"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=EPERM")),
	ROW("addresses and interfaces", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=lo", "IPAddressDeny=127.0.0.2"), CALL("udp:127.0.0.1 udp:127.0.0.2"), WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM")),
	ROW("a filter that is not there", .run_flags = RUN_GROUP, KEYS("IPEgressFilterPath=/sys/fs/bpf/no-such"), FAILS(BPF, ENOENT)),
	ROW("a program that is not there", .run_flags = RUN_GROUP, KEYS("BPFProgram=bind4:/sys/fs/bpf/no-such"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=ok")),
	ROW("no group, no filter", KEYS("DevicePolicy=strict"), CALL("open:/dev/null"), WANT("open:/dev/null=ok")),
	ROW("delegated group", .run_flags = RUN_GROUP | RUN_DELEGATE, KEYS(NOBODY), .command = "/bin/sh -c 'stat -c %%u:%%n /sys/fs/cgroup/*/test-exec-*/*.service/cgroup.procs /sys/fs/cgroup/test-exec-*/*.service/cgroup.procs 2>/dev/null | cut -d: -f1'",
	    WANT("65534")),

	/* other namespaces */
	ROW("private network", KEYS("PrivateNetwork=yes"), .command = "/bin/sh -c 'ls /sys/class/net; cat /proc/net/dev'", WANT("    lo:*")),
	ROW("hostname", KEYS("ProtectHostname=yes"), CALL("call:hostname"), WANT("call:hostname=EPERM")),
	ROW("private users", KEYS("PrivateUsers=yes", NOBODY), .command = "/bin/cat /proc/self/uid_map", WANT("         0          0          1", "     65534      65534          1")),
	{ "shared namespaces", shared, NULL, NULL, NULL },
	{ "traffic", traffic, NULL, NULL, NULL },
	{ "file systems", file_systems, NULL, NULL, NULL },
};

int main(void) { return rig_main(tests, ARRAY_SIZE(tests)); }
