/* console.h - the console and what else of the machine is set up by a single call: loopback, host name */
#pragma once
#include "util.h"

void console_prepare(void);             /* sane line settings; Alt-Up on a virtual console comes to PID 1 as SIGWINCH, as systemd(1) says */
void console_kernel_log(void);          /* let user space write to it without a rate limit: it is our log; printk.devkmsg in kernel-parameters */
void console_loopback(void);            /* ip link set lo up */
void console_hostname(void);            /* the first line of /etc/hostname; hostname(5) */
