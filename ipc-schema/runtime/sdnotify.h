/* sdnotify.h - sd_notify(3) to the service manager */
#pragma once
#include "util.h"

/** sdnotify_open() - $NOTIFY_SOCKET; without one all is sent to nobody. 0 or -errno */
int sdnotify_open(void);
/** sdnotify_send() - @fd: goes with it; -1: none. -ENOTCONN: nobody asked for it; -EAGAIN: not read for five seconds */
int sdnotify_send(const char *text, int fd);
