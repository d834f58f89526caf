/*
 * hwdb.h - hwdb.bin, the compiled hardware database: patterns of modaliases -> properties; format of systemd 252, hwdb(7)
 *
 * All numbers are little endian. Header (80 bytes), nodes, strings; every offset counts from the begin of the file.
 *   header  "KSLPHHRH", version of the writer, size of file, header, node, child entry, value entry, offset of the root, bytes of nodes, of strings
 *   node    offset of its prefix; number of children (1 byte, 7 unused); number of values; then children, values
 *   child   the byte (1, 7 unused), offset of its node; sorted by the byte
 *   value   offsets of key and value; in files with 32 bytes for one also: offset of the source's name, line (u32), priority of the file (u16)
 * A pattern is the bytes on the way from the root. At '*', '?' and '[' plain comparison ends: all below is tried with fnmatch(3).
 * The file is mapped and not believed: offsets are checked at each step, and a walk ends after as many steps as the file has nodes.
 */
#pragma once
#include "util.h"

#define HWDB_SIGNATURE "KSLPHHRH"
enum { HWDB_HEADER = 80, HWDB_NODE = 24, HWDB_CHILD = 16, HWDB_VALUE_1 = 16, HWDB_VALUE_2 = 32 };

struct hwdb;
/** hwdb_open() - 0; -errno of opening; -EBADMSG: it is no hwdb.bin or cut short */
int hwdb_open(struct hwdb **ret, const char *path);
int hwdb_open_memory(struct hwdb **ret, const void *p, size_t n);       /* borrowed */
void hwdb_close(struct hwdb *h);
DEFINE_CLEANUP(struct hwdb *, hwdb_close);
bool hwdb_changed(const struct hwdb *h, const char *path);      /* is there another file by that name now? */

struct hwdb_property { const char *key, *value; uint16_t priority; uint32_t line; };    /* strings are of the mapped file */
struct hwdb_answer { struct hwdb_property *v; size_t n, cap; };         /* zeroed by the caller; hwdb_answer_finish() */
/** hwdb_query() - all properties of @modalias, each key once: the file of the highest priority wins, in it the last line. 0; -ENOMEM; -EBADMSG */
int hwdb_query(struct hwdb *h, const char *modalias, struct hwdb_answer *a);
void hwdb_answer_finish(struct hwdb_answer *a);

/** hwdb_find() - path of the hwdb.bin that counts below @root (""); NULL: there is none */
const char *hwdb_find(const char *root, char *path, size_t size);
