/* test-msg.c - the codec: round trips, every rule broken once, older and newer descriptions, text forms, msgpack-c's opinion */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <math.h>
#include <msgpack.h>
#include "sample.ipc.h"
#include "wire.h"

static const char *const words[] = { "one", "two", "" };
static const uint16_t ports[] = { 1, 9 };
static const struct ipc_point points[] = { { 1, -10 }, { INT32_MIN, 10 } };
static const int64_t numbers[] = { INT64_MIN, INT64_MAX, 0, -1 };
static const enum ipc_colour colours[] = { IPC_COLOUR_DEEP_BLUE };

static struct ipc_sample plain(void)
{
	return (struct ipc_sample){
		.yes = true, .small = 255, .port = 1024, .wide = UINT32_MAX, .huge = UINT64_MAX, .level = -5, .deep = INT64_MIN,
		.ratio = -0.5, .name = "abcdefgh", .raw = { "\0\1\2", 3 }, .tint = IPC_COLOUR_GREEN, .at = { -1, 3 },
		.words = (const char **)(uintptr_t)words, .n_words = 3, .ports = (uint16_t *)(uintptr_t)ports, .n_ports = 2,
		.points = (struct ipc_point *)(uintptr_t)points, .n_points = 2,
	};
}

static struct ipc_sample whole(void)
{
	struct ipc_sample s = plain();

	s.has_maybe = true;
	s.count = 7;
	s.has_count = true;
	s.note = "";
	s.blob = (struct msg_bytes){ "x", 1 };
	s.has_blob = true;
	s.paint = IPC_COLOUR_DEEP_BLUE;
	s.has_paint = true;
	s.where = (struct ipc_point){ 5, 6 };
	s.has_where = true;
	s.numbers = (int64_t *)(uintptr_t)numbers;
	s.n_numbers = 4;
	s.has_numbers = true;
	s.colours = (enum ipc_colour *)(uintptr_t)colours;
	s.n_colours = 1;
	s.has_colours = true;
	return s;
}

static void assert_same(const struct ipc_sample *a, const struct ipc_sample *b)
{
	_cleanup_(buf_finish) struct buf x = { 0 }, y = { 0 };

	msg_json(&ipc_sample_desc, a, &x);
	msg_json(&ipc_sample_desc, b, &y);
	assert_string_equal(buf_str(&x), buf_str(&y));
}

static void round_trip(void **state)
{
	struct ipc_sample in[] = { plain(), whole() };

	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 }, again = { 0 };
		struct arena a = ARENA_HEAP(1 << 16);
		struct ipc_sample out;
		char why[MSG_WHY] = "";

		assert_int_equal(ipc_sample_encode(&in[i], &b), 0);
		assert_int_equal(ipc_sample_decode(b.data, b.len, &a, &out, why), 0);
		assert_same(&in[i], &out);
		assert_int_equal(ipc_sample_encode(&out, &again), 0);
		assert_int_equal(again.len, b.len);
		assert_memory_equal(again.data, b.data, b.len);
		assert_int_equal(out.has_count, i == 1);
		assert_int_equal(out.note != NULL, i == 1);
		arena_reset(&a);
	}
}

/* PID 1 decodes into memory of its own, and a message that is too large for it is an error, not a crash. */
static void fixed_arena(void **state)
{
	struct ipc_sample in = whole(), out;
	_cleanup_(buf_finish) struct buf b = { 0 };
	_Alignas(16) char mem[4096];

	assert_int_equal(ipc_sample_encode(&in, &b), 0);
	for (size_t n = 0; n < sizeof(mem); n++) {
		struct arena a = { .mem = mem, .len = n };
		int r = ipc_sample_decode(b.data, b.len, &a, &out, NULL);

		assert_true(r == 0 || r == -ENOMEM);
		assert_null(a.chunks);
		if (r == 0) {
			assert_same(&in, &out);
			return;
		}
		assert_int_equal(out.n_words, 0);
	}
	fail_msg("4096 bytes were not enough");
}

