/*
 * userdb.h - who is who; two files do it
 *
 * userdb-files.c reads /etc/passwd and /etc/group itself, so that sysmaster-exec can be a static program that starts in half the
 * time; userdb-nss.c of sysmaster-exec-full asks the C library, for systems where nsswitch.conf(5) names more than files.
 */
#pragma once
#include <grp.h>
#include <pwd.h>

/** by name, or with @name NULL by number. Borrowed until the next call; NULL with errno 0 or ENOENT: there is none */
const struct passwd *userdb_user(const char *name, uid_t uid);
const struct group *userdb_group(const char *name, gid_t gid);
/** as getgrouplist(3): *n groups fit into @out; -1: there are more */
int userdb_groups(const char *user, gid_t gid, gid_t *out, int *n);
