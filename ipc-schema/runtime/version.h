/* version.h - the suite's version: what every program of it says with --version */
#pragma once
#define SYSMASTER_VERSION "0.1"