/* Every prefix of a message is an error, and so is a byte behind it. */
static void cut_short(void **state)
{
	struct ipc_sample in = whole(), out;
	_cleanup_(buf_finish) struct buf b = { 0 };

	assert_int_equal(ipc_sample_encode(&in, &b), 0);
	for (size_t n = 0; n < b.len; n++) {
		_cleanup_(freep) uint8_t *copy = malloc(n ? n : 1);     /* its own memory, so that ASan sees a byte too far */
		struct arena a = ARENA_HEAP(1 << 16);

		memcpy(copy, b.data, n);
		assert_int_equal(ipc_sample_decode(copy, n, &a, &out, NULL), -EBADMSG);
		arena_reset(&a);
	}
	buf_addc(&b, 0);
	{
		struct arena a = ARENA_HEAP(1 << 16);
		char why[MSG_WHY];

		assert_int_equal(ipc_sample_decode(b.data, b.len, &a, &out, why), -EBADMSG);
		assert_string_equal(why, "bytes left over behind the message");
		arena_reset(&a);
	}
}

/* Values that the schema forbids are not sent either. */
struct bad_value { const char *what; void (*spoil)(struct ipc_sample *s); };
static void bad_range(struct ipc_sample *s) { s->level = 6; }
static void bad_range_low(struct ipc_sample *s) { s->port = 0; }
static void bad_enum(struct ipc_sample *s) { s->tint = (enum ipc_colour)99; }
static void bad_str(struct ipc_sample *s) { s->name = "abcdefghi"; }
static void bad_bytes(struct ipc_sample *s) { s->raw.len = 5; s->raw.data = "12345"; }
static void bad_list(struct ipc_sample *s) { s->n_words = 4; }
static void bad_nested(struct ipc_sample *s) { s->at.y = 11; }
static void bad_absent(struct ipc_sample *s) { s->numbers = (int64_t *)(uintptr_t)numbers; s->n_numbers = 1; }
static void refuse_value(void **state)
{
	const struct bad_value *row = *state;
	struct ipc_sample s = plain();
	char mem[1024] = "head";
	struct buf b = BUF_FIXED(mem);

	b.len = 4;
	row->spoil(&s);
	assert_int_equal(ipc_sample_encode(&s, &b), -EINVAL);
	assert_int_equal(b.len, 4);
}
#define VALUE(f) { "refuse value: " #f, refuse_value, NULL, NULL, &(struct bad_value){ #f, f } }

/* Raw bytes for struct point, what comes of them, and the words for it. */
struct raw { const char *bytes; size_t n; int r; const char *why; };
static void decode_point(void **state)
{
	const struct raw *row = *state;
	_cleanup_(freep) char *copy = malloc(row->n ? row->n : 1);
	struct arena a = ARENA_HEAP(4096);
	struct ipc_point p = { 77, 77 };
	char why[MSG_WHY] = "";

	memcpy(copy, row->bytes, row->n);
	assert_int_equal(ipc_point_decode(copy, row->n, &a, &p, why), row->r);
	assert_string_equal(why, row->why);
	assert_int_equal(p.x, row->r == 0 ? 1 : 0);
	assert_int_equal(p.y, row->r == 0 ? 2 : 0);
	arena_reset(&a);
}
#define POINT(s, r, why) { "point " #s, decode_point, NULL, NULL, &(struct raw){ s, sizeof(s) - 1, r, why } }

/* The same for one field of struct sample: a valid message with one value replaced. */
struct swap { uint32_t id; const char *bytes; size_t n; const char *why; };
static void decode_swapped(void **state)
{
	const struct swap *row = *state;
	struct ipc_sample in = whole(), out;
	_cleanup_(buf_finish) struct buf b = { 0 }, c = { 0 };
	struct arena a = ARENA_HEAP(1 << 16);
	char why[MSG_WHY] = "";
	struct wire w;
	size_t pairs;

	assert_int_equal(ipc_sample_encode(&in, &b), 0);
	w = (struct wire){ b.data, b.data + b.len };
	assert_int_equal(wire_map(&w, &pairs), 0);
	buf_add(&c, b.data, (size_t)(w.p - b.data));
	while (pairs-- > 0) {
		const uint8_t *key = w.p;
		uint64_t id;

		assert_int_equal(wire_uint(&w, UINT32_MAX, &id), 0);
		buf_add(&c, key, (size_t)(w.p - key));
		key = w.p;
		assert_int_equal(wire_skip(&w), 0);
		if (id == row->id)
			buf_add(&c, row->bytes, row->n);
		else
			buf_add(&c, key, (size_t)(w.p - key));
	}
	assert_int_equal(ipc_sample_decode(c.data, c.len, &a, &out, why), *row->why ? -EBADMSG : 0);
	assert_string_equal(why, row->why);
	arena_reset(&a);
}
#define SWAP(id, s, why) { "field " #id " as " #s, decode_swapped, NULL, NULL, &(struct swap){ id, s, sizeof(s) - 1, why } }

