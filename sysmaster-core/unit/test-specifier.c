/* test-specifier.c - every letter of systemd.unit(5) "Specifiers" */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>
#include <cmocka.h>
#include "arch.h"
#include "osfile.h"
#include "unit/scope.h"
#include "unit/specifier.h"
#include "unit/test-double.h"

static struct unit_set *set;
static struct double_sink sink;

/* @out NULL: -errno @r at offset @bad */
struct row { const char *unit, *in, *out; int r; size_t bad; };
static void specifier_row(void **state)
{
	const struct row *row = *state;
	char *got = NULL;
	struct unit *u;
	size_t bad = 99;

	assert_int_equal(unit_load(set, row->unit, &u), 0);
	free(u->fragment_path);
	u->fragment_path = streq(row->unit, "bare.service") ? NULL : strdup("/usr/lib/systemd/system/x.service");
	assert_int_equal(specifier_expand(u, row->in, &got, &bad), row->r);
	if (row->out)
		assert_string_equal(got, row->out);
	else
		assert_int_equal(bad, row->bad);
	free(got);
}

static char *expand(const char *s)
{
	struct unit *u;
	char *got = NULL;

	assert_int_equal(unit_load(set, "a.service", &u), 0);
	return specifier_expand(u, s, &got, NULL) < 0 ? NULL : got;
}

static void is(const char *s, const char *want)
{
	_cleanup_(freep) char *got = expand(s);

	assert_string_equal(got, want);
}

/* what belongs to this machine, read here another way */
static void of_the_machine(void **state)
{
	static const struct { const char *specifier, *field; } os[] = {
		{ "%o", "ID" }, { "%w", "VERSION_ID" }, { "%W", "VARIANT_ID" }, { "%B", "BUILD_ID" }, { "%A", "IMAGE_VERSION" }, { "%M", "IMAGE_ID" },
	};
	struct utsname n;
	char id[64];

	uname(&n);
	is("%H", n.nodename);
	is("%v", n.release);
	n.nodename[strcspn(n.nodename, ".")] = '\0';
	is("%l", n.nodename);
	if (arch_native())
		is("%a", arch_native());
	for (size_t i = 0; i < ARRAY_SIZE(os); i++) {
		_cleanup_(freep) char *v = NULL;

		osfile_os_release(os[i].field, &v);
		is(os[i].specifier, v ? v : "");
	}
	if (osfile_read("/etc/machine-id", id, sizeof(id)) >= 32) {
		id[32] = '\0';
		is("%m", id);
	}
	if (osfile_read("/proc/sys/kernel/random/boot_id", id, sizeof(id)) >= 36) {
		_cleanup_(freep) char *got = expand("%b");

		assert_int_equal(strlen(got), 32);
		assert_memory_equal(got, id, 8);
		assert_memory_equal(got + 20, id + 24, 12);
	}
}

static void bounded(void **state)
{
	char *s = malloc(SPECIFIER_MAX + 2), *got = NULL;
	struct unit *u;

	assert_int_equal(unit_load(set, "a.service", &u), 0);
	for (size_t i = 0; i < SPECIFIER_MAX; i += 2)
		memcpy(s + i, "%n", 3);
	assert_int_equal(specifier_expand(u, s, &got, NULL), -E2BIG);
	assert_null(got);
	assert_int_equal(specifier_expand(NULL, "%n", &got, NULL), 0);
	assert_string_equal(got, "%n");
	free(got);
	free(s);
}

#define OK(u, i, o) { u " " i, specifier_row, NULL, NULL, &(struct row){ u, i, o } }
#define BAD(u, i, r, at) { u " " i, specifier_row, NULL, NULL, &(struct row){ u, i, NULL, r, at } }
static void of_a_user(void **state)
{
	static const struct { const char *name, *value; } env[] = {
		{ "SYSMASTER_SCOPE", "user" }, { "HOME", "/home/u" }, { "USER", "u" }, { "SHELL", "/bin/zsh" }, { "XDG_RUNTIME_DIR", "/run/user/7" },
		{ "XDG_CONFIG_HOME", "" }, { "XDG_CACHE_HOME", "/c" },
	};
	_cleanup_(freep) char *got = NULL, *number = NULL;
	struct unit *u;
	size_t bad;

	for (size_t i = 0; i < ARRAY_SIZE(env); i++)
		setenv(env[i].name, env[i].value, 1);
	assert_int_equal(unit_stub(set, "a.service", &u), 0);
	assert_int_equal(specifier_expand(u, "%u %h %s %t %S %E %L %C", &got, &bad), 0);
	assert_string_equal(got, "u /home/u /bin/zsh /run/user/7 /home/u/.config /home/u/.config /home/u/.config/log /c");
	unsetenv("USER");
	assert_true(asprintf(&number, "%u", (unsigned)getuid()) > 0);
	assert_string_equal(scope_user(), number);
	unsetenv("SYSMASTER_SCOPE");
	assert_string_equal(scope_dir(SCOPE_STATE), "/var/lib");
}

#define T "a-b-c@x-y\\x2dz.service"
static const struct CMUnitTest tests[] = {
	OK(T, "%n|%N|%p|%P|%i|%I|%f|%j|%J", T "|a-b-c@x-y\\x2dz|a-b-c|a/b/c|x-y\\x2dz|x/y-z|/x/y-z|c|c"),
	OK("a-b.mount", "%n|%N|%p|%P|%i|%I|%f|%j|%J", "a-b.mount|a-b|a-b|a/b|||/a/b|b|b"), OK("-.slice", "%N%f", "-/"),
	OK("a.service", "%C %E %L %S %t %T %V", "/var/cache /etc /var/log /var/lib /run /tmp /var/tmp"), OK("a.service", "%u %U %g %G %h %s", "root 0 root 0 /root /bin/bash"),
	OK("a.service", "%d", "/run/credentials/a.service"), OK("a.service", "%y %Y", "/usr/lib/systemd/system/x.service /usr/lib/systemd/system"),
	OK("a.service", "100%", "100%"), OK("a.service", "%%n %-", "%n %-"), OK("a.service", "", ""),
	BAD("a.service", "ab%D", -EINVAL, 2), BAD("a.service", "%9", -EINVAL, 0), BAD("bare.service", "x %y", -ENXIO, 2), BAD("a--b.mount", "%f", -ENXIO, 0),
	BAD("a@\\xzz.service", "%I", -ENXIO, 0),
	cmocka_unit_test(of_the_machine), cmocka_unit_test(of_a_user), cmocka_unit_test(bounded),
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
