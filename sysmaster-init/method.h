/*
 * method.h - /run/sysmaster/init.sock: the methods of init.ipc, one row each, served by the suite's server within fixed bounds
 *
 * At most METHOD_PEERS connections, an eighth of them for one user, an eighth kept for root; a request of METHOD_REQUEST bytes, an answer
 * of METHOD_ANSWER. Memory for all that is set aside at the start. Everybody may read, root (and the user whose own subreaper this is)
 * may change. The listening socket and the answers to requests that change something outlive this image in the table.
 */
#pragma once
#include "loop.h"

#define METHOD_PEERS 64
#define METHOD_REQUEST 9216             /* switch_root */
#define METHOD_ANSWER 16384             /* a page of children */

int method_setup(struct loop *l);       /* 0 or -errno */
