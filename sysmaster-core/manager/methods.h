/* methods.h - what the files that answer requests share; the methods themselves are in ipc-schema/schema/core.ipc */
#pragma once
#include "manager/manager.h"

/** method_refuse() - a sentence for the person; gives @r back */
int method_refuse(struct server_call *c, int r, const char *fmt, ...) _printf_(3, 4);
/** method_list() - memory for a reply's list of @n members; NULL */
void *method_list(struct server_call *c, size_t n, size_t size);
const char *method_keep(struct server_call *c, const char *s);  /* a copy that lives as long as the reply; "" without memory */
/** method_find_unit() - a name in memory or, with @load, on disk; refused with a sentence */
int method_find_unit(struct server_call *c, const char *name, bool load, struct unit **ret);

/* set-property.c */
int method_set_properties(struct server_call *c, const void *req, void *rep);
/* transient.c */
int method_start_transient(struct server_call *c, const void *req, void *rep);
int method_release_unit(struct server_call *c, const void *req, void *rep);
int method_abandon_scope(struct server_call *c, const void *req, void *rep);
int method_attach_processes(struct server_call *c, const void *req, void *rep);
