/* test-settings.c - settings of requests: the section of a key, the text of a unit file, tried and applied */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "unit/set.h"
#include "unit/settings.h"
#include "unit/test-double.h"

static struct double_sink sink;
static struct unit_set *set;
static struct unit_host host;

static const struct unit_type *service(void) { return unit_type_find("service", NULL); }

static int begin(void **state)
{
	double_sink_init(&sink);
	return unit_set_new(&set, NULL, &host, &sink.sink);
}

static int end(void **state)
{
	unit_set_free(set);
	buf_finish(&sink.text);
	return 0;
}

static void sections(void **state)
{
	static const struct { const char *text; int r; const char *section, *key, *value; } rows[] = {
		{ "Description=a=b", 0, "Unit", "Description", "a=b" }, { "After=", 0, "Unit", "After", "" }, { "Unit.After=x", 0, "Unit", "After", "x" },
		{ "StartLimitBurst=3", 0, "Unit", "StartLimitBurst", "3" },     /* [Service] has it, too, for old files */
		{ "Nope=1", -ENOENT, NULL, NULL, NULL }, { "Socket.Description=1", -ENOENT, NULL, NULL, NULL }, { "Service.Description=1", -ENOENT, NULL, NULL, NULL },
		{ "Description", -EINVAL, NULL, NULL, NULL }, { "=x", -EINVAL, NULL, NULL, NULL }, { "", -EINVAL, NULL, NULL, NULL }, { ".=x", -EINVAL, NULL, NULL, NULL },
		{ "A.Value.With.Dots=1", -ENOENT, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct setting s = { NULL };

		print_message("%s\n", rows[i].text);
		assert_int_equal(setting_find(service(), rows[i].text, double_service_keys, &s), rows[i].r);
		if (rows[i].r < 0)
			continue;
		assert_string_equal(s.section, rows[i].section);
		assert_string_equal(s.key->name, rows[i].key);
		assert_string_equal(s.value, rows[i].value);
		assert_false(s.resource);
	}
	for (size_t i = 0; i < n_double_service_keys; i++) {
		char text[128];
		struct setting s;

		snprintf(text, sizeof(text), "%s=", double_service_keys[i].name);
		assert_int_equal(setting_find(service(), text, double_service_keys, &s), 0);
		assert_string_equal(s.section, "Service");
		assert_true(s.resource);
	}
}

/* [Unit] first, a percent sign doubled where specifiers are known, and only what one line can hold */
static void texts(void **state)
{
	char text[64];
	const char *good[] = { text, "Description=50%", "After=a.target" };
	static const char *const bad[] = { "Description=a\nExecStart=/bin/sh", "Description=a\\", "Description=a\rb", "Nope=1", "Nope" };
	_cleanup_(buf_finish) struct buf b = { .data = NULL };
	char why[256] = "", want[256];

	snprintf(text, sizeof(text), "%s=7%%", double_service_keys[0].name);
	assert_int_equal(settings_text(service(), good, 3, double_service_keys, &b, why, sizeof(why)), 0);
	snprintf(want, sizeof(want), "\n[Unit]\nDescription=50%%%%\nAfter=a.target\n\n[Service]\n%s\n", text);
	assert_string_equal(buf_str(&b), want);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		*why = 0;
		assert_true(settings_text(service(), &bad[i], 1, NULL, &b, why, sizeof(why)) < 0);
		assert_true(*why);
	}
}

static void tried(void **state)
{
	static const char good[] = "[Unit]\nAfter=b.service\n", odd[] = "[Unit]\nDefaultDependencies=perhaps\n";
	struct unit *u;

	assert_int_equal(settings_try(set, "a.service", good, strlen(good), &sink.sink), UNIT_LOADED);
	assert_string_equal(double_sink_take(&sink), "");
	assert_int_equal(settings_try(set, "a.service", odd, strlen(odd), &sink.sink), UNIT_LOADED);
	assert_non_null(strstr(double_sink_take(&sink), "a.service:2:21: "));
	assert_null(unit_get(set, "a.service"));        /* nothing of it is in the set */
	assert_null(unit_get(set, "b.service"));

	assert_int_equal(unit_stub(set, "a.service", &u), 0);
	assert_int_equal(settings_apply_try(u, "req", "[Unit]\nDescription=x\n", 21, &sink.sink), 0);
	assert_null(u->description);
	assert_int_equal(settings_apply(u, "req", "[Unit]\nDescription=x\n", 21, &sink.sink), 0);
	assert_string_equal(u->description, "x");
}

static void processes(void **state)
{
	struct unit_process me, other;

	assert_int_equal(unit_process_get(getpid(), &me), 0);
	assert_int_equal(me.pid, getpid());
	assert_true(unit_process_there(&me));
	other = me;
	other.start_ticks++;
	assert_false(unit_process_there(&other));
	assert_int_equal(unit_process_get(0x3fffffff, &other), -ESRCH);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections), cmocka_unit_test(texts), cmocka_unit_test_setup_teardown(tried, begin, end), cmocka_unit_test(processes),
	};

	double_types();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
