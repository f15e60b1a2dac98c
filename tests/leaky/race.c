// The data race that leaks events: a manager creates its event on first use, and the lock around that is missing.
#include "work.h"

#include <stdatomic.h>

// Deliberately without a lock or an atomic: a thread that looks before another has stored creates a second event, and
// the handle that is stored first is forgotten.
struct event_manager {
    HANDLE volatile event;
};

static struct event_manager manager;
static long thread_total;
static long round_total;
static long round_rate; // a second; 0: as fast as it goes
static atomic_long arrived;
static atomic_long round_now;

static struct truth_row race_row;

__attribute__((noinline)) static HANDLE GetOrCreateEvent(struct event_manager *self)
{
    if (!self->event) {
        HANDLE created = CreateEventW(NULL, TRUE, FALSE, NULL);
        if (!created) {
            work_failed("GetOrCreateEvent", GetLastError());
            return NULL;
        }
        truth_created(&race_row, created);
        self->event = created;
    }
    return self->event;
}

// The destructor: knows, and closes, only the event that was stored last.
__attribute__((noinline)) static void DestroyEventManager(struct event_manager *self)
{
    HANDLE last = self->event;
    if (!last)
        return;
    self->event = NULL;
    if (!CloseHandle(last)) {
        work_failed("DestroyEventManager", GetLastError());
        return;
    }
    truth_closed(&race_row, last);
}

// Returns when all threads have come here; the last one runs the given step first. Spins, so that all leave together.
static void meet(long *round, void (*step)(struct event_manager *))
{
    (*round)++;
    if (atomic_fetch_add(&arrived, 1) + 1 == thread_total) {
        if (step)
            step(&manager);
        atomic_store(&arrived, 0);
        atomic_store(&round_now, *round);
        return;
    }
    while (atomic_load(&round_now) != *round)
        SwitchToThread();
}

// Asleep, not spinning, until the round is due: all of them wake at about the same time and then meet.
static void await_round(long long start, long long frequency, long index)
{
    long long left = round_rate ? start + index * frequency / round_rate - truth_qpc() : 0;
    if (left > 0)
        Sleep((DWORD)(left * 1000 / frequency));
}

static unsigned long RunRace(void *argument)
{
    (void)argument;
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    long long start = truth_qpc();
    long round = 0;
    for (long i = 0; i < round_total; i++) {
        await_round(start, frequency.QuadPart, i);
        meet(&round, NULL);
        GetOrCreateEvent(&manager);
        meet(&round, DestroyEventManager);
    }
    return 0;
}

bool race_prepare(const struct options *options, struct truth *truth)
{
    race_row.type = "Event";
    race_row.function = "GetOrCreateEvent";
    race_row.address = GetOrCreateEvent;
    thread_total = options->race_threads;
    round_total = options->race_rounds;
    round_rate = options->race_rate;
    truth_use(truth, &race_row, (long long)thread_total * round_total);
    for (long i = 0; i < thread_total; i++) {
        if (!work_start_thread(RunRace, NULL))
            return false;
    }
    return true;
}
