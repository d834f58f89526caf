/*
 * test-probe.c - what a command finds around it, as lines of text; then tries what its arguments name and tells the error
 *
 * Each argument is a word of words[] or tries[] below, with what it is about after a colon, and gives lines "ARG=ok" or "ARG=ERRNO".
 * "show:WHAT" prints a part of the state (shows[]), "to:PATH" sends all further lines to a file instead of standard output.
 * Without such arguments the whole state is printed.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static FILE *out;                       /* standard output, or the file of "to:" */
#define say(...) fprintf(out, __VA_ARGS__)

static void print_file(const char *prefix, const char *path, const char *const *keys)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		for (size_t i = 0; keys && keys[i]; i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				say("%s%s\n", prefix, line);
		if (!keys)
			say("%s%s\n", prefix, line);
	}
	if (f)
		fclose(f);
}

static void print_limits(void)
{
	static const struct { const char *name; int resource; } rows[] = {
		{ "CPU", RLIMIT_CPU }, { "FSIZE", RLIMIT_FSIZE }, { "DATA", RLIMIT_DATA }, { "STACK", RLIMIT_STACK }, { "CORE", RLIMIT_CORE }, { "RSS", RLIMIT_RSS },
		{ "NOFILE", RLIMIT_NOFILE }, { "AS", RLIMIT_AS }, { "NPROC", RLIMIT_NPROC }, { "MEMLOCK", RLIMIT_MEMLOCK }, { "LOCKS", RLIMIT_LOCKS },
		{ "SIGPENDING", RLIMIT_SIGPENDING }, { "MSGQUEUE", RLIMIT_MSGQUEUE }, { "NICE", RLIMIT_NICE }, { "RTPRIO", RLIMIT_RTPRIO }, { "RTTIME", RLIMIT_RTTIME },
	};
	struct rlimit l;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (getrlimit((unsigned)rows[i].resource, &l) == 0)
			say("limit.%s=%lld:%lld\n", rows[i].name, (long long)l.rlim_cur, (long long)l.rlim_max);
}

static void print_fds(void)
{
	char path[64], target[4096];

	for (int fd = 0; fd < 1024; fd++) {
		ssize_t n;

		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || (out != stdout && fd == fileno(out)))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = 0;
		say("fd.%d=%s\n", fd, target);
		say("flags.%d=%s%s%s\n", fd, (flags & O_ACCMODE) == O_RDONLY ? "r" : (flags & O_ACCMODE) == O_WRONLY ? "w" : "rw",
		    flags & O_APPEND ? " append" : "", flags & O_NONBLOCK ? " nonblock" : "");
	}
}

static void print_ids(void)
{
	static const char *const status[] = { "Uid:", "Gid:", "Groups:", NULL };

	print_file("status.", "/proc/self/status", status);
}

