/* test-kinds.c - every kind of value through a row: what a key makes of a text, how it is shown, what is said against it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "unit/condition.h"
#include "unit/keys.h"
#include "unit/test-double.h"

static struct unit_set *set;
static struct double_sink sink;

/* @values: assigned one after the other, '|' between them; @shown: by format(); @said: of the last complaint, "" for none */
struct row { const char *key, *values, *shown, *said; };

static void kind_row(void **state)
{
	const struct row *row = *state;
	struct unit *u;
	struct key_place at = { .sink = &sink.sink, .file = "f", .section = "Service", .key = row->key, .line = 3, .column = 10 };
	const struct key *k = key_find(&(struct key_group){ "Service", double_service_keys, n_double_service_keys, 0 }, 1, "Service", row->key, NULL);
	struct buf out = { 0 };
	char *values = strdup(row->values), *rest = values, *v;
	void *field;

	assert_non_null(k);
	assert_int_equal(unit_load(set, "t@a-b.service", &u), 0);
	field = (char *)u + k->off;
	at.unit = u;
	double_sink_take(&sink);
	while ((v = strsep(&rest, "|")))
		k->kind->parse(&at, k, v, field);
	if (k->kind->format)
		k->kind->format(k, field, &out);
	assert_string_equal(buf_str(&out), row->shown);
	assert_string_equal(double_sink_take(&sink), row->said);
	if (k->kind->clear)
		k->kind->clear(k, field);
	buf_finish(&out);
	free(values);
	unit_free(u);
}

static void rows_are_sorted(const struct key_group *g)
{
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct key *k = &g->rows[i];

		if (i)
			assert_true(strcmp(g->rows[i - 1].name, k->name) < 0);
		assert_non_null(k->doc);
		assert_true(strlen(k->doc) > 4);
		assert_non_null(k->kind->parse);
		assert_ptr_equal(key_find(g, 1, g->section, k->name, NULL), k);
	}
}

static void sorted(void **state)
{
	size_t n = 0;

	for (size_t i = 0; i < n_unit_groups; i++) {
		rows_are_sorted(&unit_groups[i]);
		n += unit_groups[i].n_rows;
	}
	rows_are_sorted(&(struct key_group){ "Service", double_service_keys, n_double_service_keys, 0 });
	rows_are_sorted(&(struct key_group){ "Service", unit_moved_keys, n_unit_moved_keys, 0 });
	assert_true(n > 100);
	assert_null(key_find(unit_groups, n_unit_groups, "Unit", "Nothing", NULL));
	assert_null(key_find(unit_groups, n_unit_groups, "Service", "Description", NULL));
}

/* all of [Unit] and [Install] of systemd.unit(5), version 252 */
static void complete(void **state)
{
	static const char *const unit[] = {
		"Description", "Documentation", "Wants", "Requires", "Requisite", "BindsTo", "PartOf", "Upholds", "Conflicts", "Before", "After", "OnFailure",
		"OnSuccess", "PropagatesReloadTo", "ReloadPropagatedFrom", "PropagatesStopTo", "StopPropagatedFrom", "JoinsNamespaceOf", "RequiresMountsFor",
		"OnSuccessJobMode", "OnFailureJobMode", "IgnoreOnIsolate", "StopWhenUnneeded", "RefuseManualStart", "RefuseManualStop", "AllowIsolate",
		"DefaultDependencies", "CollectMode", "FailureAction", "SuccessAction", "FailureActionExitStatus", "SuccessActionExitStatus", "JobTimeoutSec",
		"JobRunningTimeoutSec", "JobTimeoutAction", "JobTimeoutRebootArgument", "StartLimitIntervalSec", "StartLimitBurst", "StartLimitAction",
		"RebootArgument", "SourcePath", "ConditionArchitecture", "ConditionFirmware", "ConditionVirtualization", "ConditionHost",
		"ConditionKernelCommandLine", "ConditionKernelVersion", "ConditionCredential", "ConditionEnvironment", "ConditionSecurity", "ConditionCapability",
		"ConditionACPower", "ConditionNeedsUpdate", "ConditionFirstBoot", "ConditionPathExists", "ConditionPathExistsGlob", "ConditionPathIsDirectory",
		"ConditionPathIsSymbolicLink", "ConditionPathIsMountPoint", "ConditionPathIsReadWrite", "ConditionPathIsEncrypted", "ConditionDirectoryNotEmpty",
		"ConditionFileNotEmpty", "ConditionFileIsExecutable", "ConditionUser", "ConditionGroup", "ConditionControlGroupController", "ConditionMemory",
		"ConditionCPUs", "ConditionCPUFeature", "ConditionOSRelease", "ConditionMemoryPressure", "ConditionCPUPressure", "ConditionIOPressure",
		"AssertPathExists", "AssertIOPressure", "AssertVirtualization",
	};
	static const char *const install[] = { "Alias", "WantedBy", "RequiredBy", "Also", "DefaultInstance" };

	for (size_t i = 0; i < ARRAY_SIZE(unit); i++)
		assert_non_null(key_find(unit_groups, n_unit_groups, "Unit", unit[i], NULL));
	for (size_t i = 0; i < ARRAY_SIZE(install); i++)
		assert_non_null(key_find(unit_groups, n_unit_groups, "Install", install[i], NULL));
}

#define ROW(k, v, ...) { k "=" v, kind_row, NULL, NULL, &(struct row){ k, v, __VA_ARGS__ } }
#define SAID(k, t) "f:3:10: Service." k ": " t "\n"
#define SAID_AT(col, k, t) "f:3:" #col ": Service." k ": " t "\n"

