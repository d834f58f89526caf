/* test-conf.c - the rows of init.conf, its errors, and that the example file is what the rows say */
#include "test.h"
#include <sys/stat.h>
#include "log.h"
#include "setup/conf.h"

struct row { const char *key, *value; int r; uint64_t want; };

static uint64_t field(const struct conf *c, const char *key)
{
	for (size_t i = 0; i < conf_n_keys; i++)
		if (streq(conf_keys[i].name, key))
			return conf_keys[i].size == 1 ? *((const uint8_t *)c + conf_keys[i].off) : *(const uint64_t *)((const char *)c + conf_keys[i].off);
	return 0;
}

static void row(void **state)
{
	const struct row *r = *state;
	struct conf c, before;

	conf_init(&c);
	before = c;
	assert_int_equal(conf_set(&c, r->key, r->value), r->r);
	if (r->r < 0)
		assert_memory_equal(&c, &before, sizeof(c));
	else
		assert_int_equal(field(&c, r->key), r->want);
}

static void keys_are_sorted_and_parse_their_initial(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_n_keys; i++) {
		struct conf c;

		conf_init(&c);
		assert_int_equal(conf_set(&c, conf_keys[i].name, conf_keys[i].initial), 0);
		assert_true(strlen(conf_keys[i].doc) > 10);
		if (i > 0)
			assert_true(strcmp(conf_keys[i - 1].name, conf_keys[i].name) < 0);
	}
}

static int load_text(struct conf *c, const char *text)
{
	char path[] = "/tmp/test-conf.XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	r = conf_load(c, path);
	unlink(path);
	return r;
}

static void files(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(conf_load(&c, "/no/such/file"), 0);
	assert_int_equal(c.core_deaths, 10);
	assert_int_equal(load_text(&c, "# comment\n; comment\n\n[Init]\n  KeepAliveSec = 3s \r\nCoreBinary=/opt/my core\n"), 0);
	assert_int_equal(c.keepalive_usec, 3 * USEC_PER_SEC);
	assert_string_equal(c.core, "/opt/my core");
	assert_int_equal(load_text(&c, "KeepAliveSec=never\nNoSuchKey=1\n[Other]\nnonsense\nCrashLimit=7"), 4);
	assert_int_equal(c.crashes, 7);
	assert_int_equal(c.keepalive_usec, USEC_PER_SEC);
}

static void example_file_is_current(void **state)
{
	const char *path = *state;
	char *want = NULL, got[16384] = "";
	size_t n = 0;
	FILE *f = open_memstream(&want, &n), *file = fopen(path, "re");

	assert_non_null(file);
	conf_print_help(f);
	fclose(f);
	got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got, want);
	free(want);
}

static const struct CMUnitTest tests[] = {
	ROW(row, "KeepAliveSec", "2", 0, 2 * USEC_PER_SEC),
	ROW(row, "KeepAliveSec", "250ms", 0, 250 * USEC_PER_MSEC),
	ROW(row, "KeepAliveSec", "2min", 0, 120 * USEC_PER_SEC),
	ROW(row, "KeepAliveSec", "1h", 0, 3600 * USEC_PER_SEC),
	ROW(row, "KeepAliveSec", "2h", -ERANGE, 0),
	ROW(row, "KeepAliveSec", "", -EINVAL, 0),
	ROW(row, "KeepAliveSec", "-1", -EINVAL, 0),
	ROW(row, "KeepAliveSec", "5 s", -EINVAL, 0),
	ROW(row, "KeepAliveSec", "99999999999999999999", -ERANGE, 0),
	ROW(row, "CrashLimit", "5", 0, 5),
	ROW(row, "CrashLimit", "0", -ERANGE, 0),
	ROW(row, "CrashLimit", "5x", -EINVAL, 0),
	ROW(row, "LogLevel", "debug", 0, LOG_DEBUG),
	ROW(row, "LogLevel", "9", -EINVAL, 0),
	ROW(row, "ShowStatus", "off", 0, 0),
	ROW(row, "ShowStatus", "true", 0, 1),
	ROW(row, "ShowStatus", "maybe", -EINVAL, 0),
	ROW(row, "SystemCallDenials", "none", 0, CONF_DENY_NONE),
	ROW(row, "SystemCallDenials", "all", -EINVAL, 0),
	ROW(row, "SystemCallArchitectures", "native", 0, 1),
	ROW(row, "keepalivesec", "1", -ENOENT, 0),
	{ "keys are sorted, and parse their initial value", keys_are_sorted_and_parse_their_initial, NULL, NULL, NULL },
	{ "files", files, NULL, NULL, NULL },
	{ "the example file is current", example_file_is_current, NULL, NULL, (void *)"sysmaster-init/init.conf" },
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
