/* osfile.c - see osfile.h; plain reads only, nothing blocks */
#include <fcntl.h>
#include <sys/stat.h>
#include "osfile.h"

#define FIELD_FILE_MAX 16384

int osfile_read(const char *path, char *buf, size_t size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (n < size - 1) {
		ssize_t k = read(fd, buf + n, size - 1 - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		n += (size_t)k;
		if (n == (size_t)st.st_size)            /* /proc says 0, sysfs a page: those are read to their end */
			break;
	}
	buf[n] = '\0';
	return (int)n;
}

/* the value of one line, in place: quotes go, inside double quotes and bare a backslash protects the next character */
static void unquote(char *s)
{
	char quote = 0, *out = s;

	for (; *s && *s != '\n'; s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? 0 : *s;
			continue;
		}
		if (*s == '\\' && quote != '\'' && s[1] && s[1] != '\n')
			s++;
		*out++ = *s;
	}
	*out = '\0';
}

int osfile_field(const char *path, const char *name, char **ret)
{
	_cleanup_(freep) char *text = malloc(FIELD_FILE_MAX);
	size_t n = strlen(name);
	int r;

	if (!text)
		return -ENOMEM;
	r = osfile_read(path, text, FIELD_FILE_MAX);
	if (r < 0)
		return r;
	for (char *p = text; p; p = strchr(p, '\n')) {
		p += strspn(p, " \t\n");
		if (strncmp(p, name, n) != 0 || p[n] != '=')
			continue;
		unquote(p + n + 1);
		*ret = strdup(p + n + 1);
		return *ret ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

int osfile_os_release(const char *name, char **ret)
{
	if (access("/etc/os-release", F_OK) == 0)
		return osfile_field("/etc/os-release", name, ret);
	return osfile_field("/usr/lib/os-release", name, ret);
}
