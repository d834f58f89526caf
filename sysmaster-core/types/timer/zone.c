/* zone.c - $TZ and /usr/share/zoneinfo; tzset(3) */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include "types/timer/zone.h"

#define ZONES "/usr/share/zoneinfo/"

bool zone_valid(const char *name)
{
	_cleanup_(freep) char *path = NULL;
	char magic[4];

	if (streq(name, "UTC"))
		return true;
	if (!*name || *name == '/' || name[strlen(name) - 1] == '/' || strstr(name, "//"))
		return false;
	for (const char *s = name; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_+/", *s))
			return false;
	if (asprintf(&path, ZONES "%s", name) < 0)
		return false;
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 && read(fd, magic, sizeof(magic)) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

int zone_enter(const char *name, char **ret_old)
{
	const char *tz = getenv("TZ");
	_cleanup_(freep) char *old = tz ? strdup(tz) : NULL, *zone = NULL;

	if ((tz && !old) || asprintf(&zone, ":%s", name) < 0 || setenv("TZ", zone, 1) < 0)
		return -ENOMEM;
	tzset();
	*ret_old = TAKE_PTR(old);
	return 0;
}

void zone_leave(char *old)
{
	if (old)
		setenv("TZ", old, 1);
	else
		unsetenv("TZ");
	tzset();
	free(old);
}
