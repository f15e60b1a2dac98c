// What counting costs, against the bare call that lists all handles, in the same run. Prints one figure a line.
//
//   bench_census HANDLES SECONDS    holds HANDLES events itself
//
// Exit code 1 when the census thread takes more of a core than is promised.
#include "core/base/thread.h"
#include "core/census/census.h"
#include "win/sys_win.h"

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <winternl.h>

#define PROMISED   0.05 // of a core
#define ROUNDS     60   // of each loop: about a second where a call takes long
#define LIST_CLASS 64
#define TOO_SHORT  ((NTSTATUS)0xC0000004)

static bool fail(const char *what, const struct err *e)
{
    char text[1024] = "";
    if (e)
        err_format(e, text, sizeof text);
    printf("FAILED: %s %s\n", what, text);
    return false;
}

static bool hold(unsigned long handles)
{
    for (unsigned long i = 0; i < handles; i++)
        if (!CreateEventW(NULL, TRUE, FALSE, NULL))
            return fail("creating an event", NULL);
    return true;
}

// Milliseconds for one bare call into a buffer that is large enough.
static bool bare_ms(double *out)
{
    ULONG size = 1u << 20;
    ULONG needed = 0;
    void *room = malloc(size);
    NTSTATUS status = TOO_SHORT;
    while (room && (status = NtQuerySystemInformation(LIST_CLASS, room, size, &needed)) == TOO_SHORT) {
        size *= 2;
        free(room);
        room = malloc(size);
    }
    uint64_t begun = clock_ns();
    for (int i = 0; room && status >= 0 && i < ROUNDS; i++)
        status = NtQuerySystemInformation(LIST_CLASS, room, size, &needed);
    *out = (double)(clock_ns() - begun) / ROUNDS / 1e6;
    free(room);
    return (room && status >= 0) || fail("listing the handles", NULL);
}

// Milliseconds for one sample: with the walk through all handles, or of the totals alone.
static bool sample_ms(const struct sys_backend *sys, bool walk, double *out, uint64_t *handles)
{
    struct err e = {0};
    struct census *c = NULL;
    uint64_t totals_ns = 0;
    uint64_t walk_ns = 0;
    if (!census_create(sys, &c, &e))
        return fail("starting a census", &e);
    uint64_t now = clock_ns();
    uint64_t spent = 0;
    for (int i = 0; i <= ROUNDS; i++) {
        // An hour later each time: a walk is due. Else in no time: it is not.
        now += walk ? UINT64_C(3600000000000) : 1;
        uint64_t begun = clock_ns();
        snapshot_release(census_take(c, now, clock_filetime()));
        if (i > 0) // the first one calibrates
            spent += clock_ns() - begun;
    }
    census_cost(c, &totals_ns, &walk_ns, handles);
    census_destroy(c);
    *out = (double)spent / ROUNDS / 1e6;
    return true;
}

// The share of a core that the thread itself says it takes, and by the clock of whoever is waited for.
static bool thread_share(const struct sys_backend *sys, double seconds, double *share)
{
    struct err e = {0};
    struct watcher *w = NULL;
    if (!watcher_start(sys, NULL, NULL, &w, &e))
        return fail("starting the census thread", &e);
    uint64_t last = 0;
    double cost = 0;
    double covered = 0;
    uint64_t begun = clock_ns();
    while ((double)(clock_ns() - begun) < seconds * 1e9) {
        const struct snapshot *s = watcher_latest(w);
        if (s && s->number != last) {
            last = s->number;
            cost += s->cost * s->interval_s;
            covered += s->interval_s;
        }
        snapshot_release(s);
        clock_sleep_ms(100);
    }
    watcher_stop(w);
    *share = covered > 0 ? cost / covered : 0;
    return last > 2 || fail("the census thread made no samples", NULL);
}

int main(int count, char **words)
{
    unsigned long handles = count == 3 ? strtoul(words[1], NULL, 10) : 0;
    double seconds = count == 3 ? strtod(words[2], NULL) : 0;
    if (!handles || seconds < 3) {
        fprintf(stderr, "usage: bench_census HANDLES SECONDS (3 at least)\n");
        return 2;
    }
    struct err e = {0};
    struct sys_backend sys = {.ops = NULL};
    if (!sys_win_create(&sys, &e))
        return !fail("looking at the system", &e);
    double bare = 0;
    double walk = 0;
    double totals = 0;
    double share = 0;
    uint64_t listed = 0;
    uint64_t unused = 0;
    bool ok = hold(handles) && bare_ms(&bare) && sample_ms(&sys, true, &walk, &listed) &&
              sample_ms(&sys, false, &totals, &unused) && thread_share(&sys, seconds, &share);
    sys_win_destroy(&sys);
    if (!ok)
        return 1;
    printf("measured: %llu handles, the bare call that lists them: %.3f ms\n", (unsigned long long)listed, bare);
    printf("measured: %llu handles, a sample with the walk: %.3f ms, %.2f times the bare call\n",
           (unsigned long long)listed, walk, walk / bare);
    printf("measured: %llu handles, a sample of the totals: %.3f ms, %.2f times the bare call\n",
           (unsigned long long)listed, totals, totals / bare);
    printf("measured: %llu handles, the census thread: %.2f %% of a core over %.0f s\n", (unsigned long long)listed,
           share * 100, seconds);
    if (share > PROMISED)
        printf("FAILED: more than %.0f %% of a core\n", PROMISED * 100);
    return share > PROMISED;
}
