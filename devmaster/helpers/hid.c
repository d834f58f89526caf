/* hid.c - see hid.h */
#include "hid.h"

#define LONG_ITEM 0xfe
#define FIDO_TOKEN 0xf1d00001u
enum { KIND = 0xfc, USAGE_PAGE = 0x04, USAGE = 0x08 };  /* of an item's first byte: tag and type without the size */

int hid_is_fido(const uint8_t *p, size_t n)
{
	static const size_t sizes[] = { 0, 1, 2, 4 };
	uint32_t page = 0;

	for (size_t at = 0; at < n;) {
		size_t size = sizes[p[at] & 3];
		unsigned kind = p[at] & KIND;
		uint32_t value = 0;

		if (p[at] == LONG_ITEM) {
			if (n - at < 2)
				return -EINVAL;
			at += 3u + p[at + 1];
			continue;
		}
		at++;
		if (size > n - at)
			return -EINVAL;
		for (size_t i = 0; i < size; i++)
			value |= (uint32_t)p[at + i] << 8 * i;
		at += size;
		if (kind == USAGE_PAGE) {
			if (size > 2)
				return -EINVAL;
			page = value << 16;
		} else if (kind == USAGE) {
			value = size == 4 ? value : page | value;
			if (value == FIDO_TOKEN)
				return 1;
			page = value & 0xffff0000u;
		}
	}
	return 0;
}
