/* test-condition.c - Condition*= and Assert*=: how they are read, how a list decides, and each test on facts this file makes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "unit/checks.h"
#include "unit/keys.h"
#include "osfile.h"
#include "unit/test-double.h"
#include "virt.h"

static struct unit_set *set;
static struct double_sink sink;
static struct tree tree;
static char *environment[] = { (char *)"COLOUR=red", (char *)"EMPTY=", NULL };
static struct unit_host host = { .environment = environment };

static struct unit *a_unit(void)
{
	struct unit *u;

	assert_int_equal(unit_load(set, "c@i.service", &u), 0);
	return u;
}

static void assign(struct unit *u, const char *key, const char *value)
{
	const struct key_group *g;
	const struct key *k = key_find(unit_groups, n_unit_groups, "Unit", key, &g);
	struct key_place at = { u, &sink.sink, "f", "Unit", key, 1, 1 };

	assert_non_null(k);
	k->kind->parse(&at, k, value, (char *)u + k->off);
}

/* @value: "$T" stands for the tree */
struct row { const char *key, *value; int yes; };
static void row_test(void **state)
{
	const struct row *row = *state;
	const struct condition *failed = NULL;
	struct unit *u = a_unit();
	char value[256] = "";

	for (const char *p = row->value; *p; p++) {
		bool here = startswith(p, "$T");
		size_t n = strlen(value);

		snprintf(value + n, sizeof(value) - n, "%.*s", here ? 64 : 1, here ? tree.root : p);
		p += here;
	}
	assign(u, row->key, value);
	assert_string_equal(double_sink_take(&sink), "");
	assert_non_null(u->conditions);
	assert_int_equal(condition_list_test(u->conditions, u, &failed), row->yes);
	assert_true(row->yes ? !failed : failed == u->conditions);
	unit_free(u);
}

static void parsing(void **state)
{
	struct unit *u = a_unit();
	struct condition *c;

	assign(u, "ConditionPathExists", "|! /a//%i/");
	assign(u, "ConditionHost", "!x");
	c = u->conditions;
	assert_true(c->trigger && c->negate);
	assert_string_equal(c->parameter, "/a/i");
	assert_string_equal(condition_names[c->type].name, "PathExists");
	assert_int_equal(c->result, CONDITION_UNTESTED);
	assert_true(!c->next->trigger && c->next->negate && !c->next->next);
	assert_null(u->asserts);
	assign(u, "AssertPathExists", "/a");
	assign(u, "ConditionUser", "");                 /* resets all of them, of any kind */
	assert_null(u->conditions);
	assert_non_null(u->asserts);
	assign(u, "ConditionPathExists", "a");
	assert_string_equal(double_sink_take(&sink), "f:1:1: Unit.ConditionPathExists: \"a\" is no absolute path\n");
	assign(u, "ConditionPathExists", "|!/%D");
	assert_string_equal(double_sink_take(&sink), "f:1:4: Unit.ConditionPathExists: unknown specifier \"%D\"\n");
	assert_null(u->conditions);
	unit_free(u);
}

/* y and n: plain conditions that hold or do not; Y and N: triggering ones */
struct logic { const char *list; int yes, failed; };
static void logic_row(void **state)
{
	const struct logic *row = *state;
	const struct condition *failed = NULL;
	struct unit *u = a_unit();
	struct condition *c;
	int n = 0;

	for (const char *p = row->list; *p; p++)
		assign(u, "ConditionPathExists", *p == 'y' ? "/" : *p == 'n' ? "!/" : *p == 'Y' ? "|/" : "|!/");
	assert_int_equal(condition_list_test(u->conditions, u, &failed), row->yes);
	for (c = u->conditions; c && c != failed; c = c->next)
		n++;
	assert_int_equal(c ? n : -1, row->failed);
	unit_free(u);
}

static void conditions_and_asserts(void **state)
{
	struct unit *u = a_unit();

	assert_int_equal(unit_test_conditions(u), 1);
	assign(u, "AssertPathExists", "/nonexistent");
	assert_int_equal(unit_test_conditions(u), -EPROTO);
	assert_true(u->condition_result && !u->assert_result && u->condition_time.realtime);
	assign(u, "ConditionPathExists", "/nonexistent");
	assert_int_equal(unit_test_conditions(u), 0);
	assert_false(u->condition_result);
	unit_free(u);
}

struct versions { const char *a, *b; int c; };
static void version_row(void **state)
{
	const struct versions *row = *state;
	int c = version_compare(row->a, row->b), back = version_compare(row->b, row->a);

	assert_int_equal((c > 0) - (c < 0), row->c);
	assert_int_equal((back > 0) - (back < 0), -row->c);
}

