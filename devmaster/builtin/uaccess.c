/*
 * uaccess.c - access for the user at the seat: an entry in the ACL of the node
 *
 * Who that is only logind knows, through /run/systemd/seats. Without logind there are no seats, so nobody gets anything, and that is no error.
 */
#include <acl/libacl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/acl.h>
#include "builtins.h"
#include "osfile.h"
#include "seat.h"
#include "tool.h"
#include "value.h"

#define SEATS "/run/systemd/seats"

int seat_user(const char *folder, const char *seat, uid_t *ret)
{
	char path[PATH_MAX];
	_cleanup_(freep) char *text = NULL;
	uint64_t uid;
	int r;

	if (!*seat || strchr(seat, '/') || *seat == '.' || (size_t)snprintf(path, sizeof(path), "%s/%s", folder, seat) >= sizeof(path))
		return -EINVAL;
	if (access(path, R_OK) < 0)
		return -errno;
	r = osfile_field(path, "ACTIVE_UID", &text);
	if (r == -ENOENT)
		return -ENXIO;
	if (r < 0)
		return r;
	r = value_unsigned(text, UINT32_MAX - 1, &uid);
	if (r == 0)
		*ret = (uid_t)uid;
	return r;
}

/* the first entry of a user; with @uid of that one only. 1, 0 */
static int find_user(acl_t acl, const uid_t *uid, acl_entry_t *ret)
{
	for (int r = acl_get_entry(acl, ACL_FIRST_ENTRY, ret); r > 0; r = acl_get_entry(acl, ACL_NEXT_ENTRY, ret)) {
		acl_tag_t tag;
		uid_t *have;
		bool it;

		if (acl_get_tag_type(*ret, &tag) < 0 || tag != ACL_USER)
			continue;
		have = acl_get_qualifier(*ret);
		it = !uid || (have && *have == *uid);
		acl_free(have);
		if (it)
			return 1;
	}
	return 0;
}

static int add_user(acl_t *acl, uid_t uid)
{
	acl_permset_t perms;
	acl_entry_t entry;

	if (acl_create_entry(acl, &entry) < 0 || acl_set_tag_type(entry, ACL_USER) < 0 || acl_set_qualifier(entry, &uid) < 0 || acl_get_permset(entry, &perms) < 0 ||
	    acl_add_perm(perms, ACL_READ) < 0 || acl_add_perm(perms, ACL_WRITE) < 0)
		return -errno;
	return 0;
}

int node_access(const char *node, const uid_t *uid)
{
	acl_t acl = acl_get_file(node, ACL_TYPE_ACCESS);
	acl_entry_t entry;
	int r = 0;

	if (!acl)
		return -errno;
	while (r == 0 && find_user(acl, NULL, &entry) > 0)
		r = acl_delete_entry(acl, entry) < 0 ? -errno : 0;
	if (r == 0 && uid)
		r = add_user(&acl, *uid);
	if (r == 0 && (acl_calc_mask(&acl) < 0 || acl_set_file(node, ACL_TYPE_ACCESS, acl) < 0))
		r = -errno;
	acl_free(acl);
	return r;
}

int builtin_uaccess(struct event *e, int argc, char **argv)
{
	const char *seat = device_property(e->dev, "ID_SEAT");
	uid_t uid;
	int r;

	if (!e->dev->devname)
		return -ENODEV;
	if (access(SEATS, F_OK) < 0 || e->dry)
		return 0;
	seat = seat ? seat : "seat0";
	r = seat_user(SEATS, seat, &uid);
	if (r < 0 && r != -ENXIO && r != -ENOENT)
		return r;
	r = node_access(e->dev->devname, r == 0 ? &uid : NULL);
	if (r == -EOPNOTSUPP || r == -ENOENT)           /* a file system without ACLs, a node that went away */
		return 0;
	if (r < 0)
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "cannot give the user at %s access to %s: %s", seat, e->dev->devname, strerror(-r));
	return r;
}
