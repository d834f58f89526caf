/* test-path.c - where a unit's files are found: order, aliases, templates, masks, drop-in folders; systemd.unit(5) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "unit/test-double.h"

#define E "/etc/systemd/system/"
#define R "/run/systemd/system/"
#define U "/usr/lib/systemd/system/"
#define N "/etc/sysmaster/system/"

/* files: "path" a unit file, "path=x" with that content ("" empty), "path>target" a link; the answer as one text, see describe() */
struct row { const char *about; const char *files[12]; const char *ask, *answer; };

static void put_list(struct buf *b, const char *what, char *const *v, size_t root)
{
	if (v)
		buf_addf(b, "; %s", what);
	for (size_t i = 0; v && v[i]; i++)
		buf_addf(b, " %s", v[i][0] == '/' ? v[i] + root : v[i]);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "ID FRAGMENT[ masked][ = other names][; conf ...][; wants ...]" with sorted names */
static void describe(const struct lookup_result *r, size_t root, struct buf *b)
{
	qsort(r->aliases, strv_len(r->aliases), sizeof(char *), compare);
	buf_addf(b, "%s %s%s", r->id, r->fragment ? r->fragment + root : "-", r->masked ? " masked" : "");
	if (strv_len(r->aliases) > 1) {
		buf_adds(b, " =");
		for (size_t i = 0; r->aliases[i]; i++)
			if (!streq(r->aliases[i], r->id))
				buf_addf(b, " %s", r->aliases[i]);
	}
	put_list(b, "conf", r->dropins, root);
	put_list(b, "wants", r->wants, root);
	put_list(b, "requires", r->requires, root);
	put_list(b, "upholds", r->upholds, root);
}

static void fill(struct tree *t, const char *const *files)
{
	for (size_t i = 0; i < 12 && files[i]; i++) {
		char path[256], *cut;

		snprintf(path, sizeof(path), "%s", files[i]);
		cut = strpbrk(path, "=>");
		if (cut && *cut == '>') {
			*cut = '\0';
			tree_link(t, path, cut + 1);
		} else if (cut) {
			*cut = '\0';
			tree_file(t, path, cut + 1);
		} else {
			tree_file(t, path, "[Unit]\n");
		}
	}
}

static void path_row(void **state)
{
	const struct row *row = *state;
	struct lookup_result res;
	struct buf b = { 0 };
	struct lookup *l;
	struct tree t;
	int r;

	tree_new(&t);
	fill(&t, row->files);
	assert_int_equal(lookup_new(&l, LOOKUP_SYSTEM, t.root), 0);
	r = lookup_find(l, row->ask, &res);
	if (r < 0)
		buf_addf(&b, "%s", r == -ELOOP ? "loop" : "error");
	else
		describe(&res, strlen(t.root), &b);
	assert_string_equal(buf_str(&b), row->answer);
	lookup_result_done(&res);
	lookup_free(l);
	buf_finish(&b);
	tree_done(&t);
}

static void stale(void **state)
{
	struct lookup_result res;
	char **names = NULL;
	struct lookup_file f;
	struct lookup *l;
	struct tree t;

	tree_new(&t);
	tree_file(&t, U "a.service", "x");
	assert_int_equal(lookup_new(&l, LOOKUP_SYSTEM, t.root), 0);
	assert_false(lookup_stale(l));
	tree_file(&t, E "b.service", "x");
	assert_true(lookup_stale(l));
	assert_false(lookup_exists(l, "b.service"));
	assert_int_equal(lookup_refresh(l), 0);
	assert_false(lookup_stale(l));
	assert_true(lookup_exists(l, "b.service"));
	tree_link(&t, E "c.service", "b.service");
	tree_link(&t, E "a.service", "/dev/null");
	tree_link(&t, E "d@.service", "/opt/d@.service");
	assert_int_equal(lookup_refresh(l), 0);
	assert_int_equal(lookup_list(l, &names), 0);
	assert_int_equal(strv_len(names), 4);
	assert_string_equal(names[0], "a.service");
	assert_string_equal(names[3], "d@.service");
	assert_true(lookup_file(l, "a.service", &f) && f.masked && !f.alias);
	assert_string_equal(f.dir, "/etc/systemd/system");
	assert_true(lookup_file(l, "c.service", &f) && f.alias && !f.elsewhere);
	assert_string_equal(f.target, "b.service");
	assert_true(lookup_file(l, "d@x.service", &f) && f.elsewhere);
	assert_string_equal(f.name, "d@.service");
	assert_false(lookup_file(l, "e.service", &f));
	assert_int_equal(lookup_find(l, "nonsense", &res), -EINVAL);
	strv_free(names);
	lookup_free(l);
	tree_done(&t);
}

static void search_path(void **state)
{
	struct lookup *l;
	size_t n;

	setenv("SYSMASTER_UNIT_PATH", "/a//b/:relative:/c", 1);
	assert_int_equal(lookup_new(&l, LOOKUP_SYSTEM, "/nonexistent/"), 0);
	assert_string_equal(lookup_root(l), "/nonexistent");
	assert_int_equal(strv_len(lookup_dirs(l)), 2);
	assert_string_equal(lookup_dirs(l)[0], "/a/b");
	lookup_free(l);
	unsetenv("SYSMASTER_UNIT_PATH");
	assert_int_equal(lookup_new(&l, LOOKUP_SYSTEM, NULL), 0);
	n = strv_len(lookup_dirs(l));
	lookup_free(l);
	setenv("SYSMASTER_UNIT_PATH", "/x:", 1);        /* in front of the usual ones */
	assert_int_equal(lookup_new(&l, LOOKUP_SYSTEM, "/"), 0);
	assert_string_equal(lookup_root(l), "");
	assert_int_equal(strv_len(lookup_dirs(l)), n + 1);
	assert_string_equal(lookup_dirs(l)[0], "/x");
	lookup_free(l);
	unsetenv("SYSMASTER_UNIT_PATH");
	assert_int_equal(lookup_new(&l, LOOKUP_USER, NULL), 0);
	assert_non_null(strstr(lookup_dirs(l)[0], "/user"));
	lookup_free(l);
}

#define ROW(about, ask, answer, ...) { about, path_row, NULL, NULL, &(struct row){ about, { __VA_ARGS__ }, ask, answer } }
static const struct CMUnitTest tests[] = {
	ROW("nothing", "a.service", "a.service -", U "b.service"),
	ROW("plain", "a.service", "a.service " U "a.service", U "a.service"),
	ROW("etc before run before usr", "a.service", "a.service " E "a.service", U "a.service", R "a.service", E "a.service"),
	ROW("run before usr", "a.service", "a.service " R "a.service", U "a.service", R "a.service"),
	ROW("our own before systemd's", "a.service", "a.service " N "a.service", E "a.service", N "a.service"),
	ROW("the administrator before our own vendor file", "a.service", "a.service " E "a.service", E "a.service", "/usr/lib/sysmaster/system/a.service"),
	ROW("masked by link", "a.service", "a.service " E "a.service masked", U "a.service", E "a.service>/dev/null"),
	ROW("masked by an empty file", "a.service", "a.service " E "a.service masked", U "a.service", E "a.service="),
	ROW("masked by a link from afar", "a.service", "a.service " E "a.service masked", U "a.service", E "a.service>../../../dev/null"),
	ROW("template serves an instance", "a@x.service", "a@x.service " U "a@.service", U "a@.service"),
	ROW("an instance's own file wins", "a@x.service", "a@x.service " U "a@x.service", U "a@.service", U "a@x.service"),
	ROW("masked instance", "a@x.service", "a@x.service " E "a@x.service masked", U "a@.service", E "a@x.service>/dev/null"),
	ROW("masked template", "a@x.service", "a@x.service " E "a@.service masked", U "a@.service", E "a@.service>/dev/null"),
	ROW("alias asked by nickname", "b.service", "a.service " U "a.service = b.service", U "a.service", E "b.service>" U "a.service"),
	ROW("alias asked by name", "a.service", "a.service " U "a.service = b.service c.service", U "a.service", E "b.service>" U "a.service", U "c.service>a.service"),
	ROW("alias of an alias", "c.service", "a.service " U "a.service = b.service c.service", U "a.service", U "b.service>a.service", U "c.service>b.service"),
	ROW("hidden alias is none", "a.service", "a.service " U "a.service", U "a.service", U "b.service>a.service", E "b.service"),
	ROW("aliases in a circle", "a.service", "loop", U "a.service>b.service", U "b.service>a.service"),
	ROW("alias of nothing", "b.service", "b.service -", U "b.service>a.service"),
	ROW("a link to another type is no alias", "b.socket", "b.socket " U "a.service", U "a.service", U "b.socket>a.service"),
	ROW("linked from elsewhere", "a.service", "a.service /opt/a.service", "/opt/a.service", E "a.service>/opt/a.service"),
	ROW("link to the same name below", "a.service", "a.service " U "a.service", U "a.service", E "a.service>" U "a.service"),
	ROW("template alias", "b@x.service", "a@x.service " U "a@.service = b@x.service", U "a@.service", U "b@.service>a@.service"),
	ROW("template alias by name", "a@x.service", "a@x.service " U "a@.service = b@x.service", U "a@.service", U "b@.service>a@.service"),
	ROW("instance alias of a template", "b@x.service", "a@x.service " U "a@.service = b@x.service", U "a@.service", U "b@x.service>a@.service"),
	ROW("instance alias is for its instance only", "a@y.service", "a@y.service " U "a@.service", U "a@.service", U "b@x.service>a@.service"),
	ROW("getty of a console", "autovt@tty1.service", "getty@tty1.service " U "getty@.service = autovt@tty1.service", U "getty@.service", U "autovt@.service>getty@.service"),
	ROW("drop-ins sorted by name over all folders", "a.service", "a.service " U "a.service; conf " U "a.service.d/10.conf " E "a.service.d/20.conf " R "a.service.d/30.conf",
	    U "a.service", U "a.service.d/10.conf=x", E "a.service.d/20.conf=x", R "a.service.d/30.conf=x"),
	ROW("same drop-in: first folder wins", "a.service", "a.service " U "a.service; conf " E "a.service.d/10.conf",
	    U "a.service", U "a.service.d/10.conf=x", E "a.service.d/10.conf=x"),
	ROW("masked drop-ins are listed, and empty", "a.service", "a.service " U "a.service; conf " E "a.service.d/10.conf " E "a.service.d/20.conf", U "a.service", U "a.service.d/10.conf=x", E "a.service.d/10.conf>/dev/null", E "a.service.d/20.conf="),
	ROW("what is no drop-in", "a.service", "a.service " U "a.service", U "a.service", U "a.service.d/x=x", U "a.service.d/.y.conf=x"),
	ROW("drop-ins without a fragment", "a.service", "a.service -; conf " E "a.service.d/1.conf", E "a.service.d/1.conf=x"),
	ROW("dashes and type", "a-b-c.service", "a-b-c.service " U "a-b-c.service; conf " E "a-.service.d/1.conf " E "a-b-.service.d/2.conf " E "a-b-c.service.d/3.conf " E "service.d/4.conf",
	    U "a-b-c.service", E "a-.service.d/1.conf=x", E "a-b-.service.d/2.conf=x", E "a-b-c.service.d/3.conf=x", E "service.d/4.conf=x"),
	ROW("prefixes of an instance", "a-b@x.service", "a-b@x.service " U "a-b@.service; conf " E "a-.service.d/1.conf " E "a-b@.service.d/2.conf",
	    U "a-b@.service", E "a-.service.d/1.conf=x", E "a-b@.service.d/2.conf=x", E "a-@x.service.d/3.conf=x"),
	ROW("the longer prefix wins", "a-b-c.service", "a-b-c.service " U "a-b-c.service; conf " E "a-b-.service.d/1.conf",
	    U "a-b-c.service", E "a-.service.d/1.conf=x", E "a-b-.service.d/1.conf=x", E "service.d/1.conf=x"),
	ROW("not one's own trailing dash twice", "a-.service", "a-.service " U "a-.service; conf " E "a-.service.d/1.conf", U "a-.service", E "a-.service.d/1.conf=x"),
	ROW("template's and instance's drop-ins", "a@x.service", "a@x.service " U "a@.service; conf " E "a@.service.d/1.conf " E "a@x.service.d/2.conf",
	    U "a@.service", E "a@.service.d/1.conf=x", E "a@x.service.d/2.conf=x", E "a@y.service.d/3.conf=x"),
	ROW("the instance's one wins", "a@x.service", "a@x.service " U "a@.service; conf " E "a@x.service.d/1.conf", U "a@.service", E "a@.service.d/1.conf=x", E "a@x.service.d/1.conf=x"),
	ROW("drop-ins of an alias count", "a.service", "a.service " U "a.service = b.service; conf " E "b.service.d/1.conf", U "a.service", U "b.service>a.service", E "b.service.d/1.conf=x"),
	ROW("wants", "t.target", "t.target " U "t.target; wants a.service b@x.service; requires c.service; upholds d.service", U "t.target", E "t.target.wants/a.service>" U "a.service",
	    U "t.target.wants/b@x.service>../b@.service", U "t.target.requires/c.service>x", U "t.target.upholds/d.service>x"),
	ROW("masked want", "t.target", "t.target " U "t.target", U "t.target", U "t.target.wants/a.service>../a.service", E "t.target.wants/a.service>/dev/null"),
	ROW("wants of an alias", "u.target", "t.target " U "t.target = u.target; wants a.service", U "t.target", U "u.target>t.target", E "u.target.wants/a.service>x"),
	cmocka_unit_test(stale), cmocka_unit_test(search_path),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