static void print_caps(void)
{
	static const char *const status[] = { "CapEff:", "CapPrm:", "CapInh:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", NULL };

	print_file("status.", "/proc/self/status", status);
	say("securebits=%d\n", prctl(PR_GET_SECUREBITS));
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void print_env(void)
{
	size_t n = 0;

	while (environ[n])
		n++;
	qsort(environ, n, sizeof(*environ), by_name);
	for (char **e = environ; *e; e++)
		say("env.%s\n", *e);
	say("pid_env=%s\n", getenv("LISTEN_PID") && atoi(getenv("LISTEN_PID")) == getpid() ? "yes" : "no");
	say("watchdog_env=%s\n", getenv("WATCHDOG_PID") && atoi(getenv("WATCHDOG_PID")) == getpid() ? "yes" : "no");
	say("exec_pid_env=%s\n", getenv("SYSTEMD_EXEC_PID") && atoi(getenv("SYSTEMD_EXEC_PID")) == getpid() ? "yes" : "no");
}

static void print_sched(void)
{
	struct sched_param param;

	say("nice=%d\n", getpriority(PRIO_PROCESS, 0));
	sched_getparam(0, &param);
	say("sched=%d:%d\n", sched_getscheduler(0), param.sched_priority);
	say("ioprio=%ld\n", syscall(SYS_ioprio_get, 1, 0));
	say("timerslack=%d\n", prctl(PR_GET_TIMERSLACK));
	print_file("oom=", "/proc/self/oom_score_adj", NULL);
	print_file("status.", "/proc/self/status", (const char *const[]){ "Cpus_allowed_list:", "Mems_allowed_list:", NULL });
}

static void print_memory(void)
{
	unsigned long nodes[16] = { 0 };
	int mode = -1;

	say("mempolicy=%ld", syscall(SYS_get_mempolicy, &mode, nodes, 8 * sizeof(nodes), NULL, 0));
	say(" mode=%d nodes=%lx\n", mode, nodes[0]);
}

static void print_process(void)
{
	char cwd[4096];
	mode_t mask = umask(0);
	struct sigaction sa;

	umask(mask);
	say("cwd=%s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	say("umask=%03o\n", mask);
	say("session=%s\n", getsid(0) == getpid() ? "own" : "other");
	say("group=%s\n", getpgrp() == getpid() ? "own" : "other");
	say("personality=%d\n", personality(0xffffffff));
	sigaction(SIGPIPE, NULL, &sa);
	say("sigpipe=%s\n", sa.sa_handler == SIG_IGN ? "ignored" : "default");
	say("tty=%s\n", isatty(0) && ttyname(0) ? ttyname(0) : "none");
	say("dumpable=%d\n", prctl(PR_GET_DUMPABLE));
	say("subreaper=%d\n", prctl(PR_GET_CHILD_SUBREAPER, &(int){ 0 }));
	print_file("coredump=", "/proc/self/coredump_filter", NULL);
	print_file("status.", "/proc/self/status", (const char *const[]){ "SigIgn:", "SigBlk:", NULL });
}

/* PROBE_NS names a file of lines "KIND LINK": what PID 1 has */
static void print_namespaces(void)
{
	static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "user", "uts" };
	const char *known = getenv("PROBE_NS");
	char path[64], own[64], line[128], want[128];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		FILE *f = known ? fopen(known, "re") : NULL;
		const char *word = "unknown";
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		n = readlink(path, own, sizeof(own) - 1);
		own[n < 0 ? 0 : n] = 0;
		snprintf(want, sizeof(want), "%s %s\n", kinds[i], own);
		while (f && fgets(line, sizeof(line), f))
			if (strncmp(line, kinds[i], strlen(kinds[i])) == 0)
				word = strcmp(line, want) == 0 ? "same" : "own";
		if (f)
			fclose(f);
		say("ns.%s=%s\n", kinds[i], word);
	}
}

static void print_keyring(void)
{
	char mem[256];
	long ring = syscall(SYS_keyctl, 0L, -3L, 0L, 0L, 0L), key, n;   /* KEYCTL_GET_KEYRING_ID of the session's */

	say("keyring.session=%s\n", ring < 0 ? strerrorname_np(errno) : "there");
	n = syscall(SYS_keyctl, 6L, -3L, mem, sizeof(mem), 0L);         /* KEYCTL_DESCRIBE */
	if (n > 0 && strrchr(mem, ';'))
		say("keyring.name=%s\n", strncmp(strrchr(mem, ';') + 1, "_uid", 4) ? strrchr(mem, ';') + 1 : "of the user");
	key = syscall(SYS_keyctl, 10L, -3L, "user", "invocation_id", 0L);       /* KEYCTL_SEARCH */
	say("keyring.invocation=%s\n", key < 0 ? strerrorname_np(errno) : "there");
	n = syscall(SYS_keyctl, 11L, -3L, mem, sizeof(mem), 0L);        /* KEYCTL_READ */
	say("keyring.entries=%ld\n", n < 0 ? n : n / (long)sizeof(int32_t));
}

static const struct show { const char *name; void (*fn)(void); } shows[] = {
	{ "caps", print_caps }, { "env", print_env }, { "fds", print_fds }, { "ids", print_ids }, { "keyring", print_keyring }, { "limits", print_limits },
	{ "memory", print_memory }, { "ns", print_namespaces }, { "process", print_process }, { "sched", print_sched },
};

static int show(const char *what)
{
	for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++)
		if (strcmp(shows[i].name, what) == 0) {
			shows[i].fn();
			return 0;
		}
	errno = EINVAL;
	return -1;
}

static void print_state(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		say("argv.%d=%s\n", i, argv[i]);
	for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++)
		if (strcmp(shows[i].name, "keyring") && strcmp(shows[i].name, "memory"))
			shows[i].fn();
}

