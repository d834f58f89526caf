/*
 * set-property.c - settings of a unit that may be running are changed and kept in drop-ins
 *
 * Only what can change at once is taken: resource control and the description. Each key has a drop-in of its own, 50-KEY.conf, in
 * system.control below /etc/sysmaster, or /run/sysmaster until the next boot; beside its file for a transient unit.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "cgroup/context.h"
#include "log.h"
#include "manager/methods.h"
#include "unit/scope.h"
#include "unit/settings.h"

#define HEAD "# Set by set-property. Changes here are lost with the next one.\n"

struct changing { struct server_call *c; struct diag_sink sink; bool wrong; char why[512]; };

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	struct changing *k = container_of(s, struct changing, sink);

	if (!k->wrong)
		snprintf(k->why, sizeof(k->why), "%s", text);
	k->wrong = true;
}

static bool is_live(const struct setting *s)
{
	return s->resource ? !streq(s->key->name, "Slice") && !streq(s->key->name, "Delegate") : streq(s->key->name, "Description");
}

static int check_keys(struct changing *k, const struct unit *u, const struct ipc_set_properties_request *q)
{
	for (size_t i = 0; i < q->n_settings; i++) {
		struct setting s;
		int r = setting_find(u->type, q->settings[i], cgroup_keys, &s);

		if (r == -ENOENT)
			return method_refuse(k->c, r, "Unknown assignment: %.200s", q->settings[i]);
		if (r < 0)
			return method_refuse(k->c, r, "Not an assignment: %.200s", q->settings[i]);
		if (!is_live(&s))
			return method_refuse(k->c, -EINVAL, "Cannot set property %s, or unknown property.", s.key->name);
	}
	return 0;
}

/* ---- drop-ins ---- */

static int make_folders(const char *path)
{
	char part[4096];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* what an earlier call said of a key whose assignments add up; without the comment. "" when there is nothing */
static void read_lines(const char *path, char *mem, size_t n)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd < 0 ? 0 : read(fd, mem, n - 1);

	mem[MAX(got, (ssize_t)0)] = 0;
	if (startswith(mem, HEAD))
		memmove(mem, mem + strlen(HEAD), strlen(mem + strlen(HEAD)) + 1);
}

static int write_dropin(const struct unit *u, const char *folder, const struct setting *s, const char *assignment)
{
	_cleanup_(buf_finish) struct buf b = { .data = NULL }, line = { .data = NULL };
	char reset[160];
	const char *lines_of[] = { reset, assignment };
	size_t skip = s->key->kind->merges ? 0 : 1;
	char path[4096], old[65536] = "", why[256];
	int r;

	snprintf(reset, sizeof(reset), "%s.%s=", s->section, s->key->name);
	r = settings_text(u->type, lines_of + skip, 2 - skip, cgroup_keys, &line, why, sizeof(why));

	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/50-%s.conf", folder, s->key->name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (s->key->kind->adds_up && *s->value)
		read_lines(path, old, sizeof(old));
	buf_addf(&b, "%s%s", HEAD, old);
	/* the section's header is there already where lines are added */
	buf_adds(&b, *old ? strchr(buf_str(&line) + 1, '\n') + 1 : buf_str(&line) + 1);
	return buf_error(&b) ? buf_error(&b) : transient_write_file(path, buf_str(&b), b.len);
}

