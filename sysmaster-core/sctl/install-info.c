/* install-info.c - reads [Install] with the rows that the manager uses too; systemd.unit(5) "[Install] Section Options" */
#include "sctl/install-priv.h"
#include "conf.h"
#include "unit/keys.h"
#include "unit/name.h"

/* Only [Install] is of interest; the unit object is there for its fields and for specifiers, it belongs to no set. */
struct reader {
	struct conf_handler handler;
	struct unit unit;
};

static bool want_section(struct conf_handler *h, const char *file, const char *section, unsigned line)
{
	return streq(section, "Install");
}

static int assign(struct conf_handler *h, const char *file, const char *section, const char *key, const char *value, unsigned line, unsigned column)
{
	struct reader *rd = container_of(h, struct reader, handler);
	struct key_place at = { &rd->unit, h->sink, file, section, key, line, column };
	const struct key_group *g;
	const struct key *k = key_find(unit_groups, n_unit_groups, section, key, &g);

	return k ? k->kind->parse(&at, k, value, (char *)&rd->unit + g->base + k->off) : 0;
}

static int read_as(const char *name, const char *fragment, char *const *dropins, struct reader *rd)
{
	int r;

	rd->handler = (struct conf_handler){ .assign = assign, .section = want_section };
	rd->unit.id = strdup(name);
	rd->unit.fragment_path = strdup(fragment);
	if (!rd->unit.id || !rd->unit.fragment_path)
		return -ENOMEM;
	r = name_instance(name, &rd->unit.instance);
	if (r == 0)
		r = conf_parse_file(fragment, &rd->handler);
	for (size_t i = 0; r == 0 && dropins && dropins[i]; i++)
		if (conf_parse_file(dropins[i], &rd->handler) == -ENOMEM)
			r = -ENOMEM;
	return r;
}

static void reader_done(struct reader *rd)
{
	for (size_t i = 0; i < n_unit_groups; i++)
		for (size_t k = 0; streq(unit_groups[i].section, "Install") && k < unit_groups[i].n_rows; k++)
			unit_groups[i].rows[k].kind->clear(&unit_groups[i].rows[k], (char *)&rd->unit + unit_groups[i].rows[k].off);
	free(rd->unit.id);
	free(rd->unit.instance);
	free(rd->unit.fragment_path);
	*rd = (struct reader){ 0 };
}

static int fill(const struct lookup *l, const char *name, const char *fragment, char *const *dropins, struct install_info *info)
{
	size_t root = strlen(lookup_root(l));
	struct reader rd = { 0 };
	int r = read_as(name, fragment, dropins, &rd);

	if (r == 0 && rd.unit.default_instance && name_is_template(name)) {
		r = name_replace_instance(name, rd.unit.default_instance, &info->effective);
		reader_done(&rd);
		if (r == 0)             /* once more: specifiers now stand for the instance */
			r = read_as(info->effective, fragment, dropins, &rd);
	}
	if (r == 0) {
		info->alias = TAKE_PTR(rd.unit.install_alias);
		info->wanted_by = TAKE_PTR(rd.unit.install_wanted_by);
		info->required_by = TAKE_PTR(rd.unit.install_required_by);
		info->upheld_by = TAKE_PTR(rd.unit.install_upheld_by);
		info->also = TAKE_PTR(rd.unit.install_also);
		info->name = strdup(name);
		if (!info->effective)
			info->effective = strdup(name);
		info->path = strdup(startswith(fragment, lookup_root(l)) ? fragment + root : fragment);
		if (!info->name || !info->effective || !info->path)
			r = -ENOMEM;
	}
	reader_done(&rd);
	return r;
}

int install_info_read(const struct lookup *l, const char *name, const char *path, struct install_info *ret)
{
	struct install_info info = { 0 };
	struct lookup_result res;
	int r = lookup_find(l, name, &res);

	if (r < 0)
		return r;
	if (!path && !res.fragment)
		r = -ENOENT;
	else if (!path && res.masked)
		r = -ERFKILL;
	else
		r = fill(l, path ? name : res.id, path ? path : res.fragment, res.dropins, &info);
	lookup_result_done(&res);
	if (r < 0) {
		install_info_done(&info);
		return r;
	}
	*ret = info;
	return 0;
}

void install_info_done(struct install_info *i)
{
	free(i->name);
	free(i->effective);
	free(i->path);
	strv_free(i->alias);
	strv_free(i->wanted_by);
	strv_free(i->required_by);
	strv_free(i->upheld_by);
	strv_free(i->also);
	*i = (struct install_info){ 0 };
}

bool install_info_any(const struct install_info *i)
{
	return i->alias || i->wanted_by || i->required_by || i->upheld_by;
}
