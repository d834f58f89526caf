/* kinds.h - how the values of exec_keys[] are read, printed and freed, where the common kinds of key.h do not fit */
#pragma once
#include "exec/context.h"

/*
 * An optional 32-bit setting with its has_ member; the row's arg points to one of these. @names, where there are any, are tried
 * first. An empty value unsets it. `show` prints the name, or with @number the number; unset it prints @unset_text, or @unset.
 */
struct opt { size_t has; int64_t lo, hi; const struct key_enum *names; bool number; int unset; const char *unset_text; };
extern const struct key_kind kind_opt;
#define OPT(field, low, high, ...) (intptr_t)&(const struct opt){ offsetof(struct exec_context, s.has_##field), low, high, __VA_ARGS__ }

extern const struct key_kind kind_identity;     /* const char *: user or group by name or number */
extern const struct key_kind kind_identities;   /* vector of them */
extern const struct key_kind kind_workdir;      /* "~", absolute, '-' in front */
extern const struct key_kind kind_search_path;  /* colon-separated absolute paths, appended */
extern const struct key_kind kind_environment;  /* NAME=VALUE words */
extern const struct key_kind kind_env_file;     /* one path, '-' in front, appended */
extern const struct key_kind kind_env_names;    /* NAME words; arg 1: NAME=VALUE too */
extern const struct key_kind kind_input;        /* field: struct ipc_exec_settings */
extern const struct key_kind kind_output;       /* field: struct exec_context; arg: 0 output, 1 error */
extern const struct key_kind kind_input_text;   /* struct msg_bytes, appended; arg 1: base64 */
extern const struct key_kind kind_cpus;         /* struct msg_bytes: a bit mask */
extern const struct key_kind kind_affinity;     /* field: struct ipc_exec_settings */
extern const struct key_kind kind_nsec;         /* field: struct ipc_exec_settings, timer_slack_nsec */
extern const struct key_kind kind_personality;  /* the same, personality */
extern const struct key_kind kind_coredump_filter;
extern const struct key_kind kind_caps;         /* uint64_t; arg: offset of the context's bool "touched" */
extern const struct key_kind kind_securebits;   /* uint32_t flags */
extern const struct key_kind kind_nnp;          /* field: struct exec_context */
extern const struct key_kind kind_dir;          /* struct exec_dir: relative paths */
extern const struct key_kind kind_prefixed_paths;       /* vector of absolute paths with '-' '+' prefixes */
extern const struct key_kind kind_binds;        /* vector of SOURCE[:DEST[:OPTS]] */
extern const struct key_kind kind_images;       /* vector of IMAGE[:OPTIONS]; arg 1: IMAGE:DESTINATION[:OPTIONS]. Of the root partition */
extern const struct key_kind kind_image_options;        /* const char *: of the root partition */
extern const struct key_kind kind_tmpfs;        /* vector of PATH[:OPTIONS] */
extern const struct key_kind kind_mount_flags;  /* field: struct ipc_exec_settings */
extern const struct key_kind kind_syscalls;     /* vector; a leading '~' of the value is given to each word */
extern const struct key_kind kind_families;     /* vector, the same */
extern const struct key_kind kind_file_systems; /* vector, the same; names and @sets of exec/filesystems.h */
extern const struct key_kind kind_errno;        /* uint32_t; "kill": 0 */
extern const struct key_kind kind_archs;        /* vector of architecture names */
extern const struct key_kind kind_namespaces;   /* field: struct ipc_exec_settings, restrict_namespaces */
extern const struct key_kind kind_load_credential, kind_set_credential; /* field: struct exec_context; arg 1: encrypted */

/** C escapes in a value that is not made of words; caller frees *ret. -EINVAL */
int kind_unescape(const char *value, char **ret);
/* for a string, for vectors of strings, in whatever kind */
void kind_text_clear(const struct key *k, void *field);
void kind_text_format(const struct key *k, const void *field, struct buf *out);
void kind_strv_clear(const struct key *k, void *field);
void kind_strv_format(const struct key *k, const void *field, struct buf *out);

/** a capability's number by name ("CAP_CHOWN" or a number), -EINVAL; and back, NULL */
int cap_by_name(const char *name);
const char *cap_name(unsigned cap);
unsigned cap_known(void);                       /* how many have names */