static int write_dropins(const struct unit *u, const struct ipc_set_properties_request *q)
{
	const char *base = scope_dir(u->transient || (q->has_runtime && q->runtime) ? SCOPE_RUNTIME : SCOPE_CONFIGURATION);
	const char *below = u->transient ? "transient" : scope_is_user() ? "user.control" : "system.control";
	char folder[4096];
	int r;

	if (snprintf(folder, sizeof(folder), "%s/sysmaster/%s/%s.d", base, below, u->id) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	r = make_folders(folder);
	for (size_t i = 0; i < q->n_settings && r >= 0; i++) {
		struct setting s;

		r = setting_find(u->type, q->settings[i], cgroup_keys, &s);
		if (r >= 0)
			r = write_dropin(u, folder, &s, q->settings[i]);
	}
	return r;
}

/* ---- now ---- */

/* what programs attached to the group do, and not files of it */
static bool touches_filters(const struct unit *u, const struct ipc_set_properties_request *q)
{
	static const char *const names[] = {
		"BPFProgram", "DeviceAllow", "DevicePolicy", "IPAccounting", "IPAddressAllow", "IPAddressDeny", "IPEgressFilterPath", "IPIngressFilterPath",
		"RestrictNetworkInterfaces", "SocketBindAllow", "SocketBindDeny",
	};
	struct setting s;

	for (size_t i = 0; i < q->n_settings; i++)
		for (size_t j = 0; j < ARRAY_SIZE(names) && setting_find(u->type, q->settings[i], cgroup_keys, &s) >= 0; j++)
			if (streq(s.key->name, names[j]))
				return true;
	return false;
}

static int apply(struct manager *m, struct unit *u, const struct ipc_set_properties_request *q, const struct buf *text)
{
	int r = settings_apply(u, u->id, (const char *)text->data, text->len, &m->sink);

	if (r < 0)
		return r;
	if (lookup_refresh(m->lookup) >= 0)
		unit_note_files(u);             /* they are what is in force: no reload is needed for them */
	unit_dirty(u);
	if (!cgroup_context_of(u) || !u->cgroup_path)
		return 0;
	r = cgroup_apply(m->cgroups, u);
	return r < 0 || !touches_filters(u, q) ? r : host_apply_filters(m, u);
}

/* what is applied now: lists that a request replaces are emptied first */
static int text_of(const struct unit *u, const struct ipc_set_properties_request *q, struct buf *text, char *why, size_t n_why)
{
	_cleanup_(strv_freep) char **lines = NULL;
	struct setting s;
	int r = 0;

	for (size_t i = 0; i < q->n_settings && r >= 0; i++) {
		char reset[160];

		r = setting_find(u->type, q->settings[i], cgroup_keys, &s);
		if (r >= 0 && s.key->kind->merges) {
			snprintf(reset, sizeof(reset), "%s.%s=", s.section, s.key->name);
			r = strv_add(&lines, reset);
		}
		if (r >= 0)
			r = strv_add(&lines, q->settings[i]);
	}
	return r < 0 ? r : settings_text(u->type, (const char *const *)lines, strv_len(lines), cgroup_keys, text, why, n_why);
}

int method_set_properties(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_set_properties_request *q = req;
	_cleanup_(buf_finish) struct buf text = { .data = NULL };
	struct changing k = { .c = c, .sink = { report } };
	struct manager *m = c->user;
	struct unit *u;
	int r = method_find_unit(c, q->unit, true, &u);

	if (r >= 0 && u->load_state == UNIT_NOT_FOUND)
		return method_refuse(c, -ENOENT, "Unit %s not found.", u->id);
	if (r >= 0 && u->load_state != UNIT_LOADED)
		return method_refuse(c, -EINVAL, "Unit %s is not loaded properly.", u->id);
	if (r >= 0)
		r = check_keys(&k, u, q);
	if (r >= 0)
		r = text_of(u, q, &text, k.why, sizeof(k.why));
	if (r < 0)
		return *k.why ? method_refuse(c, r, "%s", k.why) : r;
	r = settings_apply_try(u, u->id, buf_str(&text), text.len, &k.sink);
	if (r >= 0 && k.wrong)
		return method_refuse(c, -EINVAL, "%s", k.why);
	if (r >= 0)
		r = write_dropins(u, q);
	return r < 0 ? method_refuse(c, r, "The change cannot be kept: %s", strerror(-r)) : apply(m, u, q, &text);
}
