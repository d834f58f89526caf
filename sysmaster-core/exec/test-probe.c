/*
 * test-probe.c - what a command finds around it, as lines of text; then tries what its arguments name and tells the error
 *
 * Arguments after the first: "open:PATH", "write:PATH" (creates a file), "exec:PATH", "list:PATH" (entries of a directory),
 * "stat:PATH" (owner and mode), "cat:PATH", "tty", "socket:N" (family), "udp:ADDRESS", "call:NAME" of calls[] below. Each gives "ARG=ok" or
 * "ARG=ERRNO". Without such arguments the whole state is printed.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void print_file(const char *prefix, const char *path, const char *const *keys)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		for (size_t i = 0; keys && keys[i]; i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				printf("%s%s\n", prefix, line);
		if (!keys)
			printf("%s%s\n", prefix, line);
	}
	if (f)
		fclose(f);
}

static void print_limits(void)
{
	static const struct { const char *name; int resource; } rows[] = {
		{ "NOFILE", RLIMIT_NOFILE }, { "CORE", RLIMIT_CORE }, { "NPROC", RLIMIT_NPROC }, { "CPU", RLIMIT_CPU }, { "NICE", RLIMIT_NICE }, { "MEMLOCK", RLIMIT_MEMLOCK },
	};
	struct rlimit l;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (getrlimit((unsigned)rows[i].resource, &l) == 0)
			printf("limit.%s=%lld:%lld\n", rows[i].name, (long long)l.rlim_cur, (long long)l.rlim_max);
}

static void print_fds(void)
{
	char path[64], target[4096];

	for (int fd = 0; fd < 1024; fd++) {
		ssize_t n;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = 0;
		printf("fd.%d=%s\n", fd, target);
	}
}

static void print_state(int argc, char **argv)
{
	static const char *const status[] = { "Uid:", "Gid:", "Groups:", "CapEff:", "CapPrm:", "CapInh:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "SigIgn:", "SigBlk:", "Cpus_allowed_list:", NULL };
	char cwd[4096];
	mode_t mask = umask(0);
	struct sched_param param;
	struct sigaction sa;

	for (int i = 0; i < argc; i++)
		printf("argv.%d=%s\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env.%s\n", *e);
	printf("cwd=%s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	printf("umask=%03o\n", mask);
	printf("session=%s\n", getsid(0) == getpid() ? "own" : "other");
	printf("pid_env=%s\n", getenv("LISTEN_PID") && atoi(getenv("LISTEN_PID")) == getpid() ? "yes" : "no");
	printf("exec_pid_env=%s\n", getenv("SYSTEMD_EXEC_PID") && atoi(getenv("SYSTEMD_EXEC_PID")) == getpid() ? "yes" : "no");
	printf("nice=%d\n", getpriority(PRIO_PROCESS, 0));
	sched_getparam(0, &param);
	printf("sched=%d:%d\n", sched_getscheduler(0), param.sched_priority);
	printf("ioprio=%ld\n", syscall(SYS_ioprio_get, 1, 0));
	printf("timerslack=%d\n", prctl(PR_GET_TIMERSLACK));
	printf("personality=%d\n", personality(0xffffffff));
	printf("securebits=%d\n", prctl(PR_GET_SECUREBITS));
	sigaction(SIGPIPE, NULL, &sa);
	printf("sigpipe=%s\n", sa.sa_handler == SIG_IGN ? "ignored" : "default");
	printf("tty=%s\n", isatty(0) && ttyname(0) ? ttyname(0) : "none");
	print_file("oom=", "/proc/self/oom_score_adj", NULL);
	print_file("coredump=", "/proc/self/coredump_filter", NULL);
	print_file("status.", "/proc/self/status", status);
	print_limits();
	print_fds();
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
	{ "int80", call_int80 },
};

static int list(const char *arg, const char *path)
{
	struct dirent *d;
	DIR *dir = opendir(path);

	if (!dir)
		return -1;
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.')
			printf("%s/%s\n", arg, d->d_name);
	closedir(dir);
	return 0;
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

static int try(const char *arg)
{
	const char *rest = strchr(arg, ':');
	struct stat st;
	int fd;

	rest = rest ? rest + 1 : "";
	if (strncmp(arg, "open:", 5) == 0)
		return (fd = open(rest, O_RDONLY | O_NOCTTY)) < 0 ? -1 : close(fd);
	if (strncmp(arg, "write:", 6) == 0) {
		fd = open(rest, O_WRONLY | O_CREAT | O_NOCTTY, 0644);
		return fd < 0 ? -1 : close(fd);
	}
	if (strncmp(arg, "list:", 5) == 0)
		return list(arg, rest);
	if (strncmp(arg, "cat:", 4) == 0) {
		if (access(rest, R_OK) < 0)
			return -1;
		print_file(arg, rest, NULL);
		return 0;
	}
	if (strncmp(arg, "stat:", 5) == 0) {
		if (stat(rest, &st) < 0)
			return -1;
		printf("%s=%u:%u:%04o\n", arg, st.st_uid, st.st_gid, st.st_mode & 07777);
		return 0;
	}
	if (strncmp(arg, "exec:", 5) == 0)
		return access(rest, X_OK);
	if (strncmp(arg, "socket:", 7) == 0)
		return (fd = socket(atoi(rest), SOCK_DGRAM, 0)) < 0 ? -1 : close(fd);
	if (strncmp(arg, "udp:", 4) == 0)
		return udp(rest);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strncmp(arg, "call:", 5) == 0 && strcmp(rest, calls[i].name) == 0)
			return calls[i].fn();
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || !strchr(argv[1], ':')) {
		print_state(argc, argv);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		int r = try(argv[i]);

		printf("%s=%s\n", argv[i], r < 0 ? strerrorname_np(errno) : "ok");
	}
	return 0;
}
