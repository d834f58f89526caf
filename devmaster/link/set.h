/* set.h - all .link files of the search path, in their order */
#pragma once
#include "match.h"

struct link_set { struct link_file **files; size_t n; uint64_t stamp; };

/** link_set_read() - @e: for conditions and where faults go to. Files that cannot be for this machine are left out. 0, -ENOMEM */
int link_set_read(struct link_set *set, const char *root, const struct event *e, struct diag_sink *sink);
void link_set_finish(struct link_set *set);
bool link_set_changed(const struct link_set *set, const char *root);    /* a folder of the path was changed since */
/** link_set_find() - the first that matches; NULL: none, or a loopback interface, which they never are for */
const struct link_file *link_set_find(const struct link_set *set, const struct link_state *s);
/** link_paths() - files that link_set_read() reads, and the folders; callers strv_free() */
int link_paths(const char *root, char ***ret_files, char ***ret_folders);
