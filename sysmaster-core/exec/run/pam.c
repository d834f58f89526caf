/*
 * pam.c - PAMName=: a session for the user, opened before and closed after the command
 *
 * libpam is loaded when a unit asks for it, so that a root without PAM can run all others. The session is closed by a child,
 * "(sd-pam)" in the words of systemd.exec(5), that waits for the end of the command: PAM wants the same handle at both ends.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "library.h"
#include "run.h"

/* the part of the stable ABI of Linux-PAM that we call; pam_start(3) and its neighbours */
typedef struct pam_handle pam_handle_t;
struct pam_message; struct pam_response;
struct pam_conv { int (*conv)(int n, const struct pam_message **msg, struct pam_response **resp, void *arg); void *arg; };
enum { PAM_OK = 0, PAM_CONVERSATION_ERROR = 19, PAM_ITEM_TTY = 3, PAM_ESTABLISH = 2, PAM_DELETE = 4, PAM_QUIET = 0x8000, PAM_DATA_IS_SILENT = 0x40000000 };

static struct {
	int (*start)(const char *, const char *, const struct pam_conv *, pam_handle_t **);
	int (*end)(pam_handle_t *, int);
	int (*set_item)(pam_handle_t *, int, const void *);
	int (*setcred)(pam_handle_t *, int);
	int (*acct_mgmt)(pam_handle_t *, int);
	int (*open_session)(pam_handle_t *, int);
	int (*close_session)(pam_handle_t *, int);
	int (*putenv)(pam_handle_t *, const char *);
	char **(*getenvlist)(pam_handle_t *);
} pam;

static int load(void)
{
	static const struct symbol symbols[] = {
		{ "pam_start", (void **)&pam.start }, { "pam_end", (void **)&pam.end }, { "pam_set_item", (void **)&pam.set_item },
		{ "pam_setcred", (void **)&pam.setcred }, { "pam_acct_mgmt", (void **)&pam.acct_mgmt }, { "pam_putenv", (void **)&pam.putenv },
		{ "pam_open_session", (void **)&pam.open_session }, { "pam_close_session", (void **)&pam.close_session },
		{ "pam_getenvlist", (void **)&pam.getenvlist },
	};

	return library_load("libpam.so.0", symbols, ARRAY_SIZE(symbols));
}

/* nobody is there to be asked anything */
static int conversation(int n, const struct pam_message **msg, struct pam_response **resp, void *arg) { return PAM_CONVERSATION_ERROR; }

static _Noreturn void wait_and_close(const struct run *r, pam_handle_t *h, pid_t parent)
{
	sigset_t set;
	int sig;

	prctl(PR_SET_NAME, "(sd-pam)");
	report_close();                 /* or init would never see the exec; modules may hold fds of their own */
	for (size_t i = 0; i < r->p.n_fds; i++)
		close(FIRST_FD + (int)i);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* as the user: so the user's own kill(2) and the parent's death reach us */
	if ((r->gid != (gid_t)-1 && setresgid(r->gid, r->gid, r->gid) < 0) || (r->uid != (uid_t)-1 && setresuid(r->uid, r->uid, 0) < 0))
		_exit(EXIT_FAILURE);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while (getppid() == parent)
		if (sigwait(&set, &sig) != 0)
			break;
	if (setresuid(0, 0, 0) < 0)
		_exit(EXIT_FAILURE);
	pam.setcred(h, PAM_DELETE | PAM_QUIET);
	pam.close_session(h, PAM_QUIET);
	pam.end(h, PAM_OK | PAM_DATA_IS_SILENT);
	_exit(EXIT_SUCCESS);
}

int step_pam(struct run *r)
{
	static const struct pam_conv conv = { conversation, NULL };
	pid_t self = getpid(), child;
	pam_handle_t *h = NULL;
	const char *tty = r->s->tty_path;
	int e;

	if (!r->s->pam_name || !r->user_name || !needs_user(r))
		return 0;
	e = load();
	if (e < 0)
		return e;
	if (pam.start(r->s->pam_name, r->user_name, &conv, &h) != PAM_OK)
		return -ENOTRECOVERABLE;
	if (tty)
		pam.set_item(h, PAM_ITEM_TTY, startswith(tty, "/dev/") ? tty + 5 : tty);
	for (size_t i = 0; i < r->p.n_environment; i++)
		pam.putenv(h, r->p.environment[i]);
	for (size_t i = 0; i < r->s->n_environment; i++)
		pam.putenv(h, r->s->environment[i]);
	if (pam.acct_mgmt(h, PAM_QUIET) != PAM_OK)
		return -EACCES;
	pam.setcred(h, PAM_ESTABLISH | PAM_QUIET);      /* a failure here is not one of the session */
	if (pam.open_session(h, PAM_QUIET) != PAM_OK)
		return -EPERM;
	r->pam_env = pam.getenvlist(h);
	child = fork();
	if (child < 0) {
		e = -errno;
		pam.close_session(h, PAM_QUIET);
		pam.end(h, PAM_OK);
		return e;
	}
	if (child == 0)
		wait_and_close(r, h, self);
	return 0;
}
