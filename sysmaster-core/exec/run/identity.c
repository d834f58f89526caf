/* identity.c - User=, Group=, SupplementaryGroups=, DynamicUser=; userdb.h says who knows */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "run.h"
#include "userdb.h"

#define DYNAMIC_MIN 61184u              /* the range that systemd sets aside: users-groups-and-nss in its UIDS-GIDS page */
#define DYNAMIC_MAX 65519u

static bool number(const char *s, uint32_t *ret)
{
	char *end;
	unsigned long n;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	n = strtoul(s, &end, 10);
	if (errno || *end || n >= 65535u * 65537u || n == 65535)        /* (uid_t)-1 of 32 and of 16 bits */
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* a home of "/" and a shell that lets nobody in say nothing about a service's environment */
static void set_home(struct run *r, const char *home, const char *shell)
{
	const char *base = strrchr(shell, '/');

	r->home = home[0] == '/' && home[1] ? must_alloc(strdup(home)) : NULL;
	r->shell = base && !streq(base, "/nologin") && !streq(base, "/false") ? must_alloc(strdup(shell)) : NULL;
}

int user_find(struct run *r, const char *name)
{
	const struct passwd *pw;
	uint32_t n;

	if (streq(name, "root") || streq(name, "0")) {          /* needs no database */
		r->uid = 0;
		r->gid = 0;
		r->user_name = "root";
		set_home(r, "/root", access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh");
		return 0;
	}
	errno = 0;
	pw = number(name, &n) ? userdb_user(NULL, n) : userdb_user(name, 0);
	if (pw) {
		r->uid = pw->pw_uid;
		r->gid = pw->pw_gid;
		r->user_name = must_alloc(strdup(pw->pw_name));
		set_home(r, pw->pw_dir, pw->pw_shell);
		return 0;
	}
	return errno && errno != ENOENT ? -errno : -ESRCH;      /* a number that nobody has registered is refused, as systemd does */
}

int group_find(const char *name, gid_t *ret)
{
	const struct group *gr;
	uint32_t n;

	if (streq(name, "root") || streq(name, "0")) {
		*ret = 0;
		return 0;
	}
	errno = 0;
	gr = number(name, &n) ? userdb_group(NULL, n) : userdb_group(name, 0);
	if (!gr)
		return errno && errno != ENOENT ? -errno : -ESRCH;
	*ret = gr->gr_gid;
	return 0;
}

/*
 * A made-up user is a file /run/systemd/dynamic-uid/UID that holds the name; who creates it first has the number. All commands
 * of the unit find it again by its name; it is kept until the next boot, so that files left behind stay the same user's.
 */
static int dynamic_try(uint32_t uid, const char *name)
{
	char path[64], have[256];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/run/systemd/dynamic-uid/%u", uid);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return -errno;
	n = read(fd, have, sizeof(have) - 1);
	if (n < 0)
		return -errno;
	if (n > 0)
		return (size_t)n == strlen(name) && memcmp(have, name, (size_t)n) == 0;
	if (userdb_user(NULL, uid) || userdb_group(NULL, uid)) {
		unlink(path);
		return 0;
	}
	return write(fd, name, strlen(name)) < 0 ? -errno : 1;
}

static int dynamic_user(struct run *r)
{
	uint32_t hash = 2166136261u;    /* FNV-1a: the same name tends to get the same number after a boot */
	int e = 0;

	mkdir("/run/systemd", 0755);
	if (mkdir("/run/systemd/dynamic-uid", 0755) < 0 && errno != EEXIST)
		return -errno;
	for (const char *p = r->s->user; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	for (uint32_t i = 0; i < DYNAMIC_MAX - DYNAMIC_MIN + 1 && e == 0; i++) {
		uint32_t uid = DYNAMIC_MIN + (hash + i) % (DYNAMIC_MAX - DYNAMIC_MIN + 1);

		e = dynamic_try(uid, r->s->user);
		if (e <= 0)
			continue;
		r->uid = r->gid = uid;
		r->user_name = r->s->user;
		r->dynamic = true;
		return 0;
	}
	return e < 0 ? e : -EBUSY;
}

int step_user(struct run *r)
{
	int e;

	if (!r->s->user)
		return 0;
	if (!r->s->dynamic_user)
		return user_find(r, r->s->user);
	e = user_find(r, r->s->user);           /* a registered user of the name is taken instead */
	return e == -ESRCH ? dynamic_user(r) : e;
}

static void add_group(struct run *r, gid_t gid)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (r->groups[i] == gid)
			return;
	r->groups = must_alloc(reallocarray(r->groups, r->n_groups + 1, sizeof(gid_t)));
	r->groups[r->n_groups++] = gid;
}

int step_group(struct run *r)
{
	gid_t found[1024], gid;
	int n = ARRAY_SIZE(found), e;

	if (r->s->group) {
		e = group_find(r->s->group, &gid);
		if (e == -ESRCH && r->s->dynamic_user && streq(r->s->group, r->s->user))
			gid = r->gid;
		else if (e < 0)
			return e;
		r->gid = gid;
	}
	if (r->s->user && r->uid != 0 && r->gid == (gid_t)-1)
		r->gid = (gid_t)r->uid;         /* a bare number without Group= */
	if (r->s->user && r->uid != 0 && !r->dynamic) {
		if (userdb_groups(r->user_name, r->gid, found, &n) < 0)
			return -E2BIG;
		for (int i = 0; i < n; i++)
			add_group(r, found[i]);
		r->groups_set = true;
	} else if (r->s->user) {
		r->groups_set = true;           /* none but the primary one */
	}
	for (size_t i = 0; i < r->s->n_supplementary_groups; i++) {
		e = group_find(r->s->supplementary_groups[i], &gid);
		if (e < 0)
			return e;
		add_group(r, gid);
		r->groups_set = true;
	}
	return 0;
}

bool needs_user(const struct run *r)
{
	return r->p.apply_user && !(r->p.command_flags & (RUN_FULL_PRIVILEGES | RUN_NO_SETUID));
}

int step_setgroups(struct run *r)
{
	if (!needs_user(r))
		return 0;
	if (r->groups_set && setgroups(r->n_groups, r->groups) < 0)
		return -errno;
	return r->gid != (gid_t)-1 && setresgid(r->gid, r->gid, r->gid) < 0 ? -errno : 0;
}
