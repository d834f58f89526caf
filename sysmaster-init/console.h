/* console.h - the console and what else of the machine is set up by a single call: loopback, host name */
#pragma once
#include "util.h"

/** console_open() - stdin from /dev/null, stdout and stderr to /dev/console with sane line settings, or to /dev/null without one */
void console_open(void);
/** console_keep() - in a container or under somebody else: stdio as we were given it, holes filled with /dev/null */
void console_keep(void);
/**
 * console_revive() - open /dev/console again when a getty has hung it up under us
 * The kernel spares descriptors of its own console; in a container /dev/console is a pty like any other. Cheap: once a turn.
 */
void console_revive(void);
/** console_say() - one line of progress for a person; kept quiet by "quiet" */
void console_say(const char *fmt, ...) _printf_(1, 2);
/** console_shout() - one line that must be seen */
void console_shout(const char *fmt, ...) _printf_(1, 2);

void console_kernel_log(void);          /* let user space write to it without a rate limit: it is our log; printk.devkmsg in kernel-parameters */
void console_loopback(void);            /* ip link set lo up */
void console_hostname(void);            /* the first line of /etc/hostname; hostname(5) */
