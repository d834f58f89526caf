/*
 * link.h - the way to core and to PID 1: connect when first needed, survive core's replacement, say clearly what went wrong
 *
 * $SYSMASTER_RUN_DIR stands for /run/sysmaster (tests, a manager in a container seen from outside).
 */
#pragma once
#include "core.ipc.h"
#include "init.ipc.h"
#include "sctl.h"

#define LINK_CALL_MSEC 25000            /* bound of one call; reload of many units is the longest */
#define LINK_OPEN_MSEC 10000            /* how long to wait for a core that is being replaced */

/** link_path() - where a socket of the schema is; @ret has PATH_MAX bytes. 0; -ENAMETOOLONG */
int link_path(const char *schema_path, char *ret);
bool link_init_there(void);                             /* PID 1 (or a container's init) of the suite runs here */

/**
 * link_core() / link_init() - connect unless connected
 * A core that is away while PID 1 is there is being replaced: wait for it. Return: 0; -EHOSTDOWN: this system is not run by
 * the suite; other negative errno. Prints nothing.
 */
int link_core(struct sctl *s);
int link_init(struct sctl *s);

/** link_call() - @method of core: connects too. @error: the daemon's sentence, never NULL on failure. Prints nothing. */
int link_call(struct sctl *s, uint32_t method, const void *req, void *rep, const char **error);
int link_init_call(struct sctl *s, uint32_t method, const void *req, void *rep, const char **error);

/** link_reload() - read all unit files again, and wait until that is done: generators may run before */
int link_reload(struct sctl *s, struct ipc_reload_reply *rep, const char **error);

/** link_fail() - print "Failed to WHAT[ UNIT]: reason". Return: SCTL_FAILURE */
int link_fail(struct sctl *s, int r, const char *error, const char *what, const char *unit);
int link_exit_status(int r);                            /* what systemctl exits with when a job is refused with @r */