/* whatever this machine is, these answers belong together */
static void consistent(void **state)
{
	struct unit *u = a_unit();
	enum virt_class class;
	char id[40], v[128];
	int vm, container;

	virt_detect(&class);
	vm = check_Virtualization("vm", u);
	container = check_Virtualization("container", u);
	assert_int_equal(check_Virtualization("yes", u), class != VIRT_NONE);
	assert_int_equal(check_Virtualization("no", u), class == VIRT_NONE);
	assert_int_equal(vm + container, class != VIRT_NONE);
	assert_int_equal(check_Virtualization(virt_detect(&class), u), class != VIRT_NONE);
	assert_int_equal(check_ACPower("yes", u) + check_ACPower("no", u), 1);
	assert_int_equal(check_FirstBoot("yes", u) + check_FirstBoot("no", u), 1);
	assert_int_equal(check_ControlGroupController("v1", u) + check_ControlGroupController("v2", u), 1);
	assert_int_equal(check_CPUs("<1", u), 0);
	assert_int_equal(check_CPUs(">= 1", u), 1);
	assert_int_equal(check_Memory(">1M", u), 1);
	assert_int_equal(check_Memory("16E", u), -EINVAL);
	assert_int_equal(check_Memory("4E", u), 0);
	if (osfile_read("/etc/machine-id", id, sizeof(id)) >= 32) {
		id[32] = '\0';
		assert_int_equal(check_Host(id, u), 1);
		id[0] = id[0] == 'a' ? 'b' : 'a';
		assert_int_equal(check_Host(id, u), 0);
	}
	assert_true(osfile_read("/proc/sys/kernel/osrelease", v, sizeof(v)) > 0);
	v[strcspn(v, "\n")] = '\0';
	assert_int_equal(check_KernelVersion(v, u), 1);
	unit_free(u);
}

#define ROW(k, v, yes) { k "=" v, row_test, NULL, NULL, &(struct row){ "Condition" k, v, yes } }
#define LOGIC(l, yes, failed) { "list " l, logic_row, NULL, NULL, &(struct logic){ l, yes, failed } }
#define VER(a, b, c) { a " ? " b, version_row, NULL, NULL, &(struct versions){ a, b, c } }

