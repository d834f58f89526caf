/*
 * autofs.h - what core and the kernel's automounter say to each other; the kernel's Documentation/filesystems/autofs.rst
 *
 * An autofs of type "direct" sits at the mount point. Who steps on it waits, and a packet in the pipe tells of it; the answer goes
 * by ioctl through /dev/autofs. The mount itself and the search for what is idle, which block, are done by sysmaster-exec.
 */
#pragma once
#include "util.h"

struct autofs_request {
	bool expire;                    /* nobody has used what is mounted there for a while; else: somebody waits for it */
	uint32_t token;                 /* names the request in the answer */
	uint32_t pid, uid;              /* who waits */
};

/** autofs_decode() - one packet of the pipe. -EBADMSG: none of protocol 5 */
int autofs_decode(const void *p, size_t n, struct autofs_request *ret);
/** autofs_peek() - the first packet of the pipe, which stays there. 1; 0: none; -EPIPE: the file system is gone; -EBADMSG: autofs_drop() it */
int autofs_peek(int fd, struct autofs_request *ret);
void autofs_drop(int fd);               /* takes the first packet out */

/* what is asked of the kernel; tests put another one into autofs_kernel */
struct autofs_kernel {
	/** device number of the autofs at @where; -ENOENT */
	int (*find)(const char *where, uint32_t *ret_dev);
	/** who waits goes on, with an error unless it is 0 (negative errno) */
	int (*answer)(const char *where, uint32_t dev, uint32_t token, int error);
};
extern const struct autofs_kernel *autofs_kernel;
