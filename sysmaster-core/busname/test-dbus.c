/* test-dbus.c - messages there and back, cut at every byte, and with every byte changed */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dbus.h"

static void call(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct dbus_message m;

	dbus_call(&b, 7, "NameHasOwner", "a.b");
	assert_int_equal(dbus_parse(b.data, b.len, &m), b.len);
	assert_int_equal(m.type, DBUS_CALL);
	assert_string_equal(m.member, "NameHasOwner");
	assert_string_equal(m.signature, "s");
	assert_string_equal(dbus_body_string(&m, 0), "a.b");
	assert_null(dbus_body_string(&m, 1));
	dbus_call(&b, 8, "Hello", NULL);
	assert_int_equal(buf_error(&b), 0);
	ssize_t first = dbus_parse(b.data, b.len, &m);

	assert_true(first > 0 && (size_t)first < b.len);
	assert_int_equal(dbus_parse(b.data + first, b.len - (size_t)first, &m), b.len - (size_t)first);
	assert_string_equal(m.member, "Hello");
	assert_string_equal(m.signature, "");
}

/* a method return, as a real bus sends it: reply to 3, signature b, true */
static const uint8_t reply[] = {
	'l', 2, 1, 1, 4, 0, 0, 0, 9, 0, 0, 0, 0x3d, 0, 0, 0,
	6, 1, 's', 0, 5, 0, 0, 0, ':', '1', '.', '4', '2', 0, 0, 0,
	5, 1, 'u', 0, 3, 0, 0, 0,
	8, 1, 'g', 0, 1, 'b', 0, 0,
	7, 1, 's', 0, 20, 0, 0, 0, 'o', 'r', 'g', '.', 'f', 'r', 'e', 'e', 'd', 'e', 's', 'k', 't', 'o', 'p', '.', 'D', 'B', 'u', 's', 0, 0, 0, 0,
	1, 0, 0, 0,
};

static void answer(void **state)
{
	struct dbus_message m;
	bool yes = false;

	/* the fields end with the NUL of the sender's name */
	uint8_t copy[sizeof(reply)];

	memcpy(copy, reply, sizeof(copy));
	copy[12] = (uint8_t)(sizeof(reply) - 16 - 4 - 3);
	assert_int_equal(dbus_parse(copy, sizeof(copy), &m), sizeof(copy));
	assert_int_equal(m.type, DBUS_RETURN);
	assert_int_equal(m.reply_serial, 3);
	assert_int_equal(dbus_body_bool(&m, &yes), 0);
	assert_true(yes);
	for (size_t n = 0; n < sizeof(copy); n++)
		assert_int_equal(dbus_parse(copy, n, &m), 0);
	for (size_t i = 0; i < sizeof(copy); i++)
		for (unsigned v = 0; v < 256; v += 5) {
			uint8_t *heap = malloc(sizeof(copy));   /* ASan sees the end of it */

			assert_non_null(heap);
			memcpy(heap, copy, sizeof(copy));
			heap[i] = (uint8_t)v;
			if (dbus_parse(heap, sizeof(copy), &m) > 0) {
				dbus_body_bool(&m, &yes);
				dbus_body_string(&m, 0);
			}
			free(heap);
		}
}

static void nonsense(void **state)
{
	struct dbus_message m;
	uint8_t bad[64] = { 'B', 2, 1, 1 };

	assert_int_equal(dbus_parse(bad, sizeof(bad), &m), -EBADMSG);
	memset(bad, 0xff, sizeof(bad));
	bad[0] = 'l';
	bad[3] = 1;
	assert_int_equal(dbus_parse(bad, sizeof(bad), &m), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(call), cmocka_unit_test(answer), cmocka_unit_test(nonsense) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
