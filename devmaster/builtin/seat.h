/* seat.h - who sits at a seat, as logind writes it down; and what that user may do with a device node */
#pragma once
#include <sys/types.h>
#include "util.h"

/** seat_user() - user of the active session of @seat: file @folder/@seat. 0; -ENXIO: nobody; -ENOENT: no such seat; -EINVAL */
int seat_user(const char *folder, const char *seat, uid_t *ret);
/** node_access() - exactly @uid (NULL: nobody) has an entry of its own in the node's ACL: to read and write. 0 or negative errno */
int node_access(const char *node, const uid_t *uid);
