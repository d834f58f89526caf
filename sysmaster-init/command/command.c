/*
 * command.c - sysmaster-command: what `sysmaster-init -- COMMAND...` becomes; a container's init, or a subreaper, for one process
 *
 * It runs COMMAND in the foreground of its terminal, reaps, passes signals on, and leaves with the command's status (128+n when a
 * signal ended it; 127 not found, 126 not executable) after it has ended what the command left behind. There is no core, no table and
 * nothing to come back from: a loop of one system call.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "channel.ipc.h"
#include "common/container.h"
#include "leave/processes.h"
#include "log.h"
#include "names.h"
#include "setup/conf.h"
#include "setup/settle.h"

static void set_environment(bool as_pid1, const char *words)
{
	static char text[4096];
	char container[64];

	container_detect(container, sizeof(container), as_pid1);
	settle_environment(text, sizeof(text), container, words);
	for (char *p = text; *p; p += strlen(p) + 1)
		putenv(p);
}

/* a process group of its own, in the foreground of the terminal on stdin, if there is one */
__attribute__((noreturn)) static void be_command(char *const *argv, const sigset_t *mask)
{
	if (setpgid(0, 0) == 0 && isatty(STDIN_FILENO))
		tcsetpgrp(STDIN_FILENO, getpgrp());
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "sysmaster-init: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* reap all; true when the command is among them: then *status is its */
static bool reap(pid_t command, int *status)
{
	bool found = false;
	int s;

	for (pid_t pid; (pid = waitpid(-1, &s, WNOHANG)) > 0;)
		if (pid == command) {
			*status = WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
			found = true;
		}
	return found;
}

static int serve(pid_t command, const sigset_t *set)
{
	int status = EXIT_FAILURE;

	while (!reap(command, &status)) {
		siginfo_t si;

		if (sigwaitinfo(set, &si) > 0 && si.si_signo != SIGCHLD)
			kill(-command, si.si_signo);    /* its process group, as a terminal would */
	}
	return status;
}

int main(int argc, char **argv)
{
	bool as_pid1 = getpid() == 1;
	struct options o;
	struct conf conf;
	sigset_t set, before;
	pid_t command;
	int status;

	log_open("sysmaster-init", LOG_TO_STDERR, NULL);
	log_set_level(LOG_WARNING);
	if (options_parse(&o, argc, argv, as_pid1) != 0 || !o.command)
		return 2;
	conf_load(&conf, o.conf ? o.conf : INIT_DEFAULT_CONF);
	if (!as_pid1 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		log_event(LOG_ERR, "INIT_SUBREAPER", "cannot become a subreaper", F_ERRNO(-errno));
	umask(022);
	set_environment(as_pid1, conf.environment);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, &before);
	command = fork();
	if (command == 0)
		be_command(o.command, &before);
	if (command < 0) {
		log_event(LOG_CRIT, "INIT_COMMAND", "cannot run the command", F_STR("COMMAND", o.command[0]), F_ERRNO(-errno));
		return 126;
	}
	setpgid(command, command);      /* here too: signals go to the group, from the first moment */
	status = serve(command, &set);
	processes_end(&(struct order){ .mode = as_pid1 ? IPC_INIT_MODE_CONTAINER : IPC_INIT_MODE_SUBREAPER, .of = getpid(),
		      .term_usec = conf.term_usec, .kill_usec = conf.kill_usec });
	return status;
}
