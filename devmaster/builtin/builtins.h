/* builtins.h - the functions of the table in builtin.c, a file each; arguments and answer as struct builtin says */
#pragma once

struct event;
int builtin_hwdb(struct event *e, int argc, char **argv);
int builtin_input_id(struct event *e, int argc, char **argv);
int builtin_net_id(struct event *e, int argc, char **argv);
int builtin_path_id(struct event *e, int argc, char **argv);
int builtin_usb_id(struct event *e, int argc, char **argv);
