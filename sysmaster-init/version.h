/* version.h - what init calls itself */
#pragma once
#define INIT_VERSION "0.1"
#define INIT_DEFAULT_CORE "/usr/lib/sysmaster/sysmaster-core"
#define INIT_DEFAULT_CONF "/etc/sysmaster/init.conf"
#define INIT_DEFAULT_RUN "/run/sysmaster"