static const struct CMUnitTest tests[] = {
	ROW("Flag", "yes", "yes", ""), ROW("Flag", "off", "no", ""), ROW("Flag", "yes|maybe", "yes", SAID("Flag", "\"maybe\" is no boolean")),
	ROW("Flag", "", "no", SAID("Flag", "\"\" is no boolean")),
	ROW("Tristate", "1", "yes", ""), ROW("Tristate", "1|", "", ""), ROW("Tristate", "x", "", SAID("Tristate", "\"x\" is no boolean")),
	ROW("Number", "-5", "-5", ""), ROW("Number", "2147483647", "2147483647", ""), ROW("Number", "2147483648", "0", SAID("Number", "\"2147483648\" is out of range")),
	ROW("Number", "-2147483648", "-2147483648", ""), ROW("Number", "1x", "0", SAID("Number", "\"1x\" is no number")),
	ROW("Count", "4294967295", "4294967295", ""), ROW("Count", "-1", "0", SAID("Count", "\"-1\" is no number")),
	ROW("U64", "18446744073709551614", "18446744073709551614", ""), ROW("U64", "18446744073709551616", "0", SAID("U64", "\"18446744073709551616\" is out of range")),
	ROW("Sec", "5min 20s", "5min 20s", ""), ROW("Sec", "infinity", "infinity", ""), ROW("Sec", "0", "0", ""), ROW("Sec", "7|x", "7s", SAID("Sec", "\"x\" is no time span")),
	ROW("Sec", "-1", "0", SAID("Sec", "time span \"-1\" is out of range")),
	ROW("SecInf", "0", "infinity", ""), ROW("SecInf", "1", "1s", ""),
	ROW("Mode", "0755", "0755", ""), ROW("Mode", "7777", "7777", ""), ROW("Mode", "8", "0000", SAID("Mode", "\"8\" is no file mode in octal")),
	ROW("Mode", "10000", "0000", SAID("Mode", "\"10000\" is no file mode in octal")), ROW("Mode", "", "0000", SAID("Mode", "\"\" is no file mode in octal")),
	ROW("Size", "4K", "4096", ""), ROW("Size", "infinity", "infinity", ""), ROW("Size", "big", "0", SAID("Size", "\"big\" is no size in bytes")),
	ROW("Signal", "SIGHUP", "1", ""), ROW("Signal", "RTMIN+1", "35", ""), ROW("Signal", "X", "0", SAID("Signal", "\"X\" is no signal")),
	ROW("Choice", "two", "two", ""), ROW("Choice", "one|three", "one", SAID("Choice", "\"three\" is none of: one two")),
	ROW("Text", "a %i b", "a a-b b", ""), ROW("Text", "x|", "", ""), ROW("Text", "100%", "100%", ""), ROW("Text", "a %D", "", SAID_AT(12, "Text", "unknown specifier \"%D\"")),
	ROW("Text", "%y", "", SAID("Text", "specifier \"%y\" has no value here")), ROW("Raw", "%i \\x", "%i \\x", ""), ROW("Raw", "x|", "", ""),
	ROW("Path", "/a//b/./c/", "/a/b/c", ""), ROW("Path", "/x%I", "/xa/b", ""), ROW("Path", "/x|", "", ""), ROW("Path", "a/b", "", SAID("Path", "\"a/b\" is no absolute path")),
	ROW("Path", "/a/../b", "", SAID("Path", "path \"/a/../b\" leads upwards with \"..\"")), ROW("Path", "/..a", "/..a", ""),
	ROW("Words", "a \"b c\"|d", "a \"b c\" d", ""), ROW("Words", "a||b", "b", ""), ROW("Words", "a \"b", "a", SAID_AT(12, "Words", "quote is not closed")),
	ROW("Words", "%i %Q %n", "a-b t@a-b.service", SAID_AT(13, "Words", "unknown specifier \"%Q\"")), ROW("Words", "a\\x2db", "\"a\\\\x2db\"", ""),
	ROW("Paths", "/a /b/", "/a /b", ""), ROW("Paths", "/a x /a /c", "/a /c", SAID_AT(13, "Paths", "\"x\" is no absolute path")),
	ROW("Names", "a.service b@%i.socket", "a.service b@a-b.socket", ""), ROW("Names", "a b.service", "b.service", SAID("Names", "\"a\" is no unit name")),
	ROW("Env", "A=1 \"B=x y\"|A=2", "A=2 \"B=x y\"", ""), ROW("Env", "A=\\x41|", "", ""), ROW("Env", "9=1 C=3", "C=3", SAID("Env", "\"9=1\" is no assignment of an environment variable")),
	ROW("Env", "A=\\q", "", SAID_AT(12, "Env", "bad escape sequence")),
	ROW("Exits", "1 TEMPFAIL SIGKILL 250", "1 75 250 KILL", ""), ROW("Exits", "1|", "", ""), ROW("Exits", "256 2", "2", SAID("Exits", "\"256\" is neither an exit status nor a signal")),
	ROW("Later", "x", "", "?f:3:10: Service.Later is known but has no effect in this version\n"), ROW("Old", "x", "", ""),
	cmocka_unit_test(sorted), cmocka_unit_test(complete),
};

static int setup(void **state)
{
	double_types();
	double_sink_init(&sink);
	return unit_set_new(&set, NULL, NULL, &sink.sink);
}

static int teardown(void **state)
{
	unit_set_free(set);
	buf_finish(&sink.text);
	return 0;
}

int main(void)
{
	return cmocka_run_group_tests(tests, setup, teardown);
}
