/* test-load.c - whole units from trees of files: rows, links, aliases that merge, dependencies and their inverses, reload */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "unit/condition.h"
#include "unit/test-double.h"

#define E "/etc/systemd/system/"
#define U "/usr/lib/systemd/system/"

struct world {
	struct tree tree;
	struct lookup *l;
	struct unit_set *set;
	struct double_sink sink;
	struct unit_host host;
	unsigned changes;
};
static struct world w;

static void count_change(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload)
{
	w.changes++;
}

static int world_new(void **state)
{
	w = (struct world){ .host = { .changed = count_change, .default_start_limit_interval_usec = 10 * USEC_PER_SEC, .default_start_limit_burst = 5 } };
	tree_new(&w.tree);
	double_sink_init(&w.sink);
	return 0;
}

static int world_done(void **state)
{
	unit_set_free(w.set);
	lookup_free(w.l);
	buf_finish(&w.sink.text);
	tree_done(&w.tree);
	return 0;
}

static void open_world(void)
{
	assert_int_equal(lookup_new(&w.l, LOOKUP_SYSTEM, w.tree.root), 0);
	assert_int_equal(unit_set_new(&w.set, w.l, &w.host, &w.sink.sink), 0);
}

static struct unit *load(const char *name)
{
	struct unit *u = NULL;

	if (!w.set)
		open_world();
	assert_int_equal(unit_load(w.set, name, &u), 0);
	return u;
}

