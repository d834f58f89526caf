/* env.c - the command's environment: systemd.exec(5) "Environment Variables in Spawned Processes" */
#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include "buf.h"
#include "exec/envfile.h"
#include "run.h"

#define ENV_FILE_MAX (4u << 20)

/* ---- EnvironmentFile= ---- */

static int take(void *arg, char *assignment)
{
	env_put(arg, assignment);
	return 0;
}

static int read_env_file(const char *path, char ***env)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text;
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	text = must_alloc(malloc(ENV_FILE_MAX));
	while ((got = read(fd, text + n, ENV_FILE_MAX - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return -errno;
	if (n == ENV_FILE_MAX)
		return -E2BIG;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)     /* byte order mark */
		memset(text, ' ', 3);
	envfile_parse(text, n, take, env);
	free(text);
	return 0;
}

int step_env_files(struct run *r)
{
	for (size_t i = 0; i < r->s->n_environment_files; i++) {
		const char *path = r->s->environment_files[i];
		bool optional = *path == '-';
		glob_t g;
		int e;

		path += optional;
		e = glob(path, 0, NULL, &g);
		if (e == GLOB_NOSPACE)
			return -ENOMEM;
		if (e != 0) {
			if (!optional)
				return -ENOENT;
			continue;
		}
		for (size_t j = 0; j < g.gl_pathc; j++) {
			e = read_env_file(g.gl_pathv[j], &r->file_env);
			if (e < 0 && !optional)
				return e;
		}
		globfree(&g);
	}
	return 0;
}

/* ---- all of it ---- */

static void putf(struct run *r, const char *name, const char *value)
{
	char *s;

	if (!value)
		return;
	must_alloc(asprintf(&s, "%s=%s", name, value) < 0 ? NULL : s);
	env_put(&r->env, s);
	free(s);
}

static void putu(struct run *r, const char *name, unsigned long long value)
{
	char s[32];

	snprintf(s, sizeof(s), "%llu", value);
	putf(r, name, s);
}

static void put_all(struct run *r, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		env_put(&r->env, v[i]);
}

static void put_sockets(struct run *r)
{
	struct buf names = { 0 };
	unsigned n = 0;

	for (size_t i = 0; i < r->p.n_fds; i++) {
		if (r->p.fds[i].role != IPC_EXEC_FD_ROLE_LISTEN)
			continue;
		buf_adds(&names, n++ ? ":" : "");
		buf_adds(&names, r->p.fds[i].name);
	}
	for (size_t i = 0; i < r->n_opened; i++)
		buf_addf(&names, "%s%s", n++ ? ":" : "", r->opened_names[i]);
	if (n == 0)
		return;
	putu(r, "LISTEN_PID", (unsigned long long)getpid());
	putu(r, "LISTEN_FDS", n);
	putf(r, "LISTEN_FDNAMES", must_alloc((void *)buf_str(&names)));
	buf_finish(&names);
}

static void put_directories(struct run *r)
{
	static const char *const names[] = {
		[IPC_EXEC_DIR_KIND_RUNTIME] = "RUNTIME_DIRECTORY", [IPC_EXEC_DIR_KIND_STATE] = "STATE_DIRECTORY",
		[IPC_EXEC_DIR_KIND_CACHE] = "CACHE_DIRECTORY", [IPC_EXEC_DIR_KIND_LOGS] = "LOGS_DIRECTORY",
		[IPC_EXEC_DIR_KIND_CONFIGURATION] = "CONFIGURATION_DIRECTORY",
	};

	for (size_t i = 0; i < r->p.n_directories; i++) {
		const struct ipc_exec_directory *d = &r->p.directories[i];
		struct buf b = { 0 };

		for (size_t j = 0; j < d->n_paths; j++)
			buf_addf(&b, "%s%s/%.*s", j ? ":" : "", dir_prefix(d->kind), (int)strcspn(d->paths[j], ":"), d->paths[j]);
		putf(r, names[d->kind], must_alloc((void *)buf_str(&b)));
		buf_finish(&b);
	}
}

/* a virtual terminal is a linux console; of a serial line nothing is known but that it scrolls; PID 1's word counts for the console */
static const char *terminal_type(const struct run *r)
{
	const char *path = tty_path(r), *own = getenv("TERM");

	if (own && *own && streq(path, "/dev/console"))
		return own;
	return startswith(path, "/dev/tty") && isdigit((unsigned char)path[8]) ? "linux" : "vt220";
}

static bool uses_terminal(const struct run *r)
{
	return input_is_terminal(r->s->std_input) || r->s->std_output == IPC_EXEC_OUTPUT_TTY || r->s->std_error == IPC_EXEC_OUTPUT_TTY || r->s->tty_path;
}

static void put_own(struct run *r)
{
	char stream[64];

	put_sockets(r);
	if (r->p.watchdog_usec) {
		putu(r, "WATCHDOG_PID", (unsigned long long)getpid());
		putu(r, "WATCHDOG_USEC", r->p.watchdog_usec);
	}
	if (r->s->user) {
		putf(r, "HOME", r->home);
		putf(r, "LOGNAME", r->user_name);
		putf(r, "USER", r->user_name);
		putf(r, "SHELL", r->shell);
	}
	if (*r->p.invocation_id)
		putf(r, "INVOCATION_ID", r->p.invocation_id);
	if (uses_terminal(r))
		putf(r, "TERM", terminal_type(r));
	if (r->journal_stream) {
		snprintf(stream, sizeof(stream), "%llu:%llu", r->journal_dev, r->journal_ino);
		putf(r, "JOURNAL_STREAM", stream);
	}
	put_directories(r);
	putf(r, "CREDENTIALS_DIRECTORY", r->credentials_dir);
	putu(r, "SYSTEMD_EXEC_PID", (unsigned long long)getpid());
}

static bool unset_matches(const char *assignment, const char *unset)
{
	size_t n = strcspn(assignment, "=");

	return strchr(unset, '=') ? streq(assignment, unset) : strlen(unset) == n && strncmp(assignment, unset, n) == 0;
}

static void take_out(struct run *r)
{
	size_t kept = 0;

	for (size_t i = 0; r->env[i]; i++) {
		bool out = false;

		for (size_t j = 0; j < r->s->n_unset_environment && !out; j++)
			out = unset_matches(r->env[i], r->s->unset_environment[j]);
		if (!out)
			r->env[kept++] = r->env[i];
	}
	r->env[kept] = NULL;
}

int step_env(struct run *r)
{
	struct buf path = { 0 };

	env_put(&r->env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	put_all(r, r->p.environment, r->p.n_environment);
	put_own(r);
	for (size_t i = 0; i < r->s->n_exec_search_path; i++)
		buf_addf(&path, "%s%s", i ? ":" : "", r->s->exec_search_path[i]);
	if (path.len)
		putf(r, "PATH", buf_str(&path));
	buf_finish(&path);
	put_all(r, r->p.pass_environment, r->p.n_pass_environment);
	put_all(r, r->s->environment, r->s->n_environment);
	for (size_t i = 0; r->file_env && r->file_env[i]; i++)
		env_put(&r->env, r->file_env[i]);
	for (size_t i = 0; r->pam_env && r->pam_env[i]; i++)
		env_put(&r->env, r->pam_env[i]);
	take_out(r);
	return 0;
}