static int call_mount(void) { return mount("none", "/mnt", "tmpfs", 0, NULL); }
static int call_unshare_user(void) { return unshare(CLONE_NEWUSER); }
static int call_unshare_mount(void) { return unshare(CLONE_NEWNS); }
static int call_clone_net(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0) < 0 ? -1 : 0;
}
static int call_rt(void) { return sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }); }
static int call_wx(void) { return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static int call_mprotect_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}
static int call_suid(void)
{
	int fd = open("/tmp/probe-suid", O_CREAT | O_RDWR, 0600), r = fd < 0 ? -1 : fchmod(fd, 04755);

	unlink("/tmp/probe-suid");
	return r;
}
static int call_personality(void) { return personality(PER_LINUX32) < 0 ? -1 : 0; }
static int call_settime(void) { return clock_settime(CLOCK_REALTIME, &(struct timespec){ .tv_sec = -1 }); }
static int call_adjtime(void) { return adjtimex(&(struct timex){ .modes = ADJ_TICK, .tick = 1 }); }
static int call_hostname(void) { return sethostname("probe", 5); }
static int call_init_module(void) { return (int)syscall(SYS_init_module, NULL, 0, ""); }
static int call_syslog(void) { return (int)syscall(SYS_syslog, 10, NULL, 0); }
static int call_chroot(void) { return chroot("/"); }
static int call_getppid(void) { return (int)syscall(SYS_getppid) < 0 ? -1 : 0; }
static int call_kexec(void) { return (int)syscall(SYS_kexec_load, 0, 0, NULL, 0); }
static int call_swapoff(void) { return (int)syscall(SYS_swapoff, "/nonexistent"); }
static int call_clone3_user(void)
{
	uint64_t args[11] = { [0] = CLONE_NEWUSER, [4] = SIGCHLD };
	long pid = syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0) < 0 ? -1 : 0;
}
static int call_setns(void) { int fd = open("/proc/self/ns/mnt", O_RDONLY); return setns(fd, 0); }
static int call_setattr_rt(void)
{
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t a, b, c; } attr = { 48, SCHED_RR, 0, 0, 1, 0, 0, 0 };

	return (int)syscall(SYS_sched_setattr, 0, &attr, 0);
}
static int call_sgid_mkdir(void)
{
	int r = mkdir("/tmp/probe-sgid", 02755);

	rmdir("/tmp/probe-sgid");
	return r;
}
static int call_chown(void) { return chown("/run/sandbox/file", 1, 1); }
static int call_kill_init(void) { return kill(1, 0); }
static int call_raw_socket(void) { int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); return fd < 0 ? -1 : close(fd); }
static int call_bind79(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), r = bind(fd, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(79) }, sizeof(struct sockaddr_in));
	int e = errno;

	close(fd);
	errno = e;
	return r;
}
static int call_setuid0(void) { return setuid(0); }
static int call_setuid1(void) { return setuid(1); }
static int call_nice_up(void) { return setpriority(PRIO_PROCESS, 0, -3); }
static int call_iopl(void) { return (int)syscall(SYS_iopl, 3); }
static int call_delete_module(void) { return (int)syscall(SYS_delete_module, "no_such_module", 0); }
static int call_reboot(void) { return (int)syscall(SYS_reboot, 0, 0, 0, NULL); }        /* without its magic numbers */
static int call_keyctl(void) { return (int)syscall(SYS_keyctl, 0L, -3L, 0L, 0L, 0L) < 0 ? -1 : 0; }
static int call_msgget(void) { return msgget(0x70726f62, IPC_CREAT | 0600) < 0 ? -1 : 0; }
static int call_msgfind(void) { return msgget(0x70726f62, 0) < 0 ? -1 : 0; }
static int call_stime(void) { return settimeofday(&(struct timeval){ .tv_usec = -1 }, NULL); }
static int call_domainname(void) { return setdomainname("probe", 5); }
static int call_umount(void) { return umount("/run/sandbox/nothing"); }
static int call_ptrace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int call_bpf(void) { return (int)syscall(SYS_bpf, -1, NULL, 0); }
static int call_pivot_root(void) { return (int)syscall(SYS_pivot_root, "/run/sandbox/nothing", "/run/sandbox/nothing"); }
static int call_shm_exec(void) { return shmat(-1, NULL, SHM_EXEC) == (void *)-1 ? -1 : 0; }
static int call_mmap_exec(void) { return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static int call_hog(void)
{
	for (int i = 0; i < 64; i++)
		memset(malloc(1 << 20), i + 1, 1 << 20);
	return 0;
}
static int call_x32(void) { return (int)syscall(0x40000000 | SYS_getppid) < 0 ? -1 : 0; }
static int call_int80(void)
{
#if defined(__x86_64__)
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");  /* getpid of i386 */
	if (r < 0) {
		errno = (int)-r;
		return -1;
	}
#endif
	return 0;
}

static const struct { const char *name; int (*fn)(void); } calls[] = {
	{ "mount", call_mount }, { "unshare-user", call_unshare_user }, { "unshare-mount", call_unshare_mount }, { "clone-net", call_clone_net },
	{ "rt", call_rt }, { "wx", call_wx }, { "mprotect-exec", call_mprotect_exec }, { "suid", call_suid }, { "personality", call_personality },
	{ "settime", call_settime }, { "adjtime", call_adjtime }, { "hostname", call_hostname }, { "init-module", call_init_module },
	{ "syslog", call_syslog }, { "chroot", call_chroot }, { "getppid", call_getppid }, { "kexec", call_kexec }, { "swapoff", call_swapoff },
	{ "int80", call_int80 }, { "clone3-user", call_clone3_user }, { "setns", call_setns }, { "setattr-rt", call_setattr_rt }, { "sgid-mkdir", call_sgid_mkdir },
	{ "chown", call_chown }, { "kill-init", call_kill_init }, { "raw-socket", call_raw_socket }, { "bind79", call_bind79 }, { "setuid0", call_setuid0 },
	{ "setuid1", call_setuid1 }, { "nice-up", call_nice_up }, { "iopl", call_iopl }, { "delete-module", call_delete_module }, { "reboot", call_reboot },
	{ "keyctl", call_keyctl }, { "msgget", call_msgget }, { "msgfind", call_msgfind }, { "settimeofday", call_stime }, { "domainname", call_domainname },
	{ "umount", call_umount }, { "ptrace", call_ptrace }, { "bpf", call_bpf }, { "pivot-root", call_pivot_root }, { "shm-exec", call_shm_exec },
	{ "mmap-exec", call_mmap_exec }, { "x32", call_x32 }, { "hog", call_hog },
};

static int list(const char *arg, const char *path)
{
	struct dirent **v;
	int n = scandir(path, &v, NULL, alphasort);

	for (int i = 0; i < n; i++)
		if (v[i]->d_name[0] != '.')
			say("%s/%s\n", arg, v[i]->d_name);
	return n < 0 ? -1 : 0;
}

/* a datagram to the discard port */
static int udp(const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	int is4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1, fd = socket(is4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);

	if (!is4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		return -1;
	return sendto(fd, "x", 1, 0, is4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, is4 ? sizeof(v4) : sizeof(v6)) < 0 ? -1 : close(fd);
}

static int try_open(const char *arg, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY);

	return fd < 0 ? -1 : close(fd);
}

static int try_write(const char *arg, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOCTTY, 0644);

	return fd < 0 ? -1 : close(fd);
}

