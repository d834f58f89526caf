/* build.h - *.hwdb files -> hwdb.bin; hwdb(7), systemd-hwdb(8) */
#pragma once
#include "buf.h"
#include "diag.h"
#include "util.h"

struct hwdb_build;
int hwdb_build_new(struct hwdb_build **ret, struct diag_sink *sink);
void hwdb_build_free(struct hwdb_build *b);
DEFINE_CLEANUP(struct hwdb_build *, hwdb_build_free);

/**
 * hwdb_build_text() - one file's records; a later file has a higher priority
 *
 * A fault is reported with line and column; as systemd-hwdb does it, the record is given up where it is found. 0, -ENOMEM.
 */
int hwdb_build_text(struct hwdb_build *b, const char *file, const char *text, size_t n);
/** hwdb_build_path() - every *.hwdb of the search path below @root, sorted by name, the first folder wins. Number of files or negative errno */
int hwdb_build_path(struct hwdb_build *b, const char *root);
/** hwdb_build_write() - to @path, replaced as a whole. 0 or negative errno */
int hwdb_build_write(struct hwdb_build *b, const char *path);
int hwdb_build_bytes(struct hwdb_build *b, struct buf *out);    /* the same, appended to @out */
size_t hwdb_build_nodes(const struct hwdb_build *b);
