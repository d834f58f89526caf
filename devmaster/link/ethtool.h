/* ethtool.h - settings of a network interface's hardware, by ioctl(SIOCETHTOOL); linux/ethtool.h */
#pragma once
#include "util.h"

#define ETHTOOL_DRIVER_BYTES 32
int ethtool_call(const char *interface, void *data);     /* @data: a struct that begins with its command. 0 or negative errno */
int ethtool_driver(const char *interface, char driver[ETHTOOL_DRIVER_BYTES]);   /* 0 or negative errno */
