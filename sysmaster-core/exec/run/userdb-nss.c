/* userdb-nss.c - by the C library and whatever it loads */
#include "userdb.h"

const struct passwd *userdb_user(const char *name, uid_t uid) { return name ? getpwnam(name) : getpwuid(uid); }
const struct group *userdb_group(const char *name, gid_t gid) { return name ? getgrnam(name) : getgrgid(gid); }
int userdb_groups(const char *user, gid_t gid, gid_t *out, int *n) { return getgrouplist(user, gid, out, n); }
