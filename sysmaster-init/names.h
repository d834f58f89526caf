/* names.h - what init calls itself, and where things lie */
#pragma once
#define CONSOLE_FLAGS (O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)    /* of /dev/console */
#define INIT_DEFAULT_PATH "/usr/lib/sysmaster/sysmaster-init"
#define INIT_DEFAULT_CONF "/etc/sysmaster/init.conf"
#define INIT_DEFAULT_RUN "/run/sysmaster"