/* An older program reads a newer one's message and the other way round. */
static void evolution(void **state)
{
	const char *added[] = { "a", "b" };
	struct ipc_sample_new fresh = { .yes = true, .name = "n", .has_added = true, .added = added, .n_added = 2, .has_spot = true,
					.spot = { 1, 2 } };
	struct ipc_sample_old old = { .yes = true, .name = "o", .has_count = true, .count = 9 }, old_out;
	struct ipc_sample_new fresh_out;
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct arena a = ARENA_HEAP(4096);

	assert_int_equal(ipc_sample_new_encode(&fresh, &b), 0);
	assert_int_equal(ipc_sample_old_decode(b.data, b.len, &a, &old_out, NULL), 0);
	assert_string_equal(old_out.name, "n");
	assert_false(old_out.has_count);
	buf_reset(&b);
	assert_int_equal(ipc_sample_old_encode(&old, &b), 0);
	assert_int_equal(ipc_sample_new_decode(b.data, b.len, &a, &fresh_out, NULL), 0);
	assert_true(fresh_out.has_count && fresh_out.count == 9 && !fresh_out.has_added && !fresh_out.has_spot);
	arena_reset(&a);
}

/* An unknown field may hold anything, but not endless nesting. */
static void unknown_field(void **state)
{
	for (unsigned depth = 1; depth < 40; depth++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		struct arena a = ARENA_HEAP(4096);
		struct ipc_point p;

		buf_add(&b, "\x83\x01\x01\x02\x02\x09", 6);
		for (unsigned i = 1; i < depth; i++)
			buf_add(&b, "\x91", 1);
		buf_add(&b, "\xc0", 1);
		assert_int_equal(ipc_point_decode(b.data, b.len, &a, &p, NULL), depth <= WIRE_DEPTH ? 0 : -EBADMSG);
		arena_reset(&a);
	}
}

