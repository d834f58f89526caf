/* link.c - connections and the words for their failures */
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include "link.h"

#define RUN_DIR "/run/sysmaster"

int link_path(const char *schema_path, char *ret)
{
	const char *dir = getenv("SYSMASTER_RUN_DIR");
	int n;

	if (dir && *dir && startswith(schema_path, RUN_DIR "/"))
		n = snprintf(ret, PATH_MAX, "%s%s", dir, schema_path + strlen(RUN_DIR));
	else
		n = snprintf(ret, PATH_MAX, "%s", schema_path);
	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

bool link_init_there(void)
{
	char path[PATH_MAX];

	return link_path(ipc_init_socket.path, path) >= 0 && access(path, F_OK) == 0;
}

static int open_one(struct client **ret, const char *schema_path)
{
	char path[PATH_MAX];
	int r = link_path(schema_path, path);

	return r < 0 ? r : client_open(ret, path, LINK_CALL_MSEC);
}

static bool away(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED || r == -EPIPE || r == -ECONNRESET;
}

int link_core(struct sctl *s)
{
	uint64_t give_up = now_usec(CLOCK_MONOTONIC) + LINK_OPEN_MSEC * USEC_PER_MSEC;
	useconds_t pause = 500;
	int r;

	if (s->core)
		return 0;
	while (away(r = open_one(&s->core, ipc_core_socket.path))) {
		if (!link_init_there())
			return -EHOSTDOWN;
		if (now_usec(CLOCK_MONOTONIC) >= give_up)
			return r;
		usleep(pause);
		pause = MIN(pause * 2, (useconds_t)20000);
	}
	return r;
}

int link_init(struct sctl *s)
{
	int r;

	if (s->init)
		return 0;
	r = open_one(&s->init, ipc_init_socket.path);
	return away(r) ? -EHOSTDOWN : r;
}

static const char *sentence(int r)
{
	switch (r) {
	case -EHOSTDOWN:
		return "no service manager of sysmaster answers here";
	case -EACCES:
	case -EPERM:
		return "Access denied";
	case -ETIMEDOUT:
		return "the service manager did not answer in time";
	case -ENOSYS:
		return "the running service manager does not know this request";
	default:
		return strerror(-r);
	}
}

static int call(struct sctl *s, struct client *c, const struct msg_socket *socket, uint32_t method, const void *req, void *rep, const char **error)
{
	const struct msg_method *m = msg_method_by_id(socket, method);
	int r = m ? client_call(c, m, req, rep, &s->arena, error) : -ENOSYS;

	if (r < 0 && (!*error || !**error))
		*error = sentence(r);
	return r;
}

int link_call(struct sctl *s, uint32_t method, const void *req, void *rep, const char **error)
{
	const char *unused;
	int r = link_core(s);

	error = error ? error : &unused;
	*error = NULL;
	if (r < 0) {
		*error = sentence(r);
		return r;
	}
	return call(s, s->core, &ipc_core_socket, method, req, rep, error);
}

int link_reload(struct sctl *s, struct ipc_reload_reply *rep, const char **error)
{
	const struct ipc_empty none = { 0 };
	useconds_t pause = 1000;
	int r = link_call(s, IPC_CORE_RELOAD, &none, rep, error);

	while (r >= 0 && rep->has_pending) {
		struct ipc_reload_query req = { .id = rep->pending };

		usleep(pause);
		pause = MIN(pause * 3 / 2, (useconds_t)50000);
		r = link_call(s, IPC_CORE_GET_RELOAD, &req, rep, error);
	}
	return r;
}

int link_init_call(struct sctl *s, uint32_t method, const void *req, void *rep, const char **error)
{
	const char *unused;
	int r = link_init(s);

	error = error ? error : &unused;
	*error = NULL;
	if (r < 0) {
		*error = sentence(r);
		return r;
	}
	return call(s, s->init, &ipc_init_socket, method, req, rep, error);
}

static const struct { int r, status; } exit_statuses[] = {
	{ -EPERM, SCTL_NOT_PERMITTED }, { -EACCES, SCTL_NOT_PERMITTED },
	{ -EBUSY, SCTL_NOT_PERMITTED },                 /* a job is in the way: mode fail, or it is irreversible */
	{ -ENOENT, SCTL_NOT_FOUND },
	{ -EOPNOTSUPP, SCTL_UNSUPPORTED },
	{ -EADDRNOTAVAIL, SCTL_NOT_CONFIGURED }, { -EBADMSG, SCTL_NOT_CONFIGURED },
};

int link_exit_status(int r)
{
	for (size_t i = 0; i < ARRAY_SIZE(exit_statuses); i++)
		if (exit_statuses[i].r == r)
			return exit_statuses[i].status;
	return SCTL_FAILURE;
}

int link_fail(struct sctl *s, int r, const char *error, const char *what, const char *unit)
{
	if (error && startswith(error, "Failed to"))    /* the daemon said it all */
		fprintf(s->err, "%s\n", error);
	else
		fprintf(s->err, "Failed to %s%s%s: %s\n", what, unit ? " " : "", unit ? unit : "", error && *error ? error : sentence(r));
	return SCTL_FAILURE;
}
