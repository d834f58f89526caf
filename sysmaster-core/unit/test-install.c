/*
 * test-install.c - enable, disable, mask and the rest on one tree, step by step
 *
 * What is expected was said by systemctl 252 on the same tree, but for the order of removals (ours is sorted).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "sctl/install.h"
#include "unit/name.h"
#include "unit/test-double.h"

#define U "/usr/lib/systemd/system/"
static struct tree tree;
static struct lookup *l;

static int enable(char *const *names, unsigned flags, struct install_changes *ch) { return install_enable(l, names, flags, ch); }
static int disable(char *const *names, unsigned flags, struct install_changes *ch) { return install_disable(l, names, flags, ch); }
static int reenable(char *const *names, unsigned flags, struct install_changes *ch) { return install_reenable(l, names, flags, ch); }
static int mask(char *const *names, unsigned flags, struct install_changes *ch) { return install_mask(l, names, flags, ch); }
static int unmask(char *const *names, unsigned flags, struct install_changes *ch) { return install_unmask(l, names, flags, ch); }
static int link_paths(char *const *names, unsigned flags, struct install_changes *ch) { return install_link(l, names, flags, ch); }
static int preset(char *const *names, unsigned flags, struct install_changes *ch) { return install_preset(l, names, PRESET_FULL, flags, ch); }
static int add_wants(char *const *names, unsigned flags, struct install_changes *ch) { return install_add_dependency(l, names[0], false, names + 1, flags, ch); }
static int add_requires(char *const *names, unsigned flags, struct install_changes *ch) { return install_add_dependency(l, names[0], true, names + 1, flags, ch); }
static int revert(char *const *names, unsigned flags, struct install_changes *ch) { return install_revert(l, names, flags, ch); }
static int set_default(char *const *names, unsigned flags, struct install_changes *ch) { return install_set_default(l, names[0], flags, ch); }

static const struct { const char *verb; int (*fn)(char *const *, unsigned, struct install_changes *); } verbs[] = {
	{ "enable", enable }, { "disable", disable }, { "reenable", reenable }, { "mask", mask }, { "unmask", unmask }, { "link", link_paths },
	{ "preset", preset }, { "add-wants", add_wants }, { "add-requires", add_requires }, { "revert", revert }, { "set-default", set_default },
};

static void write_tree(void)
{
	tree_new(&tree);
	tree_file(&tree, U "a.service", "[Service]\n[Install]\nWantedBy=multi-user.target\nAlias=aa.service\nAlso=b.service\n");
	tree_file(&tree, U "b.service", "[Install]\nRequiredBy=x.target\n");
	tree_file(&tree, U "st.service", "[Service]\n");
	tree_file(&tree, U "t@.service", "[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n");
	tree_file(&tree, U "u@.service", "[Install]\nWantedBy=getty.target\n");
	tree_file(&tree, U "also.service", "[Install]\nAlso=b.service\n");
	tree_file(&tree, U "sp-ec.service", "[Install]\nAlias=bad.socket %p-x.service\nWantedBy=%j.target\n");
	tree_file(&tree, U "multi-user.target", "[Unit]\n[Install]\nAlias=default.target\n");
	tree_file(&tree, U "g.target", "[Unit]\n");
	tree_link(&tree, U "default.target", "g.target");
	tree_link(&tree, U "alias.service", "a.service");
	tree_file(&tree, "/opt/o.service", "[Install]\nWantedBy=multi-user.target\n");
	tree_file(&tree, "/usr/lib/systemd/system-preset/90-x.preset", "# c\ndisable b.service\nenable t@.service x y\ndisable t@*\nenable *\n");
	tree_file(&tree, "/usr/lib/systemd/system-preset/10-y.preset", "disable *\n");
	tree_file(&tree, "/etc/systemd/system-preset/10-y.preset", "disable u@*\n");
}

static void say_changes(const char *verb, const struct install_changes *ch, struct buf *out)
{
	for (size_t i = 0; i < ch->n; i++) {
		struct buf one = { 0 };
		const char *p;

		install_format(&ch->v[i], verb, &one);
		for (p = buf_str(&one); *p; p++) {
			if (startswith(p, tree.root))
				p += strlen(tree.root);
			buf_addc(out, *p);
		}
		buf_addc(out, '\n');
		buf_finish(&one);
	}
}

static void say_states(char *const *names, struct buf *out)
{
	struct install_index *x;

	assert_int_equal(install_index_new(&x, l, 0), 0);
	for (size_t i = 0; names && names[i]; i++) {
		enum install_state s;
		int r = install_state_of(x, names[i], &s);

		buf_addf(out, "%s%s", r < 0 ? strerror(-r) : install_state_name(s), names[i + 1] ? " " : "\n");
	}
	install_index_free(x);
}

/* @line: "verb [--runtime] [--force] names"; gives what is said, and "=> error" when it failed */
static void step(const char *line, const char *want)
{
	_cleanup_(freep) char *copy = strdup(line);
	_cleanup_(strv_freep) char **names = NULL;
	struct install_changes ch = { 0 };
	struct buf out = { 0 };
	char *rest = copy, *verb = strsep(&rest, " "), *word, *target = NULL;
	unsigned flags = 0;
	int r = 0;

	while ((word = strsep(&rest, " "))) {
		if (streq(word, "--runtime"))
			flags |= INSTALL_RUNTIME;
		else if (streq(word, "--force"))
			flags |= INSTALL_FORCE;
		else
			strv_add(&names, word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (streq(verbs[i].verb, verb))
			r = verbs[i].fn(names, flags, &ch);
	if (streq(verb, "is-enabled"))
		say_states(names, &out);
	if (streq(verb, "get-default") && (r = install_get_default(l, &target)) == 0)
		buf_addf(&out, "%s\n", target);
	say_changes(verb, &ch, &out);
	if (streq(verb, "enable") && r == 0 && !ch.carries_install)
		buf_adds(&out, "no installation config\n");
	if (r < 0)
		buf_adds(&out, "=> error\n");
	if (!streq(buf_str(&out), want))
		print_error("%s\n", line);
	assert_string_equal(buf_str(&out), want);
	buf_finish(&out);
	install_changes_done(&ch);
	free(target);
}

#define E "/etc/systemd/system/"
#define R "/run/systemd/system/"
#define MADE(at, name, file) "Created symlink " at name " → " file ".\n"
#define GONE(at, name) "Removed \"" at name "\".\n"
#define NO_X "Unit " U "b.service is added as a dependency to a non-existent unit x.target.\n"
#define NO_GETTY(t) "Unit " U t "@.service is added as a dependency to a non-existent unit getty.target.\n"
#define ENABLE_A(at) MADE(at, "aa.service", U "a.service") MADE(at, "multi-user.target.wants/a.service", U "a.service") MADE(at, "x.target.requires/b.service", U "b.service") NO_X
#define DISABLE_A(at) GONE(at, "aa.service") GONE(at, "multi-user.target.wants/a.service") GONE(at, "x.target.requires/b.service")

static void enabling(void **state)
{
	struct stat st;
	char path[128];

	step("is-enabled a.service b.service st.service t@.service t@x.service alias.service also.service nope.service", "disabled disabled static disabled disabled alias indirect No such file or directory\n");
	step("enable a.service", ENABLE_A(E));
	step("enable a.service", NO_X);
	step("is-enabled a.service b.service aa.service alias.service also.service", "enabled enabled alias alias indirect\n");
	step("enable aa.service", "Failed to enable unit, refusing to operate on linked unit file aa.service.\n=> error\n");
	step("reenable a.service", DISABLE_A(E) ENABLE_A(E));
	step("disable a.service", DISABLE_A(E));
	step("disable a.service", "");
	snprintf(path, sizeof(path), "%s" E "multi-user.target.wants", tree.root);
	assert_int_equal(stat(path, &st), -1);          /* an empty folder goes too */
	step("is-enabled a.service b.service", "disabled disabled\n");
	step("enable st.service", "no installation config\n");
	step("enable also.service", MADE(E, "x.target.requires/b.service", U "b.service") NO_X);
	step("disable also.service", GONE(E, "x.target.requires/b.service"));
	step("enable nope.service", "Failed to enable unit, unit nope.service does not exist.\n=> error\n");
	step("disable nope.service", "Failed to disable unit, unit nope.service does not exist.\n");
	step("enable --runtime a.service", ENABLE_A(R));
	step("is-enabled a.service", "enabled-runtime\n");
	step("disable a.service", "");
	step("disable --runtime a.service", DISABLE_A(R));
}

static void dependencies(void **state)
{
	step("add-wants multi-user.target st.service", MADE(E, "multi-user.target.wants/st.service", U "st.service"));
	step("add-wants multi-user.target st.service", "");
	step("add-requires --runtime g.target st.service b.service", MADE(R, "g.target.requires/st.service", U "st.service") MADE(R, "g.target.requires/b.service", U "b.service"));
	step("add-wants nope.target st.service", "Failed to add-wants unit, unit nope.target does not exist.\n=> error\n");
	step("add-wants multi-user.target nope.service", "Failed to add-wants unit, unit nope.service does not exist.\n=> error\n");
	step("disable st.service", GONE(E, "multi-user.target.wants/st.service"));
	step("disable --runtime st.service b.service", GONE(R, "g.target.requires/b.service") GONE(R, "g.target.requires/st.service"));
}

static void reverting(void **state)
{
	step("revert a.service", "");
	tree_file(&tree, E "a.service.d/x.conf", "[Unit]\n");
	tree_file(&tree, R "a.service.d/y.conf", "[Unit]\n");
	tree_file(&tree, E "a.service", "[Service]\n");
	tree_file(&tree, E "own.service", "[Service]\n");
	tree_file(&tree, "/run/systemd/transient/a.service.d/z.conf", "[Unit]\n");
	tree_link(&tree, E "b.service", "/dev/null");
	step("revert a.service b.service own.service nope.service", GONE(E, "a.service.d/x.conf") GONE(E, "a.service.d") GONE(R, "a.service.d/y.conf")
	     GONE(R, "a.service.d") GONE(E, "a.service") GONE(E, "b.service"));
	step("revert a.service own.service", "");       /* what no vendor has stays */
	step("revert x", "Failed to revert unit, \"x\" is not a valid unit name.\n=> error\n");
}

static void templates(void **state)
{
	step("enable t@.service", MADE(E, "getty.target.wants/t@tty1.service", U "t@.service") NO_GETTY("t"));
	step("enable u@.service", "Failed to enable u@.service, destination unit getty.target is a non-template unit.\n=> error\n");
	step("enable t@foo.service u@bar.service", MADE(E, "getty.target.wants/t@foo.service", U "t@.service") NO_GETTY("t")
	     MADE(E, "getty.target.wants/u@bar.service", U "u@.service") NO_GETTY("u"));
	step("is-enabled t@.service t@foo.service t@zzz.service u@.service u@bar.service", "enabled enabled disabled indirect enabled\n");
	step("disable t@foo.service", GONE(E, "getty.target.wants/t@foo.service"));
	step("disable t@.service", GONE(E, "getty.target.wants/t@tty1.service"));
	step("is-enabled t@.service u@.service", "disabled indirect\n");
	step("enable sp-ec.service", "Failed to enable unit, cannot alias sp-ec.service as bad.socket.\n" MADE(E, "sp-ec-x.service", U "sp-ec.service")
	     MADE(E, "ec.target.wants/sp-ec.service", U "sp-ec.service") "Unit " U "sp-ec.service is added as a dependency to a non-existent unit ec.target.\n=> error\n");
	step("disable sp-ec.service", GONE(E, "ec.target.wants/sp-ec.service") GONE(E, "sp-ec-x.service"));
}

static void masking(void **state)
{
	step("mask a.service", MADE(E, "a.service", "/dev/null"));
	step("mask a.service", "");
	step("is-enabled a.service", "masked\n");
	step("enable a.service", "Failed to enable unit, unit " E "a.service is masked.\n=> error\n");
	step("disable a.service", "");
	step("unmask a.service", GONE(E, "a.service"));
	step("unmask a.service", "");
	step("mask nope.service", MADE(E, "nope.service", "/dev/null"));
	step("unmask nope.service", GONE(E, "nope.service"));
	step("mask --runtime b.service", MADE(R, "b.service", "/dev/null"));
	step("is-enabled b.service", "masked-runtime\n");
	step("unmask b.service", "");
	step("unmask --runtime b.service", GONE(R, "b.service"));
	tree_file(&tree, E "st.service", "");
	lookup_refresh(l);
	step("is-enabled st.service", "masked\n");
	step("mask st.service", "Failed to mask unit, file \"" E "st.service\" already exists.\n=> error\n");
	step("unmask st.service", GONE(E, "st.service"));
	step("mask a/b", "Failed to mask unit, \"a/b\" is not a valid unit name.\n=> error\n");
}

static void linking(void **state)
{
	step("enable /opt/o.service", MADE(E, "o.service", "/opt/o.service") MADE(E, "multi-user.target.wants/o.service", "/opt/o.service"));
	step("is-enabled o.service", "enabled\n");
	step("disable o.service", GONE(E, "multi-user.target.wants/o.service") GONE(E, "o.service"));
	step("link /opt/o.service", MADE(E, "o.service", "/opt/o.service"));
	step("link /opt/o.service", "");
	step("is-enabled o.service", "linked\n");
	step("enable o.service", MADE(E, "multi-user.target.wants/o.service", "/opt/o.service"));
	step("disable o.service", GONE(E, "multi-user.target.wants/o.service") GONE(E, "o.service"));
	step("link /opt/none.service", "Failed to link unit, unit /opt/none.service does not exist.\n=> error\n");
	tree_link(&tree, E "aa.service", U "b.service");
	lookup_refresh(l);
	step("enable a.service", "Failed to enable unit, file \"" E "aa.service\" already exists and is a symlink to \"" U "b.service\".\n"
	     MADE(E, "multi-user.target.wants/a.service", U "a.service") MADE(E, "x.target.requires/b.service", U "b.service") NO_X "=> error\n");
	step("enable --force a.service", GONE(E, "aa.service") MADE(E, "aa.service", U "a.service") NO_X);
	step("disable a.service", DISABLE_A(E));
}

static void default_target(void **state)
{
	step("get-default", "g.target\n");
	step("set-default multi-user.target", MADE(E, "default.target", U "multi-user.target"));
	step("get-default", "multi-user.target\n");
	step("set-default nope.target", "Failed to set-default unit, unit nope.target does not exist.\n=> error\n");
	step("set-default a.service", "Failed to set-default unit, a.service is not a target.\n=> error\n");
	step("enable multi-user.target", "");
	step("is-enabled default.target multi-user.target", "alias enabled\n");
	step("disable multi-user.target", GONE(E, "default.target"));
	step("get-default", "g.target\n");
}

static void presets(void **state)
{
	assert_int_equal(install_preset_of(l, "a.service"), 1);
	assert_int_equal(install_preset_of(l, "b.service"), 0);
	assert_int_equal(install_preset_of(l, "st.service"), 1);
	assert_int_equal(install_preset_of(l, "t@x.service"), 1);
	assert_int_equal(install_preset_of(l, "t@z.service"), 0);
	assert_int_equal(install_preset_of(l, "u@z.service"), 0);
	step("preset t@x.service t@z.service b.service", MADE(E, "getty.target.wants/t@x.service", U "t@.service") NO_GETTY("t"));
	step("preset nope.service", "Failed to preset unit, unit nope.service does not exist.\n=> error\n");
	step("disable t@.service", GONE(E, "getty.target.wants/t@x.service"));
}

static int setup(void **state)
{
	write_tree();
	return lookup_new(&l, LOOKUP_SYSTEM, tree.root);
}

static int teardown(void **state)
{
	lookup_free(l);
	tree_done(&tree);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	TEST(enabling), TEST(dependencies), TEST(reverting), TEST(templates), TEST(masking), TEST(linking), TEST(default_target), TEST(presets),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
