// Runs the jobs: every thread is started before counting starts and parked after its work, so that all handles that
// appear between the barriers come from the jobs themselves.
#include "work.h"

#include "sync.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct part {
    const struct options *options;
    const struct job *job;
    long count;
    long rate;
    long made;
    HANDLE *kept; // for --close-late
};

enum { MAX_THREADS = 1024 };

static struct part *parts[MAX_THREADS];
static int part_count;

static HANDLE gate;
static HANDLE all_done;
static HANDLE never;
static atomic_long at_gate;
static atomic_long running;
static long thread_count;
static atomic_bool failed;

void work_failed(const char *what, unsigned long error)
{
    atomic_store(&failed, true);
    fprintf(stderr, "leaky: %s failed (%lu)\n", what, error);
    fflush(stderr);
}

bool work_has_failed(void)
{
    return atomic_load(&failed);
}

struct thread_start {
    unsigned long (*body)(void *);
    void *argument;
};

static DWORD WINAPI WorkerMain(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    atomic_fetch_add(&at_gate, 1);
    WaitForSingleObject(gate, INFINITE);
    unsigned long result = start.body(start.argument);
    if (atomic_fetch_sub(&running, 1) == 1)
        SetEvent(all_done);
    WaitForSingleObject(never, INFINITE);
    return result;
}

bool work_start_thread(unsigned long (*body)(void *), void *argument)
{
    struct thread_start *start = malloc(sizeof(*start));
    if (!start) {
        work_failed("malloc", ERROR_OUTOFMEMORY);
        return false;
    }
    *start = (struct thread_start){body, argument};
    // The handle stays open: closing it later would be an event that nobody asked for.
    if (!CreateThread(NULL, 1 << 18, WorkerMain, start, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL)) {
        work_failed("CreateThread", GetLastError());
        free(start);
        return false;
    }
    thread_count++;
    return true;
}

__attribute__((noinline)) static HANDLE DeepFrame(const struct job *job, const wchar_t *name, long depth)
{
    if (depth > 0)
        return DeepFrame(job, name, depth - 1);
    return job->churn ? job->kind->churn(name) : job->kind->leak(name);
}

// Not before its time, and not while the pause file exists. Returns the start of the schedule, moved by the pauses.
static long long await_turn(const struct part *part, long index, long long schedule, long long frequency)
{
    if (part->rate > 0) {
        long long due = schedule + (long long)index * frequency / part->rate;
        while (truth_qpc() < due)
            Sleep(1);
    }
    if (!part->options->pause_file || !sync_exists(part->options->pause_file))
        return schedule;
    long long paused = truth_qpc();
    while (sync_exists(part->options->pause_file))
        Sleep(10);
    return schedule + truth_qpc() - paused;
}

static const wchar_t *object_name(const struct part *part, wchar_t *room, size_t size)
{
    static atomic_long serial;
    if (!part->job->kind->can_be_named)
        return NULL;
    if (part->options->shared_name) {
        _snwprintf(room, size, L"Leaky.%hs.%lu", part->job->kind->name, GetCurrentProcessId());
        return room;
    }
    if (!part->options->named)
        return NULL;
    _snwprintf(room, size, L"Leaky.%hs.%lu.%ld", part->job->kind->name, GetCurrentProcessId(),
               atomic_fetch_add(&serial, 1));
    return room;
}

__attribute__((noinline)) static unsigned long RunJob(void *argument)
{
    struct part *part = argument;
    const struct job *job = part->job;
    struct truth_row *row = job->churn ? &job->kind->churned : &job->kind->leaked;
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    long long schedule = truth_qpc();
    for (; part->made < part->count; part->made++) {
        schedule = await_turn(part, part->made, schedule, frequency.QuadPart);
        wchar_t room[64];
        const wchar_t *name = object_name(part, room, sizeof(room) / sizeof(room[0]));
        HANDLE handle = DeepFrame(job, name, part->options->depth);
        if (!handle) {
            work_failed(row->function, GetLastError());
            return 1;
        }
        truth_created(row, handle);
        if (!job->churn) {
            part->kept[part->made] = handle;
            continue;
        }
        if (!kind_close(job->kind, handle)) {
            work_failed("CloseHandle", GetLastError());
            return 1;
        }
        truth_closed(row, handle);
    }
    return 0;
}

static bool start_part(const struct options *options, const struct job *job, long count, long rate)
{
    if (part_count == MAX_THREADS) {
        work_failed("more threads than 1024", ERROR_TOO_MANY_TCBS);
        return false;
    }
    struct part *part = calloc(1, sizeof(*part));
    HANDLE *kept = job->churn ? NULL : calloc((size_t)count + 1, sizeof(HANDLE));
    if (!part || (!job->churn && !kept)) {
        work_failed("malloc", ERROR_OUTOFMEMORY);
        free(part);
        free(kept);
        return false;
    }
    *part = (struct part){.options = options, .job = job, .count = count, .rate = rate, .kept = kept};
    parts[part_count++] = part;
    return work_start_thread(RunJob, part);
}

static bool start_job(const struct options *options, struct truth *truth, const struct job *job)
{
    truth_use(truth, job->churn ? &job->kind->churned : &job->kind->leaked, job->churn ? 0 : job->count);
    long threads = options->threads < job->count ? options->threads : job->count;
    for (long i = 0; i < threads; i++) {
        long count = job->count / threads + (i < job->count % threads ? 1 : 0);
        long rate = job->rate / threads + (i < job->rate % threads ? 1 : 0);
        // A share of a rate must not become "as fast as it goes".
        if (job->rate > 0 && rate == 0)
            rate = 1;
        if (!start_part(options, job, count, rate))
            return false;
    }
    return true;
}

bool work_prepare(const struct options *options, struct truth *truth)
{
    gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    all_done = CreateEventW(NULL, TRUE, FALSE, NULL);
    never = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!gate || !all_done || !never) {
        work_failed("CreateEventW", GetLastError());
        return false;
    }
    for (int i = 0; i < options->job_count; i++) {
        if (!start_job(options, truth, &options->jobs[i]))
            return false;
    }
    if (options->race_threads && !race_prepare(options, truth))
        return false;
    while (atomic_load(&at_gate) < thread_count)
        Sleep(1);
    atomic_store(&running, thread_count);
    return true;
}

void work_run(void)
{
    SetEvent(gate);
    if (thread_count)
        WaitForSingleObject(all_done, INFINITE);
}

__attribute__((noinline)) static void CloseLate(struct part *part)
{
    struct truth_row *row = &part->job->kind->leaked;
    for (long i = 0; i < part->made; i++) {
        if (!kind_close(part->job->kind, part->kept[i])) {
            work_failed("closing late", GetLastError());
            return;
        }
        // Several threads may have made them in another order, but all of the row are closed when this is over.
        truth_closed_in_order(row);
    }
}

void work_close_late(void)
{
    for (int i = 0; i < part_count; i++) {
        if (!parts[i]->job->churn)
            CloseLate(parts[i]);
    }
}