/* msgpack-c reads what we write, and we skip over whatever it can write. */
static void msgpack_c_agrees(void **state)
{
	struct ipc_sample in = whole();
	_cleanup_(buf_finish) struct buf b = { 0 };
	msgpack_unpacked u;
	size_t off = 0;

	assert_int_equal(ipc_sample_encode(&in, &b), 0);
	msgpack_unpacked_init(&u);
	assert_int_equal(msgpack_unpack_next(&u, (const char *)b.data, b.len, &off), MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(off, b.len);
	assert_int_equal(u.data.type, MSGPACK_OBJECT_MAP);
	assert_int_equal(u.data.via.map.size, ipc_sample_desc.n_fields);
	for (uint32_t i = 0; i < u.data.via.map.size; i++)
		assert_int_equal(u.data.via.map.ptr[i].key.via.u64, ipc_sample_desc.fields[i].id);
	assert_true(u.data.via.map.ptr[4].val.via.u64 == UINT64_MAX);
	assert_true(u.data.via.map.ptr[6].val.via.i64 == INT64_MIN);
	msgpack_unpacked_destroy(&u);
}

static uint64_t seed = 88172645463325252u;
static uint64_t dice(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* Random bytes, mostly msgpack-like: both readers must see one whole value of the same length, or both must not. */
static void differential(void **state)
{
	static const uint8_t heads[] = { 0x81, 0x91, 0xa1, 0xc0, 0xc2, 0xc3, 0xc4, 0xc5, 0xc7, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0,
					 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xc1, 0xc6 };
	size_t whole_ones = 0;

	for (int round = 0; round < 200000; round++) {
		uint8_t data[24];
		size_t n = 1 + dice() % sizeof(data), off = 0;
		struct wire w = { data, data + n };
		msgpack_unpacked u;
		bool ours, theirs;

		for (size_t i = 0; i < n; i++) {
			data[i] = dice() % 3 == 0 ? heads[dice() % sizeof(heads)] : (uint8_t)(dice() % 5);
			/* msgpack-c allocates what a 32-bit length announces, 137 GB if need be: keep it to 16 bits */
			if ((i > 0 && (data[i - 1] | 2) == 0xdf) || (i > 1 && (data[i - 2] | 2) == 0xdf))
				data[i] = 0;
		}
		msgpack_unpacked_init(&u);
		theirs = msgpack_unpack_next(&u, (const char *)data, n, &off) == MSGPACK_UNPACK_SUCCESS;
		ours = wire_skip(&w) == 0;
		msgpack_unpacked_destroy(&u);
		if (!ours && theirs && n > WIRE_DEPTH)
			continue;       /* nested deeper than we allow */
		assert_int_equal(ours, theirs);
		if (ours)
			assert_int_equal((size_t)(w.p - data), off);
		whole_ones += ours;
	}
	assert_true(whole_ones > 10000);
}

static void frames(void **state)
{
	struct ipc_point p = { 3, 4 }, got;
	const struct msg_method *m = msg_method_by_name(&ipc_sample_socket, "point");
	const struct msg_event *e = msg_event_by_id(&ipc_sample_socket, IPC_SAMPLE_EV_MOVED);
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct arena a = ARENA_HEAP(4096);
	struct msg_request req;
	struct msg_event_frame ev;
	struct msg_reply rep;

	assert_int_equal(msg_request_encode(UINT64_MAX, m, &p, &b), 0);
	for (size_t n = 0; n < 8; n++)
		assert_int_equal(msg_request_decode(b.data, n, &req), -EBADMSG);
	assert_int_equal(msg_request_decode(b.data, b.len, &req), 0);
	assert_true(req.id == UINT64_MAX && req.method == IPC_SAMPLE_POINT);
	assert_int_equal(ipc_point_decode(req.body, req.body_len, &a, &got, NULL), 0);
	assert_int_equal(got.y, 4);
	buf_reset(&b);
	assert_int_equal(msg_event_encode(12, e, &p, &b), 0);
	assert_int_equal(msg_event_decode(b.data, b.len, &ev), 0);
	assert_true(ev.seq == 12 && ev.event == IPC_SAMPLE_EV_MOVED);
	buf_reset(&b);
	assert_int_equal(msg_reply_encode(1, -EPERM, "no", NULL, NULL, &b), 0);
	assert_int_equal(msg_reply_decode(b.data, b.len, &a, &rep), 0);
	assert_true(rep.result == -EPERM && rep.body == NULL);
	assert_string_equal(rep.error, "no");
	buf_addc(&b, 0);
	assert_int_equal(msg_reply_decode(b.data, b.len, &a, &rep), -EBADMSG);
	buf_reset(&b);
	assert_int_equal(msg_reply_encode(2, 0, NULL, m->rep, &p, &b), 0);
	assert_int_equal(msg_reply_decode(b.data, b.len, &a, &rep), 0);
	assert_int_equal(ipc_point_decode(rep.body, rep.body_len, &a, &got, NULL), 0);
	arena_reset(&a);
}

static void text_forms(void **state)
{
	struct ipc_sample s = whole();
	_cleanup_(buf_finish) struct buf b = { 0 };

	s.name = "a\n\"\xff\xc3\xa4";
	s.ratio = NAN;
	msg_json(&ipc_sample_desc, &s, &b);
	assert_string_equal(buf_str(&b),
		"{\"yes\":true,\"small\":255,\"port\":1024,\"wide\":4294967295,\"huge\":18446744073709551615,\"level\":-5,"
		"\"deep\":-9223372036854775808,\"ratio\":null,\"name\":\"a\\u000a\\\"\\ufffd\xc3\xa4\",\"raw\":\"AAEC\",\"tint\":\"green\","
		"\"at\":{\"x\":-1,\"y\":3},\"words\":[\"one\",\"two\",\"\"],\"ports\":[1,9],"
		"\"points\":[{\"x\":1,\"y\":-10},{\"x\":-2147483648,\"y\":10}],\"maybe\":false,\"count\":7,\"note\":\"\",\"blob\":\"eA==\","
		"\"paint\":\"deep_blue\",\"where\":{\"x\":5,\"y\":6},\"numbers\":[-9223372036854775808,9223372036854775807,0,-1],"
		"\"colours\":[\"deep_blue\"]}");
	buf_reset(&b);
	s = plain();
	s.name = "a\x1b[1m\n";
	msg_print(&ipc_sample_desc, &s, &b);
	assert_string_equal(buf_str(&b),
		"yes: yes\nsmall: 255\nport: 1024\nwide: 4294967295\nhuge: 18446744073709551615\nlevel: -5\ndeep: -9223372036854775808\n"
		"ratio: -0.5\nname: a\\x1b[1m\\n\nraw: 000102\ntint: green\nat:\n  x: -1\n  y: 3\nwords: one\nwords: two\nwords: \n"
		"ports: 1\nports: 9\npoints:\n  x: 1\n  y: -10\npoints:\n  x: -2147483648\n  y: 10\n");
}

/* Words of a command line for struct sample_new or point, and the JSON or the complaint they make. */
struct args { const struct msg_desc *d; const char *args[6]; int r; const char *result; };
static void from_args(void **state)
{
	const struct args *row = *state;
	struct arena a = ARENA_HEAP(1 << 16);
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(freep) void *v = malloc(row->d->size);
	char why[MSG_WHY] = "";
	size_t n = 0;

	while (n < 6 && row->args[n])
		n++;
	assert_int_equal(msg_from_args(row->d, (char *const *)(uintptr_t)row->args, n, &a, v, why), row->r);
	if (row->r == 0)
		msg_json(row->d, v, &b);
	assert_string_equal(row->r == 0 ? buf_str(&b) : why, row->result);
	arena_reset(&a);
}
#define ARGS(d, r, result, ...) { "args " #__VA_ARGS__ " " #d, from_args, NULL, NULL, \
	&(struct args){ &ipc_##d##_desc, { __VA_ARGS__ }, r, result } }

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(round_trip),
	cmocka_unit_test(fixed_arena),
	cmocka_unit_test(cut_short),
	cmocka_unit_test(evolution),
	cmocka_unit_test(unknown_field),
	cmocka_unit_test(msgpack_c_agrees),
	cmocka_unit_test(differential),
	cmocka_unit_test(frames),
	cmocka_unit_test(text_forms),
	VALUE(bad_range), VALUE(bad_range_low), VALUE(bad_enum), VALUE(bad_str), VALUE(bad_bytes), VALUE(bad_list), VALUE(bad_nested),
	VALUE(bad_absent),
	POINT("\x82\x01\x01\x02\x02", 0, ""),
	POINT("\x82\x02\x02\x01\x01", 0, ""),                           /* any order of fields */
	POINT("\xde\x00\x02\x01\xcd\x00\x01\xcc\x02\x02", 0, ""),       /* longer forms of the same numbers */
	POINT("\x82\x01\xd0\x01\x02\xd3\x00\x00\x00\x00\x00\x00\x00\x02", 0, ""),
	POINT("\x83\x01\x01\x02\x02\x07\xa3xyz", 0, ""),
	POINT("", -EBADMSG, "point: not a map of fields"),
	POINT("\x92\x01\x02", -EBADMSG, "point: not a map of fields"),
	POINT("\x81\x01\x01", -EBADMSG, "field y: missing"),
	POINT("\x83\x01\x01\x02\x02\x01\x01", -EBADMSG, "field x: there twice"),
	POINT("\x82\x01\x01\xff\x02", -EBADMSG, "a key that is no field number"),
	POINT("\x82\x01\x01\x00\x02", -EBADMSG, "a key that is no field number"),
	POINT("\x82\x01\x01\xa1x\x02", -EBADMSG, "a key that is no field number"),
	POINT("\x82\x01\x01\x02\x0b", -EBADMSG, "field y: number out of range"),
	POINT("\x82\x01\x01\x02\xd0\xf5", -EBADMSG, "field y: number out of range"),
	POINT("\x82\x01\xce\x80\x00\x00\x00\x02\x02", -EBADMSG, "field x: number out of range"),
	POINT("\x82\x01\xa1\x31\x02\x02", -EBADMSG, "field x: not an integer"),
	POINT("\x82\x01\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\x02\x02", -EBADMSG, "field x: not an integer"),
	POINT("\x82\x01\xc3\x02\x02", -EBADMSG, "field x: not an integer"),
	POINT("\x82\x01\xc1\x02\x02", -EBADMSG, "field x: cut short"),
	POINT("\x83\x01\x01\x02\x02\x07\xdf\xff\xff\xff\xff", -EBADMSG, "unknown field is cut short or too deep"),
	SWAP(1, "\xc2", ""), SWAP(1, "\x01", "field yes: not a bool"), SWAP(1, "\xc0", "field yes: not a bool"),
	SWAP(2, "\xcd\x01\x00", "field small: number out of range"), SWAP(2, "\xff", "field small: number out of range"),
	SWAP(3, "\x00", "field port: number out of range"), SWAP(3, "\xcd\x04\x01", "field port: number out of range"),
	SWAP(4, "\xcf\x00\x00\x00\x01\x00\x00\x00\x00", "field wide: number out of range"),
	SWAP(5, "\xff", "field huge: number out of range"),
	SWAP(6, "\xfa", "field level: number out of range"), SWAP(6, "\x06", "field level: number out of range"),
	SWAP(7, "\xcf\x80\x00\x00\x00\x00\x00\x00\x00", "field deep: number out of range"),
	SWAP(8, "\xca\x00\x00\x00\x00", "field ratio: not a 64-bit float"), SWAP(8, "\x01", "field ratio: not a 64-bit float"),
	SWAP(9, "\xa9" "123456789", "field name: string too long"), SWAP(9, "\xa3" "a\0b", "field name: NUL inside a string"),
	SWAP(9, "\xc4\x01" "a", "field name: not a string"), SWAP(9, "\xc0", "field name: not a string"),
	SWAP(9, "\xd9\x01" "a", ""),
	SWAP(10, "\xc4\x05" "12345", "field raw: too many bytes"), SWAP(10, "\xa1" "a", "field raw: not bytes"), SWAP(10, "\xc4\x00", ""),
	SWAP(11, "\x03", "field tint: no such value"), SWAP(11, "\xa3" "red", "field tint: not an integer"), SWAP(11, "\xf9", ""),
	SWAP(12, "\x80", "field x: missing"), SWAP(12, "\xc0", "point: not a map of fields"),
	SWAP(13, "\x94\xa0\xa0\xa0\xa0", "field words: list too long"), SWAP(13, "\xa0", "field words: not a list"),
	SWAP(13, "\x91\x01", "field words: not a string"), SWAP(13, "\x90", ""),
	SWAP(14, "\x91\x0a", "field ports: number out of range"), SWAP(15, "\x91\x81\x01\x01", "field y: missing"),
	SWAP(21, "\xc0", "field count: not an integer"), SWAP(24, "\x00", "field paint: no such value"),
	SWAP(27, "\x91\x00", "field colours: no such value"),
	ARGS(point, 0, "{\"x\":-3,\"y\":10}", "x=-3", "y=0xa"),
	ARGS(point, -EINVAL, "field y: missing", "x=1"),
	ARGS(point, -EINVAL, "field x: there twice", "x=1", "x=2", "y=1"),
	ARGS(point, -EINVAL, "field y: number out of range", "x=1", "y=11"),
	ARGS(point, -EINVAL, "field x: number out of range", "x=99999999999", "y=1"),
	ARGS(point, -EINVAL, "field x: number out of range", "x=99999999999999999999", "y=1"),
	ARGS(point, -EINVAL, "field x: expected a number", "x=1m", "y=1"),
	ARGS(point, -EINVAL, "field x: expected a number", "x=", "y=1"),
	ARGS(point, -EINVAL, "field x: expected a number", "x= 1", "y=1"),
	ARGS(point, -EINVAL, "no field \"z\" in point", "x=1", "y=1", "z=1"),
	ARGS(point, -EINVAL, "word \"x\": expected FIELD=VALUE of point", "x"),
	ARGS(sample_new, 0, "{\"yes\":true,\"name\":\"a=b\",\"added\":[\"p\",\"q\"]}", "yes=on", "added=p", "name=a=b", "added=q"),
	ARGS(sample_new, 0, "{\"yes\":false,\"name\":\"\",\"spot\":{\"x\":1,\"y\":2}}", "yes=no", "name=", "spot.y=2", "spot.x=1"),
	ARGS(sample_new, -EINVAL, "field y: missing", "yes=no", "name=", "spot.x=1"),
	ARGS(sample_new, -EINVAL, "field yes: expected yes or no", "yes=2", "name="),
	ARGS(sample_new, -EINVAL, "field name: too long", "yes=0", "name=123456789"),
	ARGS(nothing, 0, "{}", NULL),
};
int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
