/* files.h - files of a search path: of those with the same name the one of the first folder counts */
#pragma once
#include "value.h"

/**
 * files_list() - files of @folder whose names end with @suffix are added to @files, unless one there has that name already; all sorted by name
 *
 * Names with a leading dot do not count. 0, also when there is no such folder; negative errno.
 */
int files_list(const char *folder, const char *suffix, char ***files);
const char *files_name(const char *path);       /* last element */
