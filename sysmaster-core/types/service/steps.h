/* steps.h - the steps of a service's state machine, for service.c and ended.c alone; everybody else uses service.h */
#pragma once
#include "types/service/service.h"

#define BIT(st) (1u << (st))
#define RELOADING_STATES (BIT(SVC_RELOAD) | BIT(SVC_RELOAD_SIGNAL) | BIT(SVC_RELOAD_NOTIFY))
#define TIMED_STATES (BIT(SVC_CONDITION) | BIT(SVC_START_PRE) | BIT(SVC_START) | BIT(SVC_START_POST) | BIT(SVC_RUNNING) | RELOADING_STATES | \
		      BIT(SVC_STOP) | BIT(SVC_STOP_WATCHDOG) | BIT(SVC_STOP_SIGTERM) | BIT(SVC_STOP_SIGKILL) | BIT(SVC_STOP_POST) | \
		      BIT(SVC_FINAL_WATCHDOG) | BIT(SVC_FINAL_SIGTERM) | BIT(SVC_FINAL_SIGKILL) | BIT(SVC_AUTO_RESTART))
#define DOWN_STATES (BIT(SVC_DEAD) | BIT(SVC_FAILED) | BIT(SVC_AUTO_RESTART))
#define STOPPING_STATES (BIT(SVC_STOP) | BIT(SVC_STOP_WATCHDOG) | BIT(SVC_STOP_SIGTERM) | BIT(SVC_STOP_SIGKILL) | BIT(SVC_STOP_POST) | \
			 BIT(SVC_FINAL_WATCHDOG) | BIT(SVC_FINAL_SIGTERM) | BIT(SVC_FINAL_SIGKILL))
#define STARTING_STATES (BIT(SVC_CONDITION) | BIT(SVC_START_PRE) | BIT(SVC_START) | BIT(SVC_START_POST))
#define IN(s, set) ((BIT((s)->state) & (set)) != 0)

void service_note_result(struct service *s, enum service_result f);     /* the first that went wrong stays */
uint64_t service_due(uint64_t span);                                    /* CLOCK_BOOTTIME of now and @span; 0: never */
/** service_run_control() - the command of that number in the list becomes the control process, in state @st; false: there is none, or *f */
bool service_run_control(struct service *s, enum service_list list, unsigned index, enum service_state st, uint64_t timeout, enum service_result *f);
void service_enter_start_pre(struct service *s);
void service_enter_start(struct service *s);
void service_start_failed(struct service *s, int r);                    /* @r: -errno of the spawn */
void service_enter_stop_post(struct service *s, enum service_result f);
void service_enter_dead(struct service *s, enum service_result f, bool may_restart);
