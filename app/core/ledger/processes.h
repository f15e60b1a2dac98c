/* Processes by pid and start time, so that a pid in use again is another process. One thread. */
#ifndef HR_LEDGER_PROCESSES_H
#define HR_LEDGER_PROCESSES_H

#include "core/etl/handle_events.h"
#include "core/ledger/images.h"

/* Whose handles these are is not known: an event without ids and without a stack. */
#define PROCESS_UNKNOWN 0u
/* The kernel's own table of handles, whatever process its code ran in. */
#define PROCESS_SYSTEM_PID 4u

struct ledger_process {
    uint32_t pid;
    uint32_t parent_pid; /* 0: not known */
    uint64_t key;        /* the process object; 0: not known */
    int64_t since;       /* raw time; INT64_MIN: before the recording or not known */
    int64_t until;       /* INT64_MAX: still there at its end */
    int64_t met;         /* first event that named it */
    uint32_t name;
    bool began; /* its start was recorded */
    bool told;  /* some event said what it is; else only its pid was met */
    bool ended;
    struct image_map images;
};

#define PROCESSES_RECENT 64u

struct processes {
    struct ledger_process *list; /* [PROCESS_UNKNOWN] stands for nobody */
    uint32_t count;
    uint32_t room;
    uint32_t *slots; /* pid to the newest process of that pid */
    uint32_t slot_count;
    uint32_t slots_used;
    struct {
        uint32_t pid;
        uint32_t process;       /* 0: no answer */
    } recent[PROCESSES_RECENT]; /* answers given lately, by pid */
};

bool processes_start(struct processes *p); /* makes [PROCESS_UNKNOWN] */
bool processes_find(struct processes *p, uint32_t pid, int64_t time, uint32_t *index);
/* The process that has `pid` now; made when it was not met before. False for want of memory. */
static inline bool processes_at(struct processes *p, uint32_t pid, int64_t time, uint32_t *index)
{
    *index = p->recent[pid / 4 % PROCESSES_RECENT].process;
    return (*index && p->recent[pid / 4 % PROCESSES_RECENT].pid == pid) || processes_find(p, pid, time, index);
}
/* Takes what a process event says. `second`: ticks. *index is the process; *ended is true when this ended it. */
bool processes_event(struct processes *p, struct names *names, const struct etl_process_event *e, int64_t time,
                     int64_t second, uint32_t *index, bool *ended);
void processes_free(struct processes *p);

#endif
