/* needless.c - see needless.h */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include "osfile.h"
#include "worker/needless.h"

#define FILE_BYTES 65536                /* a longer one is not looked at: then the program is started */

static bool only_net(const char *args)
{
	while (*args) {
		size_t n;

		args += strspn(args, " ");
		n = strcspn(args, " ");
		if (n > 0 && !startswith(args, "--prefix=/net/"))
			return false;
		args += n;
	}
	return true;
}

/* could a key of the line be below net? a pattern could be anything */
static bool line_matters(const char *line)
{
	size_t n;

	line += strspn(line, " \t");
	if (*line == '-')
		line++;
	line += strspn(line, " \t/");
	n = strcspn(line, "=\n");
	if (*line == '#' || *line == ';' || n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strchr("*?[\\", line[i]))
			return true;
	return startswith(line, "net") || startswith(line, "proc");
}

static bool file_matters(const char *path)
{
	char text[FILE_BYTES];
	int n = osfile_read(path, text, sizeof(text));

	if (n < 0 || n == (int)sizeof(text) - 1)
		return n != -ENOENT;
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (line_matters(line))
			return true;
	return false;
}

static bool folder_matters(const char *root, const char *folder)
{
	char path[PATH_MAX];
	struct dirent *e;
	bool yes = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	d = opendir(path);
	if (!d)
		return errno != ENOENT;
	while (!yes && (e = readdir(d)))
		yes = endswith(e->d_name, ".conf") &&
		      ((size_t)snprintf(path, sizeof(path), "%s%s/%s", root, folder, e->d_name) >= sizeof(path) || file_matters(path));
	closedir(d);
	return yes;
}

bool needless(const char *command, const char *root)
{
	static const char *const programs[] = { "/lib/systemd/systemd-sysctl ", "/usr/lib/systemd/systemd-sysctl " };
	static const char *const folders[] = { "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d" };
	const char *args = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (startswith(command, programs[i]))
			args = command + strlen(programs[i]);
	if (!args || !only_net(args) || !strstr(args, "--prefix=/net/"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (folder_matters(root, folders[i]))
			return false;
	return true;
}
