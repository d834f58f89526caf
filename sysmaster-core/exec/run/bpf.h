/* bpf.h - classic BPF programs over struct seccomp_data, written out instruction by instruction; seccomp(2) */
#pragma once
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "run.h"

struct bpf { struct sock_filter *v; size_t n, cap; };

void bpf_emit(struct bpf *b, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k);
#define bpf_ret(b, action) bpf_emit(b, BPF_RET | BPF_K, 0, 0, action)
void bpf_load_nr(struct bpf *b);
void bpf_load_arg(struct bpf *b, unsigned arg);         /* its low 32 bits */
/** a jump over what follows, to be closed by bpf_land() */
size_t bpf_skip(struct bpf *b);
void bpf_land(struct bpf *b, size_t skip);
/** "if the number is @nr" ... bpf_land(): what is between runs for this call only, and must return */
size_t bpf_if_nr(struct bpf *b, int nr);
int bpf_load(const struct bpf *b);                      /* as a filter of this process */
