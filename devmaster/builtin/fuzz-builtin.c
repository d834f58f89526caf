/*
 * fuzz-builtin.c - libFuzzer entry: any bytes as hwdb.bin, as text of *.hwdb, as a .link file, as descriptors of USB and HID, as what a disk says of itself, as masks of an input device
 *
 * The first byte chooses. A database that was built of text must be readable, and each of its plain patterns must be found by its own name.
 */
#include <stdio.h>
#include "buf.h"
#include "hwdb/build.h"
#include "hwdb/hwdb.h"
#include "absinfo.h"
#include "helpers/ata.h"
#include "helpers/hid.h"
#include "input-bits.h"
#include "link/file.h"
#include "usb-descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	if (!*text || (line == 0 && column != 0))
		abort();
}

static int query(const void *p, size_t n, const char *modalias)
{
	struct hwdb_answer a = { 0 };
	struct hwdb *h;
	int r = hwdb_open_memory(&h, p, n);

	if (r < 0)
		return r;
	r = hwdb_query(h, modalias, &a);
	for (size_t i = 0; i < a.n; i++)
		if (strlen(a.v[i].key) + strlen(a.v[i].value) > n)
			abort();
	hwdb_answer_finish(&a);
	hwdb_close(h);
	return r;
}

static void text(const char *s, size_t n)
{
	struct diag_sink sink = { judge };
	struct buf out = { 0 };
	struct hwdb_build *b;
	char first[256];

	if (memchr(s, 0, n) || hwdb_build_new(&b, &sink) < 0)
		return;
	snprintf(first, sizeof(first), "%.*s", (int)MIN(n, strcspn(s, "\n")), s);
	if (hwdb_build_text(b, "fuzz", s, n) == 0 && hwdb_build_bytes(b, &out) == 0 && query(out.data, out.len, first) < 0 && strlen(first) < 200)
		abort();
	buf_finish(&out);
	hwdb_build_free(b);
}

/* what was read of a .link file keeps what its header says */
static void link_text(const char *s, size_t n)
{
	struct diag_sink sink = { judge };
	struct link_file *f;

	if (link_file_parse(&f, "fuzz.link", s, n, &sink) < 0)
		return;
	if ((f->new_name && !link_name_valid(f->new_name, 15)) || f->new_mac.n > 1 || f->name_policy.n > LINK_POLICIES_MAX || f->mtu.v > INT32_MAX)
		abort();
	for (char **p = f->property; p && *p; p++)
		if (!strchr(*p, '='))
			abort();
	link_file_free(f);
}

static void input(const char *s)
{
	struct input_absinfo info = { 0 };
	struct input_bits b = { .bus = BUS_USB };
	uint64_t *masks[] = { b.ev, b.abs, b.rel, b.key, b.prop };
	const size_t sizes[] = { ARRAY_SIZE(b.ev), ARRAY_SIZE(b.abs), ARRAY_SIZE(b.rel), ARRAY_SIZE(b.key), ARRAY_SIZE(b.prop) };
	unsigned i = 0;

	absinfo_override(s, &info);
	for (; s && i < ARRAY_SIZE(masks); i++) {
		input_mask(s, i & 1 ? 32 : 64, masks[i], sizes[i]);
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	if (input_kinds(&b) >> 11)
		abort();
}

static void ata(const uint8_t *p, size_t n)
{
	uint8_t id[ATA_IDENTIFY_BYTES] = { 0 };
	struct buf b = { 0 };

	memcpy(id, p, MIN(n, sizeof(id)));
	ata_properties(id, &b);
	if (!buf_str(&b) || !startswith(buf_str(&b), "ID_ATA=1\n"))
		abort();
	buf_finish(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[128], *copy;

	if (size < 2)
		return 0;
	copy = strndup((const char *)data + 1, size - 1);
	if (data[0] % 5 == 0)
		query(data + 1, size - 1, "usb:v046dp0001:abc");
	else if (data[0] % 5 == 1)
		text(copy, strlen(copy));
	else if (data[0] % 5 == 2) {
		usb_interfaces(data + 1, size - 1, out, sizeof(out));
		hid_is_fido(data + 1, size - 1);
		ata(data + 1, size - 1);
	}
	else if (data[0] % 5 == 3)
		link_text((const char *)data + 1, size - 1);
	else
		input(copy);
	free(copy);
	return 0;
}
