/* test-hwdb.c - records -> hwdb.bin -> answers; faults of the text; what a broken file does */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "buf.h"
#include "build.h"
#include "hwdb.h"
#include "trie.h"

static char complaints[4096];
static void note(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	size_t n = strlen(complaints);

	snprintf(complaints + n, sizeof(complaints) - n, "%s:%u:%u ", file, line, column);
}
static struct diag_sink sink = { note };

static const char first[] =
	"# a comment\n"
	"mouse:*:name:*Track[bB]all*:*\nmouse:usb:v046dp4041:name:Logitech MX Master:*\n KIND=ball\n  TWO=blanks   # comment\n\n"
	"mouse:usb:*\n KIND=usb\n EMPTY=\n\n"
	"a?c\n Q=1\n\nabc\n Q=2\n P=exact\n\nab\n P=short\n\nabcd*\n P=long\n\n[xyz]1\n S=set\n";
static const char second[] = "mouse:usb:v046d*\n KIND=later file\n\nab*\n Q=3\n";

static void ask(const void *bin, size_t n, const char *modalias, const char *want)
{
	struct hwdb_answer a = { 0 };
	char text[512] = "";
	struct hwdb *h;

	assert_int_equal(hwdb_open_memory(&h, bin, n), 0);
	assert_int_equal(hwdb_query(h, modalias, &a), 0);
	for (size_t i = 0; i < a.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s ", a.v[i].key, a.v[i].value);
	assert_string_equal(text, want);
	hwdb_answer_finish(&a);
	hwdb_close(h);
}

static void *built(size_t *n)
{
	char path[] = "/tmp/devmaster-hwdb-XXXXXX";
	int fd = mkstemp(path);
	struct hwdb_build *b;
	uint8_t *bin;
	FILE *f;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(hwdb_build_new(&b, &sink), 0);
	assert_int_equal(hwdb_build_text(b, "1", first, sizeof(first) - 1), 0);
	assert_int_equal(hwdb_build_text(b, "2", second, sizeof(second) - 1), 0);
	assert_int_equal(hwdb_build_write(b, path), 0);
	hwdb_build_free(b);
	f = fopen(path, "re");
	assert_non_null(f);
	bin = malloc(1 << 16);
	*n = fread(bin, 1, 1 << 16, f);
	fclose(f);
	unlink(path);
	return bin;
}

static void answers(void **state)
{
	size_t n;
	void *bin = built(&n);

	assert_string_equal(complaints, "");
	ask(bin, n, "mouse:usb:v046dp4041:name:Logitech MX Master:x", "EMPTY= KIND=later file TWO=blanks ");
	ask(bin, n, "mouse:ps2:name:My Trackball:", "KIND=ball TWO=blanks ");
	ask(bin, n, "mouse:usb:v1", "EMPTY= KIND=usb ");
	ask(bin, n, "abc", "Q=3 P=exact ");
	ask(bin, n, "ab", "Q=3 P=short ");
	ask(bin, n, "abcde", "Q=3 P=long ");
	ask(bin, n, "axc", "Q=1 ");
	ask(bin, n, "y1", "S=set ");
	ask(bin, n, "", "");
	ask(bin, n, "nothing", "");
	free(bin);
}

/* every cut and every changed byte: an answer or -EBADMSG, never more */
static void broken(void **state)
{
	size_t n;
	uint8_t *bin = built(&n);
	struct hwdb *h;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(hwdb_open_memory(&h, bin, i), -EBADMSG);
		for (unsigned bit = 0; bit < 8; bit += 7) {
			struct hwdb_answer a = { 0 };

			bin[i] ^= (uint8_t)(1u << bit);
			if (hwdb_open_memory(&h, bin, n) == 0) {
				int r = hwdb_query(h, "mouse:usb:v046dp4041:name:Logitech MX Master:x", &a);

				assert_true(r == 0 || r == -EBADMSG);
				hwdb_close(h);
			}
			hwdb_answer_finish(&a);
			bin[i] ^= (uint8_t)(1u << bit);
		}
	}
	free(bin);
}

static const struct fault { const char *text, *says; } faults[] = {
	{ " A=1\n", "f:1:1 " }, { "a\n\n B=1\n", "f:2:0 f:3:1 " }, { "a\n b\n", "f:2:1 " }, { "a\n =1\n", "f:2:1 " }, { "a\n A=1\nb\n B=1\n", "f:3:1 f:4:1 " }, { "a\n", "f:1:0 " }, { "\n#\na\n A=1", "" },
};
static void fault(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct hwdb_build *b;

		complaints[0] = '\0';
		assert_int_equal(hwdb_build_new(&b, &sink), 0);
		assert_int_equal(hwdb_build_text(b, "f", faults[i].text, strlen(faults[i].text)), 0);
		assert_string_equal(complaints, faults[i].says);
		hwdb_build_free(b);
	}
	complaints[0] = '\0';
}

int main(void)
{
	static const struct CMUnitTest all[] = { cmocka_unit_test(answers), cmocka_unit_test(broken), cmocka_unit_test(fault) };

	return cmocka_run_group_tests(all, NULL, NULL);
}