static int try_put(const char *arg, const char *path)   /* FILE:TEXT */
{
	const char *colon = strrchr(path, ':');
	char *file = strndup(path, colon ? (size_t)(colon - path) : strlen(path));
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0666);
	ssize_t n = fd < 0 || !colon ? -1 : write(fd, colon + 1, strlen(colon + 1));

	free(file);
	return fd < 0 || close(fd) < 0 || n < 0 ? -1 : 0;
}

static int try_cat(const char *arg, const char *path)
{
	if (access(path, R_OK) < 0)
		return -1;
	print_file(arg, path, NULL);
	return 0;
}

static int try_stat(const char *arg, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	say("%s=%u:%u:%04o\n", arg, st.st_uid, st.st_gid, st.st_mode & 07777);
	return 0;
}

static int try_link(const char *arg, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = 0;
	say("%s=%s\n", arg, target);
	return 0;
}

/* a program that is there, really run; its status is not told */
static int try_run(const char *arg, const char *path)
{
	int p[2], e = 0;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		execl(path, path, (char *)NULL);
		e = errno;
		_exit(write(p[1], &e, sizeof(e)) != sizeof(e));
	}
	close(p[1]);
	if (read(p[0], &e, sizeof(e)) != sizeof(e))
		e = 0;
	close(p[0]);
	waitpid(pid, NULL, 0);
	errno = e;
	return e ? -1 : 0;
}

