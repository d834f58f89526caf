/* absinfo.c - see absinfo.h */
#include <limits.h>
#include "absinfo.h"
#include "util.h"

int absinfo_override(const char *text, struct input_absinfo *info)
{
	struct input_absinfo got = *info;
	int *const fields[] = { &got.minimum, &got.maximum, &got.resolution, &got.fuzz, &got.flat };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char *end;
		long v;

		errno = 0;
		v = strtol(text, &end, 0);
		if (errno || v < INT_MIN || v > INT_MAX || (*end && *end != ':'))
			return -EINVAL;
		if (end != text)
			*fields[i] = (int)v;
		text = *end ? end + 1 : end;
	}
	if (*text)
		return -EINVAL;
	*info = got;
	return 0;
}
