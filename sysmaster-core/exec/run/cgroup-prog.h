/*
 * cgroup-prog.h - eBPF programs attached to the unit's group: written out instruction by instruction, loaded, hooked in; bpf(2)
 *
 * What the settings ask for is gathered in struct hooks first, by place of attachment; hooks_apply() then attaches all of it.
 */
#pragma once
#include <linux/bpf.h>
#include "run.h"

struct code { struct bpf_insn *v; size_t n; };

void emit(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm);
#define MOV_IMM(c, dst, imm) emit(c, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV_REG(c, dst, src) emit(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define AND_IMM(c, dst, imm) emit(c, BPF_ALU | BPF_AND | BPF_K, dst, 0, 0, imm)
#define LOAD_WORD(c, dst, src, off) emit(c, BPF_LDX | BPF_W | BPF_MEM, dst, src, off, 0)
void verdict(struct code *c, int pass);                 /* 1: it may; 0: it may not */
/** a jump on inequality to a place that is known later: its index, for land() */
size_t unless_equal(struct code *c, uint8_t dst, int32_t imm);
size_t unless_in(struct code *c, uint8_t dst, int32_t low, int32_t high, size_t *second);       /* two jumps */
void land(struct code *c, size_t jump);

#define HOOKS_MAX 32
#define HOOK_PROGRAMS 64
struct hook { enum bpf_attach_type where; int programs[HOOK_PROGRAMS]; size_t n; };
struct hooks { struct hook v[HOOKS_MAX]; size_t n; bool fresh; /* a run begins: what is attached is of an earlier one */ };

/** hooks_load() - load @c (freed) for that place. 0 or -errno */
int hooks_load(struct hooks *h, struct code *c, enum bpf_prog_type type, enum bpf_attach_type where);
/** hooks_load_at() - the same, for a hook that is a function of the kernel: @btf_id is the number of its type */
int hooks_load_at(struct hooks *h, struct code *c, enum bpf_prog_type type, enum bpf_attach_type where, uint32_t btf_id);
bool hook_attached(int group, enum bpf_attach_type where);      /* has the group itself any program there? */
int hooks_pinned(struct hooks *h, const char *path, enum bpf_attach_type where);        /* a program that lies in a BPF file system */
/**
 * hooks_apply() - attach it all
 * @replace: what is attached at @places gives way, after the new is there; else a place where something is attached is left as
 * it is, by an earlier command of the unit.
 */
int hooks_apply(struct hooks *h, int group, bool replace, const enum bpf_attach_type *places, size_t n_places);

int map_array(uint32_t n_bytes);                         /* a map of one value that can be mapped into memory: fd or -errno */

/* cgroup-count.c */
int traffic_add(const struct run *r, struct hooks *h);          /* IPAccounting= */
/* cgroup-sock.c */
int binds_add(const struct run *r, struct hooks *h);            /* SocketBindAllow=, SocketBindDeny= */
int interfaces_add(const struct run *r, struct hooks *h);       /* RestrictNetworkInterfaces= */
int programs_add(const struct run *r, struct hooks *h);         /* IPIngressFilterPath=, IPEgressFilterPath=, BPFProgram= */
