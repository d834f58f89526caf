/* method.h - the methods of init.ipc: who may call them, what they do; one row each */
#pragma once
#include "buf.h"

/**
 * method_call() - one request, one reply
 * @uid: of the caller. Everybody may read, root (and the user whose own subreaper this is) may change.
 * @in:  the request frame of msg.h; garbage is answered with EBADMSG
 * @out: the reply frame is appended
 */
void method_call(uint32_t uid, const void *in, size_t n, struct buf *out);
