/* builtins.h - the functions of the table in builtin.c, a file each; arguments and answer as struct builtin says */
#pragma once

struct event;
int builtin_blkid(struct event *e, int argc, char **argv);
int builtin_btrfs(struct event *e, int argc, char **argv);
int builtin_hwdb(struct event *e, int argc, char **argv);
int builtin_input_id(struct event *e, int argc, char **argv);
int builtin_keyboard(struct event *e, int argc, char **argv);
int builtin_kmod(struct event *e, int argc, char **argv);
int builtin_net_driver(struct event *e, int argc, char **argv);
int builtin_net_id(struct event *e, int argc, char **argv);
int builtin_net_setup_link(struct event *e, int argc, char **argv);
int builtin_path_id(struct event *e, int argc, char **argv);
int builtin_uaccess(struct event *e, int argc, char **argv);
int builtin_usb_id(struct event *e, int argc, char **argv);
void builtin_kmod_prepare(void);        /* takes libkmod in */
