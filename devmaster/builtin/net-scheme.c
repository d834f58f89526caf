/* net-scheme.c - see net-scheme.h */
#include <stdio.h>
#include "net-scheme.h"

static const unsigned schemes[] = { 238, 239, 240, 241, 243, 245, 247, 249, 250, 251, 252 };
#define LATEST schemes[ARRAY_SIZE(schemes) - 1]

static unsigned scheme_of(const char *name)
{
	char text[16];

	if (streq(name, "latest"))
		return LATEST;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		snprintf(text, sizeof(text), "v%u", schemes[i]);
		if (streq(name, text))
			return schemes[i];
	}
	return 0;
}

unsigned net_scheme(const struct event *e)
{
	const char *env = getenv("NET_NAMING_SCHEME");
	char value[64];
	unsigned n = env && *env != ':' ? scheme_of(env) : 0;

	if (!n && cmdline_value(e->proc, "net.naming-scheme", value, sizeof(value)) > 0)
		n = scheme_of(value);
	if (!n && env && *env == ':')
		n = scheme_of(env + 1);
	return n ? n : LATEST;
}
