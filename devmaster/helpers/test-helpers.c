/* test-helpers.c - what the helper programs make of bytes of devices */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "ata.h"
#include "hid.h"

static void put_word(uint8_t *id, unsigned n, unsigned v)
{
	id[2 * n] = (uint8_t)v;
	id[2 * n + 1] = (uint8_t)(v >> 8);
}

static void put_text(uint8_t *id, unsigned first, unsigned words, const char *s)
{
	for (unsigned i = 0; i < 2 * words; i++)
		id[2 * first + (i ^ 1)] = *s ? (uint8_t)*s++ : ' ';
}

static void disk(void **state)
{
	uint8_t id[ATA_IDENTIFY_BYTES] = { 0 };
	struct buf out = { 0 };

	put_text(id, 10, 10, "  S 123/4");
	put_text(id, 23, 4, "2.5+");
	put_text(id, 27, 20, "A disk  of ATA");
	put_word(id, 0, 0x0040);
	put_word(id, 76, 0x0006);
	put_word(id, 82, 1 << 5 | 1 << 1 | 1);
	put_word(id, 83, 1 << 3 | 1 << 9 | 1);
	put_word(id, 85, 1 << 5 | 1 << 1);
	put_word(id, 86, 1 << 3);
	put_word(id, 89, 21);
	put_word(id, 91, 0x80fe);
	put_word(id, 94, 0x8040);
	put_word(id, 108, 0x5000);
	put_word(id, 109, 0xc500);
	put_word(id, 110, 0x15ea);
	put_word(id, 111, 0x71ac);
	put_word(id, 128, 1 << 8 | 1 << 3);
	put_word(id, 217, 7200);
	ata_properties(id, &out);
	assert_string_equal(buf_str(&out),
		"ID_ATA=1\nID_TYPE=disk\nID_BUS=ata\nID_MODEL=A_disk_of_ATA\nID_MODEL_ENC=A\\x20disk\\x20\\x20of\\x20ATA"
		"\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\n"
		"ID_REVISION=2.5+\nID_SERIAL=A_disk_of_ATA_S_123_4\nID_SERIAL_SHORT=S_123_4\nID_ATA_WRITE_CACHE=1\nID_ATA_WRITE_CACHE_ENABLED=1\n"
		"ID_ATA_FEATURE_SET_SECURITY=1\nID_ATA_FEATURE_SET_SECURITY_ENABLED=1\nID_ATA_FEATURE_SET_SECURITY_ERASE_UNIT_MIN=42\nID_ATA_FEATURE_SET_SECURITY_LEVEL=maximum\n"
		"ID_ATA_FEATURE_SET_SECURITY_FROZEN=1\nID_ATA_FEATURE_SET_SMART=1\nID_ATA_FEATURE_SET_SMART_ENABLED=0\nID_ATA_FEATURE_SET_AAM=1\nID_ATA_FEATURE_SET_AAM_ENABLED=0\n"
		"ID_ATA_FEATURE_SET_AAM_VENDOR_RECOMMENDED_VALUE=128\nID_ATA_FEATURE_SET_AAM_CURRENT_VALUE=64\nID_ATA_FEATURE_SET_APM=1\nID_ATA_FEATURE_SET_APM_ENABLED=1\n"
		"ID_ATA_FEATURE_SET_APM_CURRENT_VALUE=254\nID_ATA_DOWNLOAD_MICROCODE=1\nID_ATA_SATA=1\nID_ATA_SATA_SIGNAL_RATE_GEN2=1\nID_ATA_SATA_SIGNAL_RATE_GEN1=1\n"
		"ID_ATA_ROTATION_RATE_RPM=7200\nID_WWN=0x5000c50015ea71ac\nID_WWN_WITH_EXTENSION=0x5000c50015ea71ac\n");
	buf_finish(&out);
}

static void drive(void **state)
{
	uint8_t id[ATA_IDENTIFY_BYTES] = { 0 };
	struct buf out = { 0 };

	put_text(id, 27, 20, "A drive");
	put_text(id, 10, 10, "");
	put_text(id, 23, 4, "1");
	put_word(id, 0, 0x85c0);
	ata_properties(id, &out);
	assert_non_null(strstr(buf_str(&out), "ID_TYPE=cd\n"));
	assert_non_null(strstr(buf_str(&out), "ID_SERIAL=A_drive\n"));
	assert_null(strstr(buf_str(&out), "SERIAL_SHORT"));
	buf_reset(&out);
	ata_turn_texts(id);
	ata_serial(id, &out);
	assert_string_equal(buf_str(&out), "Ardvi_e");
	buf_reset(&out);
	ata_turn_texts(id);
	ata_serial(id, &out);
	assert_string_equal(buf_str(&out), "A_drive");
	buf_finish(&out);
}

static const struct token { uint8_t bytes[16]; size_t n; int r; } tokens[] = {
	{ { 0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01 }, 7, 1 }, { { 0x05, 0x01, 0x09, 0x06, 0xa1, 0x01 }, 6, 0 }, { { 0x0b, 0x01, 0x00, 0xd0, 0xf1 }, 5, 1 },
	{ { 0xfe, 0x02, 0x00, 0x06, 0xd0, 0x06, 0xd0, 0xf1, 0x09, 0x01 }, 10, 1 }, { { 0x06, 0xd0 }, 2, -EINVAL }, { { 0x07, 0, 0, 0, 0 }, 5, -EINVAL }, { { 0xfe }, 1, -EINVAL }, { { 0 }, 0, 0 },
	{ { 0x06, 0xd0, 0xf1, 0x09, 0x02, 0x09, 0x01 }, 7, 1 },
};
static void fido(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		assert_int_equal(hid_is_fido(tokens[i].bytes, tokens[i].n), tokens[i].r);
}

int main(void)
{
	static const struct CMUnitTest all[] = { cmocka_unit_test(disk), cmocka_unit_test(drive), cmocka_unit_test(fido) };

	return cmocka_run_group_tests(all, NULL, NULL);
}
