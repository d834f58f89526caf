/* kinds.h - kinds of values that the files with the rows of resource control share */
#pragma once
#include "unit/key.h"

/* of a char ** field: words with a space between them; freed */
void kind_lines_format(const struct key *k, const void *field, struct buf *out);        /* one a line, the last first, as systemctl shows them */
void kind_list_format(const struct key *k, const void *field, struct buf *out);
void kind_list_clear(const struct key *k, void *field);

extern const struct key_kind kind_bind;         /* char ** */
extern const struct key_kind kind_interfaces;   /* struct cgroup_interfaces */
extern const struct key_kind kind_filter_path;  /* char ** */
extern const struct key_kind kind_program;      /* char **: "TYPE:PATH" */
extern const struct key_kind kind_device;       /* char **: "SPECIFIER ACCESS" */
extern const struct key_kind kind_prefixes;     /* struct cgroup_prefixes */