static void file(const char *path, const char *text)
{
	tree_file(&w.tree, path, text);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "After=b.service Wants=b.service": all of @u's dependencies, sorted */
static void deps_are(const struct unit *u, const char *want)
{
	char **v = NULL;
	struct buf b = { 0 };

	for (size_t i = 0; i < u->n_deps; i++) {
		for (unsigned k = 0; k < N_DEP_KINDS; k++) {
			char word[600];

			if (!(u->deps[i].kinds & DEP_BIT(k)))
				continue;
			snprintf(word, sizeof(word), "%s=%s", dep_name(k), u->deps[i].other->id);
			strv_add(&v, word);
		}
	}
	if (v)
		qsort(v, strv_len(v), sizeof(*v), compare);
	for (size_t i = 0; v && v[i]; i++)
		buf_addf(&b, "%s%s", i ? " " : "", v[i]);
	assert_string_equal(buf_str(&b), want);
	buf_finish(&b);
	strv_free(v);
}

/* every edge has its inverse, nothing points at what is not in the set, arrays are in order */
static void graph_is_sound(void)
{
	size_t n = 0;

	for (struct unit *u = unit_set_first(w.set); u; u = u->set_next, n++) {
		assert_ptr_equal(unit_get(w.set, u->id), u);
		for (size_t i = 0; u->names[i]; i++)
			assert_ptr_equal(unit_get(w.set, u->names[i]), u);
		for (size_t i = 0; i < u->n_deps; i++) {
			struct dep *d = &u->deps[i];

			assert_ptr_not_equal(d->other, u);
			assert_true(d->kinds != 0);
			assert_ptr_equal(unit_get(w.set, d->other->id), d->other);
			assert_true(i == 0 || (uintptr_t)u->deps[i - 1].other < (uintptr_t)d->other);
			for (unsigned k = 0; k < N_DEP_KINDS; k++)
				assert_int_equal(!!(d->kinds & DEP_BIT(k)), unit_has_dep(d->other, dep_inverse(k), u));
		}
	}
	assert_int_equal(n, unit_set_count(w.set));
}

static void kinds_and_inverses(void **state)
{
	enum dep_kind k;

	for (unsigned i = 0; i < N_DEP_KINDS; i++) {
		assert_int_equal(dep_inverse(dep_inverse(i)), i);
		assert_int_equal(dep_by_name(dep_name(i), &k), 0);
		assert_int_equal(k, i);
	}
	assert_int_equal(dep_by_name("BindTo", &k), 0);
	assert_int_equal(k, DEP_BINDS_TO);
	assert_int_equal(dep_by_name("PropagateReloadFrom", &k), 0);
	assert_int_equal(k, DEP_RELOAD_PROPAGATED_FROM);
	assert_int_equal(dep_by_name("Loves", &k), -EINVAL);
}

static void all_of_a_file(void **state)
{
	struct double_service *s;
	struct unit *u;

	file(U "a.service", "[Unit]\nDescription=A %N\nDocumentation=man:a(8) http://x/y nonsense\nAfter=b.service c.target\nWants=b.service\n"
	     "Requires=c.target c.target a.service\nConflicts=d.service\nBefore=shutdown.target\nStartLimitBurst=3\nDefaultDependencies=no\n"
	     "JobTimeoutSec=1min\nOnFailure=e@%n.service\nOnFailureJobMode=isolate\nFailureAction=reboot-force\nSuccessActionExitStatus=7\n"
	     "ConditionPathExists=/\n[Service]\nFlag=yes\nWords=a b\nText=%p\nStartLimitInterval=20s\n[Install]\nWantedBy=multi-user.target\nAlias=aa.service\n");
	u = load("a.service");
	s = container_of(u, struct double_service, unit);
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_string_equal(unit_description(u), "A a");
	assert_int_equal(strv_len(u->documentation), 2);
	assert_int_equal(u->start_limit_burst, 3);
	assert_int_equal(u->start_limit_interval_usec, 20 * USEC_PER_SEC);      /* where files of old have it */
	assert_false(u->default_dependencies);
	assert_int_equal(u->job_timeout_usec, 60 * USEC_PER_SEC);
	assert_int_equal(u->job_running_timeout_usec, 60 * USEC_PER_SEC);
	assert_int_equal(u->failure_action, UNIT_ACTION_REBOOT_FORCE);
	assert_int_equal(u->success_exit_status, 7);
	assert_int_equal(u->failure_exit_status, -1);
	assert_non_null(u->conditions);
	assert_true(s->flag && s->loads == 1 && s->inits == 1);
	assert_string_equal(s->text, "a");
	assert_string_equal(u->install_alias[0], "aa.service");
	assert_string_equal(u->install_wanted_by[0], "multi-user.target");
	assert_null(unit_get(w.set, "aa.service"));     /* [Install] is advice for enabling only */
	deps_are(u, "After=b.service After=c.target Before=shutdown.target Conflicts=d.service OnFailure=e@a.service.service Requires=c.target Wants=b.service");
	deps_are(unit_get(w.set, "c.target"), "Before=a.service RequiredBy=a.service");
	assert_int_equal(unit_get(w.set, "b.service")->load_state, UNIT_NOT_FOUND);
	assert_string_equal(double_sink_take(&w.sink), "a.service:3:35: Unit.Documentation: \"nonsense\" is no http, https, file, info or man URI\n"
			    "a.service:6:28: Unit.Requires: \"a.service\" is the unit itself, ignored\n");
	graph_is_sound();
}

static void problems_are_placed(void **state)
{
	struct unit *u;

	file(U "a.service", "[Unit]\nDescripton=x\nX-Mine=1\nAfter=b.service nonsense\n[Serviec]\nFlag=1\n[X-Other]\nA=b\n[Service]\nFlag=2\nLater=1\nLater=2\n[Socket]\nA=1\nrubbish\n");
	file(U "c.service", "[Service]\nLater=1\nFlag=yes\n");
	u = load("a.service");
	assert_int_equal(u->load_state, UNIT_LOADED);   /* the rest of the file counts */
	assert_string_equal(double_sink_take(&w.sink),
			    "a.service:2:1: unknown key Unit.Descripton, ignored, did you mean Unit.Description?\n"
			    "a.service:4:17: Unit.After: \"nonsense\" is no unit name\n"
			    "a.service:5:1: unknown section [Serviec], ignored with its keys, did you mean [Service]?\n"
			    "a.service:10:6: Service.Flag: \"2\" is no boolean\n"
			    "?a.service:11:7: Service.Later is known but has no effect in this version\n"
			    "a.service:13:1: unknown section [Socket], ignored with its keys\n");
	load("c.service");
	assert_string_equal(double_sink_take(&w.sink), "");     /* said once, not for every unit */
}

static void states(void **state)
{
	struct unit *u;

	file(U "ok.service", "[Unit]\n");
	file(U "bad.service", "[Service]\nText=spoil\n");
	file(U "m.service", "[Unit]\n");
	tree_link(&w.tree, E "m.service", "/dev/null");
	tree_link(&w.tree, U "l1.service", "l2.service");
	tree_link(&w.tree, U "l2.service", "l1.service");
	file(U "dir.service/", "");
	file(U "t@.service", "[Unit]\n");
	assert_int_equal(load("ok.service")->load_state, UNIT_LOADED);
	assert_int_equal(load("bad.service")->load_state, UNIT_BAD_SETTING);
	u = load("m.service");
	assert_int_equal(u->load_state, UNIT_MASKED);
	assert_int_equal(u->load_error, -ESHUTDOWN);
	assert_int_equal(load("l1.service")->load_state, UNIT_LOAD_ERROR);
	assert_int_equal(load("none.service")->load_state, UNIT_NOT_FOUND);
	assert_int_equal(load("dir.service")->load_state, UNIT_NOT_FOUND);
	assert_int_equal(load("x.slice")->load_state, UNIT_LOADED);     /* needs no file */
	u = load("t@i-j.service");
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_string_equal(u->instance, "i-j");
	assert_int_equal(unit_load(w.set, "t@.service", &u), -EINVAL);
	assert_int_equal(unit_load(w.set, "nonsense", &u), -EINVAL);
	graph_is_sound();
}

static void refused(void **state)
{
	struct unit *u;

	file(U "a.service", "[Unit]\nBefore=dev-x.device b.service\nAfter=dev-x.device\n");
	file(U "i.service", "[Unit]\nOnFailure=a.service b.service\nOnFailureJobMode=isolate\n");
	u = load("a.service");
	deps_are(u, "After=dev-x.device Before=b.service");
	assert_string_equal(double_sink_take(&w.sink), "a.service:0:0: Before=dev-x.device ignored: a device cannot be made to wait\n");
	assert_int_equal(load("i.service")->load_state, UNIT_BAD_SETTING);
	assert_string_equal(double_sink_take(&w.sink), "i.service:0:0: more than one OnFailure= unit cannot be isolated\n");
}

static void drop_ins(void **state)
{
	struct unit *u;

	file(U "a.service", "[Unit]\nDescription=one\nWants=x.service\n[Service]\nWords=a\n");
	file(U "a.service.d/10.conf", "[Unit]\nDescription=two\n[Service]\nWords=b\n");
	file(E "a.service.d/20.conf", "[Service]\nWords=\nWords=c\n");
	file(E "service.d/30.conf", "[Unit]\nWants=y.service\nbroken\n");
	u = load("a.service");
	assert_string_equal(u->description, "two");
	assert_int_equal(strv_len(container_of(u, struct double_service, unit)->words), 1);
	assert_string_equal(container_of(u, struct double_service, unit)->words[0], "c");
	assert_int_equal(strv_len(u->dropin_paths), 3);
	assert_string_equal(double_sink_take(&w.sink), "30.conf:3:1: '=' is missing, line ignored\n");
	deps_are(u, "Wants=x.service Wants=y.service");
}

static void links(void **state)
{
	file(U "t.target", "[Unit]\n");
	file(U "s@.service", "[Unit]\n");
	tree_link(&w.tree, E "t.target.wants/s@1.service", U "s@.service");
	tree_link(&w.tree, E "t.target.requires/r.service", U "r.service");
	tree_link(&w.tree, E "t.target.upholds/u.service", U "u.service");
	tree_link(&w.tree, E "t.target.wants/s@.service", U "s@.service");
	deps_are(load("t.target"), "Requires=r.service Upholds=u.service Wants=s@1.service Wants=s@t.service");
	assert_int_equal(unit_get(w.set, "s@1.service")->load_state, UNIT_LOADED);
	graph_is_sound();
}

/* a template as a dependency is the instance of who names it, or of its prefix */
static void templates(void **state)
{
	file(U "s@.service", "[Unit]\n");
	file(U "a-b.service", "[Unit]\nOnFailure=s@.service\n");
	file(U "i@.service", "[Unit]\nAfter=s@.service\n");
	deps_are(load("a-b.service"), "OnFailure=s@a-b.service");
	deps_are(load("i@x.service"), "After=s@x.service");
	graph_is_sound();
}

static void alias_names(void **state)
{
	struct unit *u;

	file(U "a.service", "[Unit]\nAfter=x.service\n");
	tree_link(&w.tree, U "b.service", "a.service");
	u = load("b.service");
	assert_string_equal(u->id, "a.service");
	assert_ptr_equal(load("a.service"), u);
	assert_int_equal(unit_set_count(w.set), 2);
	graph_is_sound();
}

/* x names both a and its alias b before either is read: they become one */
static void stubs_merge(void **state)
{
	file(U "x.target", "[Unit]\nWants=b.service a.service\nAfter=b.service\n");
	file(U "y.target", "[Unit]\nBefore=b.service\nRequires=a.service\n");
	file(U "a.service", "[Unit]\nAfter=y.target\n");
	tree_link(&w.tree, U "b.service", "a.service");
	load("x.target");
	load("y.target");
	deps_are(unit_get(w.set, "x.target"), "After=a.service Wants=a.service");
	deps_are(unit_get(w.set, "a.service"), "After=y.target Before=x.target RequiredBy=y.target WantedBy=x.target");
	assert_ptr_equal(unit_get(w.set, "a.service"), unit_get(w.set, "b.service"));
	assert_int_equal(unit_set_count(w.set), 3);
	graph_is_sound();
}

/* the alias is made only after the unit it leads to was loaded and runs */
static void late_alias(void **state)
{
	struct unit *a;

	file(U "a.service", "[Unit]\n");
	file(U "x.target", "[Unit]\nAfter=b.service\n");
	a = load("a.service");
	container_of(a, struct double_service, unit)->state = 42;
	load("x.target");
	assert_int_equal(unit_get(w.set, "b.service")->load_state, UNIT_NOT_FOUND);
	tree_link(&w.tree, E "b.service", U "a.service");
	assert_ptr_equal(load("b.service"), a);         /* seen without a reload, since the directory changed */
	deps_are(unit_get(w.set, "x.target"), "After=a.service");
	assert_int_equal(container_of(a, struct double_service, unit)->state, 42);
	graph_is_sound();
}

static void reload(void **state)
{
	struct double_service *s;
	struct unit *a, *b;

	file(U "a.service", "[Unit]\nDescription=old\nWants=b.service\nConditionPathExists=/\n[Service]\nWords=x\nFlag=yes\n");
	file(U "b.service", "[Unit]\n");
	tree_link(&w.tree, U "al.service", "a.service");
	a = load("a.service");
	b = unit_get(w.set, "b.service");
	s = container_of(a, struct double_service, unit);
	s->state = 42;
	unit_changed(a, false);
	unit_add_dep(a, DEP_AFTER, b, DEP_DYNAMIC);
	unit_add_dep(b, DEP_BINDS_TO, a, DEP_UDEV);
	assert_false(unit_need_reload(a));
	file(U "a.service", "[Unit]\nDescription=new\nRequires=c.service\nJobRunningTimeoutSec=5\n");
	file(E "b.service.d/1.conf", "[Unit]\nDescription=dropped in\n");
	assert_int_equal(utimensat(AT_FDCWD, a->fragment_path, (struct timespec[]){ { 1000, 0 }, { 1000, 0 } }, 0), 0);
	assert_true(unit_need_reload(a));
	tree_remove(&w.tree, U "al.service");
	assert_int_equal(unit_reload_all(w.set), 0);
	assert_string_equal(a->description, "new");
	assert_string_equal(b->description, "dropped in");
	assert_null(a->conditions);
	assert_null(s->words);
	assert_false(s->flag);
	assert_int_equal(s->state, 42);
	assert_int_equal(s->inits, 2);
	assert_int_equal(a->last_active, UNIT_ACTIVE);
	assert_false(unit_need_reload(a));
	assert_null(unit_get(w.set, "al.service"));
	deps_are(a, "After=b.service BoundBy=b.service Requires=c.service");
	graph_is_sound();
	tree_remove(&w.tree, U "a.service");
	assert_int_equal(unit_reload_all(w.set), 0);
	assert_int_equal(a->load_state, UNIT_NOT_FOUND);
	assert_int_equal(s->state, 42);                 /* it still runs */
	deps_are(a, "After=b.service BoundBy=b.service");
	unit_drop_deps(b, DEP_UDEV);
	deps_are(a, "After=b.service");
	graph_is_sound();
}

/* a running unit whose file turns into a link to another keeps its own identity */
static void reload_turned_alias(void **state)
{
	struct unit *a, *b;

	file(U "a.service", "[Unit]\nDescription=a\n");
	file(U "b.service", "[Unit]\nDescription=b\n");
	a = load("a.service");
	b = load("b.service");
	container_of(a, struct double_service, unit)->state = 1;
	container_of(b, struct double_service, unit)->state = 2;
	tree_link(&w.tree, U "a.service", "b.service");
	assert_int_equal(unit_reload_all(w.set), 0);
	assert_ptr_equal(unit_get(w.set, "a.service"), a);
	assert_ptr_equal(unit_get(w.set, "b.service"), b);
	assert_int_equal(container_of(a, struct double_service, unit)->state, 1);
	assert_string_equal(a->id, "a.service");
	assert_non_null(strstr(double_sink_take(&w.sink), "while it is in use"));
	graph_is_sound();
}

static void mounts(void **state)
{
	struct unit *u, *m;

	file(U "a.service", "[Unit]\nRequiresMountsFor=/srv/data/x\n");
	file(U "srv.mount", "[Mount]\n");
	u = load("a.service");
	deps_are(u, "After=srv.mount Requires=srv.mount");
	m = load("srv-data.mount");             /* not there yet */
	assert_int_equal(m->load_state, UNIT_NOT_FOUND);
	file(U "srv-data.mount", "[Mount]\n");
	load("srv-data.mount");
	deps_are(u, "After=srv-data.mount After=srv.mount Requires=srv-data.mount Requires=srv.mount");
	load("srv-dat.mount");
	assert_int_equal(unit_reload_all(w.set), 0);
	deps_are(u, "After=srv-data.mount After=srv.mount Requires=srv-data.mount Requires=srv.mount");
	graph_is_sound();
}

static void freeing(void **state)
{
	struct unit *a, *b;

	file(U "a.service", "[Unit]\nWants=b.service\nAfter=b.service c.service\n");
	a = load("a.service");
	b = unit_get(w.set, "b.service");
	unit_dirty(a);
	unit_dirty(b);
	assert_ptr_equal(unit_next_dep(a, DEP_WANTS, NULL)->other, b);
	assert_int_equal(unit_add_dep(a, DEP_AFTER, a, DEP_FILE), -ELOOP);
	unit_free(b);
	deps_are(a, "After=c.service");
	assert_ptr_equal(unit_take_dirty(w.set), a);
	assert_null(unit_take_dirty(w.set));
	assert_null(unit_get(w.set, "b.service"));
	unit_drop_dep(a, DEP_AFTER, unit_get(w.set, "c.service"));
	deps_are(a, "");
	deps_are(unit_get(w.set, "c.service"), "");
	graph_is_sound();
}

static void times(void **state)
{
	struct unit *u = load("a.service");
	struct double_service *s = container_of(u, struct double_service, unit);
	uint8_t before[16];

	unit_changed(u, false);
	assert_int_equal(u->state_change.realtime, 0);  /* nothing changed */
	s->state = 1;
	unit_changed(u, false);
	assert_true(u->inactive_exit.monotonic && u->active_enter.monotonic && !u->active_exit.monotonic);
	s->state = 0;
	unit_changed(u, false);
	assert_true(u->active_exit.monotonic && u->inactive_enter.realtime >= u->active_enter.realtime);
	assert_int_equal(w.changes, 3);
	memcpy(before, u->invocation_id, 16);
	unit_new_invocation(u);
	assert_memory_not_equal(before, u->invocation_id, 16);
	assert_int_equal(u->invocation_id[6] >> 4, 4);
}

static void start_limit(void **state)
{
	struct unit *u;

	file(U "a.service", "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=1h\n");
	file(U "b.service", "[Unit]\nStartLimitIntervalSec=0\n");
	u = load("a.service");
	for (int i = 0; i < 3; i++)
		assert_false(unit_start_limit_hit(u));
	assert_true(unit_start_limit_hit(u));
	u->starts.begin_usec -= 3601 * USEC_PER_SEC;            /* long ago by now: another window */
	for (int i = 0; i < 3; i++)
		assert_false(unit_start_limit_hit(u));
	assert_true(unit_start_limit_hit(u));
	assert_true(u->start_limit_hit);
	unit_forget_starts(u);
	assert_false(unit_start_limit_hit(u));
	u = load("b.service");
	for (int i = 0; i < 100; i++)
		assert_false(unit_start_limit_hit(u));
	u->start_limit_interval_usec = USEC_INFINITY;
	u->start_limit_burst = 100;
	for (int i = 0; i < 100; i++)
		assert_false(unit_start_limit_hit(u));
	assert_true(unit_start_limit_hit(u));
}

/* D4 asks for much in little: a few thousand units are read and read again, and the graph stays whole */
static void many(void **state)
{
	char path[64], text[256];
	uint64_t begin;

	file(U "all.target", "[Unit]\n");
	for (int i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), U "u%d.service", i);
		snprintf(text, sizeof(text), "[Unit]\nDescription=Unit %d\nAfter=u%d.service\nRequires=base.target\n[Service]\nText=x\n[Install]\nWantedBy=all.target\n", i, i / 2);
		file(path, text);
		snprintf(path, sizeof(path), E "all.target.wants/u%d.service", i);
		snprintf(text, sizeof(text), U "u%d.service", i);
		tree_link(&w.tree, path, text);
	}
	begin = now_usec(CLOCK_MONOTONIC);
	load("all.target");
	assert_int_equal(unit_set_count(w.set), 2002);
	assert_int_equal(unit_reload_all(w.set), 0);
	assert_int_equal(unit_set_count(w.set), 2002);
	print_message("2000 units loaded and reloaded in %llu us\n", (unsigned long long)(now_usec(CLOCK_MONOTONIC) - begin));
	assert_true(now_usec(CLOCK_MONOTONIC) - begin < 20 * USEC_PER_SEC);
	graph_is_sound();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_done)
static const struct CMUnitTest tests[] = {
	cmocka_unit_test(kinds_and_inverses), TEST(all_of_a_file), TEST(problems_are_placed), TEST(states), TEST(refused), TEST(drop_ins), TEST(links), TEST(templates), TEST(alias_names),
	TEST(stubs_merge), TEST(late_alias), TEST(reload), TEST(reload_turned_alias), TEST(mounts), TEST(freeing), TEST(times), TEST(start_limit), TEST(many),
};

static int setup(void **state)
{
	double_types();
	return 0;
}

int main(void)
{
	return cmocka_run_group_tests(tests, setup, NULL);
}
