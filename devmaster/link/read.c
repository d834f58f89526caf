/* read.c - .link files and their drop-ins -> struct link_file; systemd.link(5), systemd.syntax(7) */
#include <limits.h>
#include <stdio.h>
#include "conf.h"
#include "device/files.h"
#include "keys.h"

struct reader { struct conf_handler handler; struct link_file *f; };

static bool known_section(struct conf_handler *h, const char *file, const char *section, unsigned line)
{
	for (size_t i = 0; i < n_link_keys; i++)
		if (streq(link_keys[i].section, section))
			return true;
	if (!startswith(section, "X-"))
		diag(h->sink, DIAG_WARNING, file, line, 1, "[%s] is no section of a .link file, expected Match, Link or SR-IOV", section);
	return false;
}

static int assign(struct conf_handler *h, const char *file, const char *section, const char *key, const char *value, unsigned line, unsigned column)
{
	struct link_file *f = container_of(h, struct reader, handler)->f;

	for (size_t i = 0; i < n_link_keys; i++) {
		const struct link_key *k = &link_keys[i];
		int r;

		if (!streq(k->section, section) || !streq(k->name, key))
			continue;
		if (!k->parse) {
			diag(h->sink, DIAG_UNSUPPORTED, file, line, column, "%s= is known, but not honoured", key);
			return 0;
		}
		r = k->parse(k, value, (char *)f + k->off);
		if (r < 0 && r != -ENOMEM)
			diag(h->sink, DIAG_ERROR, file, line, column, "%s=%s: expected %s", key, value, k->expect);
		return r == -ENOMEM ? r : 0;
	}
	if (!startswith(key, "X-"))
		diag(h->sink, DIAG_WARNING, file, line, column, "%s= is no key of [%s]", key, section);
	return 0;
}

static struct link_file *new_file(const char *path)
{
	struct link_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	for (size_t i = 0; i < N_LINK_FEATURES; i++)
		f->features[i] = -1;
	f->duplex = f->port = f->autonegotiation = f->mdi = f->rx_pause = f->tx_pause = f->auto_pause = f->adaptive_rx = f->adaptive_tx = -1;
	f->path = strdup(path);
	if (f->path)
		return f;
	free(f);
	return NULL;
}

void link_file_free(struct link_file *f)
{
	char **lists[] = { f ? f->id_path : NULL, f ? f->driver : NULL, f ? f->type : NULL, f ? f->kind : NULL, f ? f->property : NULL, f ? f->name : NULL, f ? f->alternative_names : NULL };

	if (!f)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	for (size_t i = 0; i < N_LINK_CONDITIONS; i++)
		strv_free(f->condition[i]);
	free(f->mac.v);
	free(f->permanent_mac.v);
	free(f->new_mac.v);
	free(f->alias);
	free(f->description);
	free(f->new_name);
	free(f->wol_password);
	free(f->path);
	free(f);
}

/* what has no condition at all is a mistake: "match everything" must be said */
static int check(const struct link_file *f, struct diag_sink *sink)
{
	bool any = f->mac.n || f->permanent_mac.n || f->id_path || f->driver || f->type || f->kind || f->property || f->name;

	for (size_t i = 0; i < N_LINK_CONDITIONS; i++)
		any |= f->condition[i] != NULL;
	if (!any) {
		diag(sink, DIAG_WARNING, f->path, 0, 0, "nothing valid in [Match], so the file is not used: expected OriginalName=* to match every interface");
		return -ENODATA;
	}
	if (f->mac_policy != MAC_NONE && f->new_mac.n)
		diag(sink, DIAG_WARNING, f->path, 0, 0, "MACAddress= does nothing beside MACAddressPolicy=persistent or random");
	return 0;
}

int link_file_parse(struct link_file **ret, const char *path, const char *text, size_t n, struct diag_sink *sink)
{
	_cleanup_(link_file_freep) struct link_file *f = new_file(path);
	struct reader rd = { { .assign = assign, .section = known_section, .sink = sink }, f };
	int r = f ? conf_parse(path, text, n, &rd.handler) : -ENOMEM;

	if (r == 0)
		r = check(f, sink);
	if (r == 0)
		*ret = TAKE_PTR(f);
	return r;
}

int link_file_read(struct link_file **ret, const char *path, char *const *folders, struct diag_sink *sink)
{
	_cleanup_(link_file_freep) struct link_file *f = new_file(path);
	_cleanup_(strv_freep) char **dropins = NULL;
	struct reader rd = { { .assign = assign, .section = known_section, .sink = sink }, f };
	char folder[PATH_MAX];
	int r = f ? conf_parse_file(path, &rd.handler) : -ENOMEM;

	for (char *const *p = folders; r == 0 && p && *p; p++)
		if ((size_t)snprintf(folder, sizeof(folder), "%s/%s.d", *p, files_name(path)) < sizeof(folder))
			r = files_list(folder, ".conf", &dropins);
	for (char **p = dropins; r == 0 && p && *p; p++) {
		r = conf_parse_file(*p, &rd.handler);
		r = r == -ENOMEM ? r : 0;               /* what cannot be read was reported */
	}
	if (r == 0)
		r = check(f, sink);
	if (r == 0)
		*ret = TAKE_PTR(f);
	return r;
}
