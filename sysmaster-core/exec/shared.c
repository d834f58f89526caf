/* shared.c - PrivateTmp= and namespaces of one run, shared with joined units */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include "exec/context.h"
#include "exec/shared.h"

/* under which init keeps the two ends of each pair */
static const char *const stored[N_UNIT_SHARED_NS][2] = { { "ns.net.0", "ns.net.1" }, { "ns.ipc.0", "ns.ipc.1" } };

/*
 * The name is systemd's, "systemd-private-BOOT-UNIT-RUN": tmpfiles.d(5) rules of Debian keep such directories while the boot
 * lasts and remove them at the next.
 */
static int tmp_name(const struct unit *u, char out[256])
{
	static char boot[33];
	char text[40] = "";
	size_t len = 0;

	if (!*boot) {
		_cleanup_(closep) int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

		if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
			return -errno;
		for (const char *p = text; *p && len < sizeof(boot) - 1; p++)
			if (*p != '-' && *p != '\n')
				boot[len++] = *p;
	}
	snprintf(out, 256, "systemd-private-%s-%.180s-%02x%02x%02x", boot, u->id, u->invocation_id[0], u->invocation_id[1], u->invocation_id[2]);
	return 0;
}

static struct unit_shared *shared_new(void)
{
	struct unit_shared *s = calloc(1, sizeof(*s));

	for (size_t i = 0; s && i < N_UNIT_SHARED_NS; i++)
		s->ns[i][0] = s->ns[i][1] = -1;
	return s;
}

/* a joined unit that is up and shares that kind; @ns N_UNIT_SHARED_NS: /tmp */
static const struct unit_shared *peer(const struct unit *u, size_t ns)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_JOINS_NAMESPACE_OF, d));) {
		const struct unit_shared *s = d->other->shared;

		if (s && (ns == N_UNIT_SHARED_NS ? *s->tmp != 0 : s->ns[ns][0] >= 0))
			return s;
	}
	return NULL;
}

static int take_ns(struct unit *u, enum unit_shared_ns ns)
{
	const struct unit_host *host = unit_host(u);
	const struct unit_shared *other = peer(u, ns);
	int *own = u->shared->ns[ns], r = 0;

	if (!other && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, own) < 0)
		return -errno;
	for (size_t i = 0; i < 2 && r >= 0; i++) {
		if (other)
			own[i] = fcntl(other->ns[ns][i], F_DUPFD_CLOEXEC, 5);
		r = own[i] < 0 ? -errno : host->store_fd ? host->store_fd(u, stored[ns][i], own[i]) : 0;
	}
	return r;
}

int exec_shared_acquire(struct unit *u, const struct exec_context *c)
{
	const bool wanted[N_UNIT_SHARED_NS] = {
		[UNIT_SHARED_NET] = c->s.private_network && !c->s.network_namespace_path,
		[UNIT_SHARED_IPC] = c->s.private_ipc && !c->s.ipc_namespace_path,
	};
	const struct unit_shared *other;
	int r = 0;

	if (!c->s.private_tmp && !wanted[UNIT_SHARED_NET] && !wanted[UNIT_SHARED_IPC])
		return 0;
	if (!u->shared) {
		u->shared = shared_new();
		if (!u->shared)
			return -ENOMEM;
		unit_dirty(u);
	}
	if (c->s.private_tmp && !*u->shared->tmp) {
		other = peer(u, N_UNIT_SHARED_NS);
		if (other)
			memcpy(u->shared->tmp, other->tmp, sizeof(other->tmp));
		else
			r = tmp_name(u, u->shared->tmp);
	}
	for (size_t i = 0; i < N_UNIT_SHARED_NS && r >= 0; i++)
		if (wanted[i] && u->shared->ns[i][0] < 0)
			r = take_ns(u, i);
	return r;
}

void exec_shared_release(struct unit *u)
{
	const struct unit_host *host = unit_host(u);

	for (size_t i = 0; u->shared && host->drop_fd && i < N_UNIT_SHARED_NS; i++)
		for (size_t j = 0; j < 2; j++)
			if (u->shared->ns[i][j] >= 0)
				host->drop_fd(u, stored[i][j]);
	if (u->shared)
		unit_dirty(u);
	unit_shared_free(u);
}

bool exec_shared_tmp_in_use(const struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_JOINS_NAMESPACE_OF, d));)
		if (d->other->shared && streq(d->other->shared->tmp, u->shared->tmp))
			return true;
	return false;
}

uint32_t exec_shared_kinds(const struct unit *u)
{
	uint32_t kinds = 0;

	for (size_t i = 0; u->shared && i < N_UNIT_SHARED_NS; i++)
		kinds |= u->shared->ns[i][0] >= 0 ? 1u << i : 0;
	return kinds;
}

void exec_shared_restore(struct unit *u, const char *tmp, uint32_t kinds)
{
	const struct unit_host *host = unit_host(u);

	unit_shared_free(u);
	u->shared = shared_new();
	if (!u->shared)
		return;
	snprintf(u->shared->tmp, sizeof(u->shared->tmp), "%s", tmp ?: "");
	for (size_t i = 0; i < N_UNIT_SHARED_NS; i++) {
		int *own = u->shared->ns[i];

		for (size_t j = 0; j < 2 && kinds & 1u << i; j++)
			own[j] = host->fetch_fd(u, stored[i][j]);
		if (own[0] < 0 || own[1] < 0) {         /* one end alone is of no use */
			closep(&own[0]);
			closep(&own[1]);
		}
	}
}
