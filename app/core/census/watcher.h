/* The census thread: counts open handles by type and process every second and publishes immutable snapshots.
 *
 * Threads: the functions may be called from any thread; `notify` is called on the census thread, at most once until the
 * next watcher_latest (one coalesced notice). */
#ifndef HR_CENSUS_WATCHER_H
#define HR_CENSUS_WATCHER_H

#include "core/census/sys_backend.h"

#define SNAPSHOT_HISTORY 600 /* samples kept for the chart: ten minutes at one a second */

/* Why a row is emphasised. */
enum snapshot_suspect { SNAPSHOT_CALM, SNAPSHOT_GROWING /* steadily; see trend.h for the rule */ };

struct snapshot_rate {
    bool known;        /* false for the first ten seconds */
    double per_minute; /* slope over the last 60 s, least squares */
};

/* One type, whole system. */
struct snapshot_type {
    char name[SYS_TYPE_NAME_MAX];
    uint32_t tag; /* first four characters; the unit of the kernel's filter */
    uint64_t open;
    uint64_t objects; /* several handles can stand for one object */
    int64_t change;   /* since the baseline */
    uint64_t peak;    /* highest `open` seen since the baseline */
    struct snapshot_rate rate;
    enum snapshot_suspect suspect;
    uint32_t growing_minutes; /* for how long it has grown steadily */
    bool holders_known;       /* false: its number in the handle list is unknown, so no holder can be named */
    uint32_t top_pid;         /* the process that holds most; 0 when unknown */
    char top_process[SYS_PROCESS_NAME_MAX];
    size_t history_count; /* samples in `history`, newest last; one a second even when counted less often */
    const uint32_t *history;
};

/* One process holding one type. */
struct snapshot_holding {
    uint16_t type; /* index into types */
    uint32_t pid;
    uint64_t start; /* FILETIME; (pid, start) is the identity */
    char process[SYS_PROCESS_NAME_MAX];
    uint64_t open;
    int64_t change;
    struct snapshot_rate rate;
    enum snapshot_suspect suspect;
    uint32_t growing_minutes;
};

/* Immutable and reference counted. Types stand in a fixed order for the life of the watcher (new ones are appended). */
struct snapshot {
    uint64_t number;   /* 1, 2, 3... */
    uint64_t filetime; /* when it was taken, UTC */
    uint64_t baseline; /* FILETIME of the sample that `change` counts from */
    double interval_s; /* time to the sample before; larger than 1 when the census backs off to hold its cost */
    double cost;       /* share of one core the census took since the sample before, 0..1 */
    bool available;    /* false: no counts, `why` says why; recording still works */
    struct err why;
    size_t type_count;
    const struct snapshot_type *types;
    /* Who holds what, from the last walk through the handle list: older than `filetime` when the census backs off. */
    uint64_t holders_filetime; /* 0: not walked yet */
    bool holders_available;    /* false: the last walk failed, `holders_why` says why; totals are still right */
    struct err holders_why;
    size_t holding_count; /* grouped by type, most handles first */
    const struct snapshot_holding *holdings;
};

struct watcher;

bool watcher_start(const struct sys_backend *sys, void (*notify)(void *ctx), void *ctx, struct watcher **out,
                   struct err *err);
void watcher_stop(struct watcher *w); /* joins the thread; snapshots taken stay valid */

/* The newest snapshot, with a reference for the caller, or NULL before the first. */
const struct snapshot *watcher_latest(struct watcher *w);
/* Another reference to the same snapshot, for whoever keeps it; any thread. */
const struct snapshot *snapshot_retain(const struct snapshot *s);
void snapshot_release(const struct snapshot *s); /* NULL is fine */

/* The holdings of one type: first index and number of them. */
size_t snapshot_holdings_of(const struct snapshot *s, size_t type, size_t *first);
/* The type of this name, or SIZE_MAX. */
size_t snapshot_find_type(const struct snapshot *s, const char *name);

/* `change` and `peak` count from the next sample on. */
void watcher_reset_baseline(struct watcher *w);

#endif
