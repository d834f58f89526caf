/* userdb-files.c - by /etc/passwd and /etc/group alone */
#include <stdio.h>
#include "userdb.h"
#include "util.h"

const struct passwd *userdb_user(const char *name, uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	if (!f)
		return NULL;
	while ((pw = fgetpwent(f)) && (name ? !streq(pw->pw_name, name) : pw->pw_uid != uid))
		;
	fclose(f);
	errno = pw ? errno : ENOENT;
	return pw;
}

const struct group *userdb_group(const char *name, gid_t gid)
{
	FILE *f = fopen("/etc/group", "re");
	const struct group *gr = NULL;

	if (!f)
		return NULL;
	while ((gr = fgetgrent(f)) && (name ? !streq(gr->gr_name, name) : gr->gr_gid != gid))
		;
	fclose(f);
	errno = gr ? errno : ENOENT;
	return gr;
}

static bool is_member(const struct group *gr, const char *user)
{
	for (char **m = gr->gr_mem; *m; m++)
		if (streq(*m, user))
			return true;
	return false;
}

int userdb_groups(const char *user, gid_t gid, gid_t *out, int *n)
{
	FILE *f = fopen("/etc/group", "re");
	const struct group *gr;
	int have = 0;

	if (have < *n)
		out[have] = gid;
	have++;
	while (f && (gr = fgetgrent(f))) {
		if (gr->gr_gid == gid || !is_member(gr, user))
			continue;
		if (have < *n)
			out[have] = gr->gr_gid;
		have++;
	}
	if (f)
		fclose(f);
	if (have > *n)
		return -1;
	*n = have;
	return have;
}
