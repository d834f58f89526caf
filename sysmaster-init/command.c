/* command.c - see command.h */
#include <sys/signalfd.h>
#include "command.h"
#include "conf.h"
#include "console.h"
#include "log.h"
#include "spawn.h"
#include "table.h"

static struct source source;
static void (*child_fn)(void);

/* execvp's search without its allocations: the command as given, or in each folder of PATH */
static const char *find(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? name : NULL;
	for (dirs = dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; *dirs; dirs += strcspn(dirs, ":"), dirs += *dirs == ':') {
		size_t dir_len = strcspn(dirs, ":"), n = strlen(name);

		if (dir_len + n + 2 > size)
			continue;
		memcpy(path, dirs, dir_len);
		path[dir_len] = '/';
		memcpy(path + dir_len + 1, name, n + 1);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

int command_start(char *const *argv)
{
	extern char **environ;
	static char path[4096];
	const char *found = find(argv[0], path, sizeof(path));

	int r;

	if (!found)
		return errno == EACCES ? -EACCES : -ENOENT;     /* 126, 127: as a shell says it */
	r = spawn_process(&(struct spawn){ .path = found, .argv = (const char *const *)(uintptr_t)argv, .envp = environ, .report_fd = -1, .cgroup_fd = -1,
			  .tty = SPAWN_TTY_FOREGROUND }, &table->s.command_pid);
	if (r == 0)     /* here too: signals go to the group, from the first moment */
		setpgid((pid_t)table->s.command_pid, (pid_t)table->s.command_pid);
	return r;
}

static int fire(struct source *s, uint32_t got)
{
	struct signalfd_siginfo si;

	(void)got;
	while (read(s->fd, &si, sizeof(si)) == sizeof(si))
		if (si.ssi_signo == SIGCHLD)
			child_fn();
		else if (table->s.command_pid != 0)
			kill(-(pid_t)table->s.command_pid, (int)si.ssi_signo);  /* its process group, as a terminal would */
	return 0;
}

int command_setup(struct loop *l, void (*child)(void))
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTTIN, SIGTTOU, SIGTSTP };       /* crash.h; job control */
	sigset_t set;
	int fd;

	child_fn = child;
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	sigfillset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(&set, own[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : source_add(l, &source, fd, EPOLLIN, fire);
}

bool command_exited(const siginfo_t *si)
{
	if (table->s.command_pid == 0 || (uint32_t)si->si_pid != table->s.command_pid)
		return false;
	table->s.power_exit = (uint32_t)(si->si_code == CLD_EXITED ? si->si_status : 128 + si->si_status);
	table->s.power_verb = IPC_POWER_VERB_EXIT;
	table->s.leaving = TABLE_SHUT_DOWN;
	return true;
}
