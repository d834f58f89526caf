/* btf.h - what the kernel says of its own types: numbers of functions, places of members; BTF in the kernel's documentation */
#pragma once
#include "util.h"

struct btf;
int btf_open(const char *path, struct btf **ret);               /* "/sys/kernel/btf/vmlinux"; 0 or -errno */
int btf_function(const struct btf *b, const char *name);        /* its type id, or -ENOENT */
int btf_member(const struct btf *b, const char *type, const char *member);     /* offset in bytes within the struct, or -ENOENT */