static const struct CMUnitTest tests[] = {
	ROW("PathExists", "$T/file", 1), ROW("PathExists", "$T/nope", 0), ROW("PathExists", "!$T/nope", 1), ROW("PathExists", "$T/dangling", 0),
	ROW("PathExistsGlob", "$T/fi*", 1), ROW("PathExistsGlob", "$T/x*", 0), ROW("PathExistsGlob", "$T/{nope,file}", 1),
	ROW("PathIsDirectory", "$T/dir", 1), ROW("PathIsDirectory", "$T/todir", 1), ROW("PathIsDirectory", "$T/file", 0),
	ROW("PathIsSymbolicLink", "$T/todir", 1), ROW("PathIsSymbolicLink", "$T/dangling", 1), ROW("PathIsSymbolicLink", "$T/dir", 0),
	ROW("PathIsMountPoint", "/", 1), ROW("PathIsMountPoint", "/proc", 1), ROW("PathIsMountPoint", "$T/dir", 0), ROW("PathIsMountPoint", "$T/nope", 0),
	ROW("PathIsReadWrite", "$T", 1), ROW("PathIsReadWrite", "$T/nope", 0), ROW("PathIsEncrypted", "$T/nope", 0), ROW("PathIsEncrypted", "/proc", 0),
	ROW("DirectoryNotEmpty", "$T/dir", 1), ROW("DirectoryNotEmpty", "$T/void", 0), ROW("DirectoryNotEmpty", "$T/hidden", 0), ROW("DirectoryNotEmpty", "$T/file", 0),
	ROW("DirectoryNotEmpty", "$T/nope", 0), ROW("FileNotEmpty", "$T/file", 1), ROW("FileNotEmpty", "$T/empty", 0), ROW("FileNotEmpty", "$T/dir", 0),
	ROW("FileIsExecutable", "/proc/self/exe", 1), ROW("FileIsExecutable", "$T/file", 0), ROW("FileIsExecutable", "$T/dir", 0),
	ROW("KernelVersion", ">=2.6", 1), ROW("KernelVersion", "> 2.6", 1), ROW("KernelVersion", "<2.6", 0), ROW("KernelVersion", "!=2.6", 1), ROW("KernelVersion", "*", 1),
	ROW("KernelVersion", ">=2.6 <999", 1), ROW("KernelVersion", ">= 2.6 < 999", 0), ROW("KernelVersion", "!$=*", 0), ROW("KernelVersion", ">", 0),
	ROW("Host", "*", 1), ROW("Host", "no such host", 0), ROW("User", "root", 1), ROW("User", "0", 1), ROW("User", "@system", 1), ROW("User", "nobody", 0), ROW("User", "1", 0),
	ROW("Group", "root", 1), ROW("Group", "0", 1), ROW("Group", "@system", 0), ROW("Group", "5", 0),
	ROW("Environment", "COLOUR", 1), ROW("Environment", "COLOUR=red", 1), ROW("Environment", "COLOUR=re", 0), ROW("Environment", "COLOU", 0), ROW("Environment", "EMPTY", 1),
	ROW("Credential", "sysmaster.no.such", 0), ROW("Credential", "../x", 0), ROW("Credential", "..", 0),
	ROW("OSRelease", "NO_SUCH_FIELD=x", 0), ROW("OSRelease", "NO_SUCH_FIELD!=x", 1), ROW("OSRelease", "ID$=*", 1), ROW("OSRelease", "ID", 0), ROW("OSRelease", "FOO=", 0),
	ROW("OSRelease", "VERSION_ID >= 1", 0),
	ROW("Architecture", "native", 1), ROW("Architecture", "vax", 0), ROW("Firmware", "bios", 0), ROW("Firmware", "device-tree-compatible(no,such)", 0),
	ROW("Firmware", "smbios-field(../../x = 1)", 0), ROW("Firmware", "smbios-field(no_such_field = 1)", 0),
	ROW("Security", "no-such-technology", 0), ROW("Security", "!no-such-technology", 1), ROW("Capability", "CAP_CHOWN", 1), ROW("Capability", "cap_chown", 1),
	ROW("Capability", "CAP_NO_SUCH", 0), ROW("Capability", "chown", 0), ROW("ControlGroupController", "no-such", 1), ROW("CPUFeature", "no-such", 0),
	ROW("CPUs", "x", 0), ROW("Memory", "x", 0), ROW("ACPower", "x", 0), ROW("FirstBoot", "x", 0), ROW("KernelCommandLine", "sysmaster.no.such.word", 0),
	ROW("MemoryPressure", "100%", 1), ROW("CPUPressure", "100%/10s", 1), ROW("IOPressure", "100%/1min", 1), ROW("IOPressure", "101%", 0), ROW("IOPressure", "10", 0),
	ROW("IOPressure", "10%/2min", 0), ROW("IOPressure", "x.slice:10%", 1), ROW("IOPressure", "!10%/2min", 0),
	LOGIC("", 1, -1), LOGIC("y", 1, -1), LOGIC("n", 0, 0), LOGIC("yn", 0, 1), LOGIC("Y", 1, -1), LOGIC("N", 0, 0), LOGIC("NY", 1, -1), LOGIC("NNY", 1, -1), LOGIC("NN", 0, 0),
	LOGIC("yN", 0, 1), LOGIC("yNY", 1, -1), LOGIC("nY", 0, 0), LOGIC("Yn", 0, 1),
	/* the UAPI group's version format specification, "Examples" and rules */
	VER("122.1", "123~rc1-1", -1), VER("123~rc1-1", "123", -1), VER("123", "123-a", -1), VER("123-a", "123-a.1", -1), VER("123-a.1", "123-1", -1), VER("123-1", "123-1.1", -1),
	VER("123-1.1", "123^post1", -1), VER("123^post1", "123.a-1", -1), VER("123.a-1", "123.1-1", -1), VER("123.1-1", "123a-1", -1), VER("123a-1", "124-1", -1),
	VER("11", "2", 1), VER("0012", "12", 0), VER("1.2.3", "1.2.3", 0), VER("A", "a", -1), VER("1.2", "1.2.0", -1), VER("", "1", -1), VER("1_", "1", 0), VER("6.1.0-37-amd64", "6.1", 1),
	cmocka_unit_test(parsing), cmocka_unit_test(conditions_and_asserts), cmocka_unit_test(consistent),
};

static int setup(void **state)
{
	double_types();
	double_sink_init(&sink);
	tree_new(&tree);
	tree_file(&tree, "/file", "x");
	tree_file(&tree, "/empty", "");
	tree_file(&tree, "/dir/x", "");
	tree_file(&tree, "/void/", "");
	tree_file(&tree, "/hidden/.x", "");
	tree_file(&tree, "/hidden/x~", "");
	tree_link(&tree, "/todir", "dir");
	tree_link(&tree, "/dangling", "nope");
	return unit_set_new(&set, NULL, &host, &sink.sink);
}

static int teardown(void **state)
{
	unit_set_free(set);
	tree_done(&tree);
	buf_finish(&sink.text);
	return 0;
}

int main(void)
{
	return cmocka_run_group_tests(tests, setup, teardown);
}
