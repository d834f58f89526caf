/* base64.c - base64 back into bytes */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "exec/base64.h"

ssize_t base64_decode(char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = s;
	unsigned acc = 0, bits = 0, seen = 0, pad = 0;

	for (const char *p = s; *p; p++) {
		const char *d = strchr(digits, *p);

		if (isspace((unsigned char)*p))
			continue;
		seen++;
		if (*p == '=') {
			pad++;
			continue;
		}
		if (!d || pad)
			return -EINVAL;
		acc = acc << 6 | (unsigned)(d - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (char)(acc >> bits);
		}
	}
	return seen % 4 || pad > 2 ? -EINVAL : out - s;
}
