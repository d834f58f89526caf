/* names.h - what init calls itself, and where things lie */
#pragma once
#define INIT_DEFAULT_PATH "/usr/lib/sysmaster/sysmaster-init"
#define INIT_DEFAULT_CONF "/etc/sysmaster/init.conf"
#define INIT_DEFAULT_RUN "/run/sysmaster"