static int try_mkdir(const char *arg, const char *path) { return mkdir(path, 0755); }
static int try_mknod(const char *arg, const char *path) { return mknod(path, S_IFCHR | 0600, 0x103); }
static int try_exec(const char *arg, const char *path) { return access(path, X_OK); }
static int try_udp(const char *arg, const char *address) { return udp(address); }
static int try_echo(const char *arg, const char *address)       /* a hundred bytes to itself */
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t n = sizeof(sa);
	char mem[100] = "";
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &sa.sin_addr) != 1 || bind(fd, (struct sockaddr *)&sa, n) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &n) < 0 || connect(fd, (struct sockaddr *)&sa, n) < 0)
		return -1;
	return send(fd, mem, sizeof(mem), 0) == sizeof(mem) && recv(fd, mem, sizeof(mem), 0) == sizeof(mem) ? close(fd) : -1;
}

static int try_show(const char *arg, const char *what) { return show(what); }

static int try_socket(const char *arg, const char *family)
{
	int fd = socket(atoi(family), SOCK_DGRAM, 0);

	return fd < 0 ? -1 : close(fd);
}

/* the mount that is seen at a path: type, its own flags, whether it sends and receives events */
static int try_mount(const char *arg, const char *path)
{
	char line[4096], where[2048], flags[512], type[64], found[1024] = "";
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		const char *dash = strstr(line, " - ");

		if (!dash || sscanf(line, "%*s %*s %*s %*s %2047s %511s", where, flags) != 2 || sscanf(dash, " - %63s", type) != 1 || strcmp(where, path))
			continue;
		snprintf(found, sizeof(found), "%s %s%s%s", type, flags, strstr(line, " shared:") && strstr(line, " shared:") < dash ? " shared" : "",
			 strstr(line, " master:") && strstr(line, " master:") < dash ? " slave" : "");
	}
	fclose(f);
	say("%s=%s\n", arg, *found ? found : "no mount");
	return 0;
}

static int try_link_up(const char *arg, const char *name)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), r;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	r = ioctl(fd, SIOCGIFFLAGS, &ifr);
	if (r == 0)
		say("%s=%s\n", arg, ifr.ifr_flags & IFF_UP ? "up" : "down");
	close(fd);
	return r;
}

static int try_read(const char *arg, const char *number)        /* what comes out of a file descriptor */
{
	char mem[1024];
	ssize_t n = read(atoi(number), mem, sizeof(mem) - 1);

	if (n < 0)
		return -1;
	mem[n] = 0;
	say("%s=%zd %s%s", arg, n, mem, n && mem[n - 1] == '\n' ? "" : "\n");
	return 0;
}

static int try_say(const char *arg, const char *text)           /* to standard output and error */
{
	dprintf(1, "out %s\n", text);
	dprintf(2, "err %s\n", text);
	return 0;
}

static int try_call(const char *arg, const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(name, calls[i].name) == 0)
			return calls[i].fn();
	errno = EINVAL;
	return -1;
}

static int try_to(const char *arg, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666), high = fcntl(fd, F_DUPFD_CLOEXEC, 200);

	if (fd < 0 || high < 0)
		return -1;
	close(fd);
	out = fdopen(high, "a");
	setvbuf(out, NULL, _IOLBF, 0);
	return 0;
}

static const struct { const char *word; int (*fn)(const char *arg, const char *rest); } tries[] = {
	{ "call", try_call }, { "cat", try_cat }, { "echo", try_echo }, { "exec", try_exec }, { "interface", try_link_up }, { "link", try_link }, { "list", list }, { "mkdir", try_mkdir },
	{ "mknod", try_mknod }, { "mount", try_mount }, { "open", try_open }, { "put", try_put }, { "read", try_read }, { "run", try_run }, { "say", try_say },
	{ "show", try_show }, { "socket", try_socket }, { "stat", try_stat }, { "to", try_to }, { "udp", try_udp }, { "write", try_write },
};

static int try(const char *arg)
{
	const char *colon = strchr(arg, ':');

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		if (colon && strlen(tries[i].word) == (size_t)(colon - arg) && strncmp(arg, tries[i].word, (size_t)(colon - arg)) == 0)
			return tries[i].fn(arg, colon + 1);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	out = stdout;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || !strchr(argv[1], ':')) {
		print_state(argc, argv);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		int r = try(argv[i]);

		say("%s=%s\n", argv[i], r < 0 ? strerrorname_np(errno) : "ok");
	}
	return 0;
}
