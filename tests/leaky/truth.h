// What leaky did, counted from the return values of its own calls, and printed as JSON.
#ifndef LEAKY_TRUTH_H
#define LEAKY_TRUTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <windows.h>

// One function that makes handles of one type. Any thread adds; the main thread prints when all workers have ended.
struct truth_row {
    const char *type;
    const char *function;
    const void *address; // where the function stands; printed as an offset into the image
    bool internal;       // its Win32 call makes and closes further handles of its own
    _Atomic long long created;
    _Atomic long long closed;
    _Atomic long long duplicated_in;  // a duplication made them in the process that the row is about
    _Atomic long long duplicated_out; // duplications of handles that this row made
    _Atomic long long inherited;
    _Atomic long long first_qpc;
    _Atomic long long last_qpc;
    long long reserved;       // how many handles there is room for
    _Atomic(HANDLE) *handles; // those made and not closed, in the order made; NULL where one was closed
};

enum { TRUTH_MAX_ROWS = 40, TRUTH_MAX_CHILDREN = 2, TRUTH_MAX_CHILD_ROWS = 3 };

struct truth_child {
    DWORD pid;
    const char *role;
    struct truth_row rows[TRUTH_MAX_CHILD_ROWS];
    int row_count;
};

struct truth {
    bool list_handles; // print the values of the open handles too
    const char *exit_mode;
    DWORD launcher_pid; // 0 without a launcher
    long long go_qpc;
    long long done_qpc;
    unsigned long long go_filetime; // 100 ns since 1601, UTC
    unsigned long long done_filetime;
    struct truth_row *rows[TRUTH_MAX_ROWS];
    int row_count;
    struct truth_child children[TRUTH_MAX_CHILDREN];
    int child_count;
};

// Lists a row, once however often it is asked for, and makes room for this many more handles. Before counting starts.
void truth_use(struct truth *truth, struct truth_row *row, long long handles);
// Adds one made handle. Any thread.
void truth_created(struct truth_row *row, HANDLE handle);
// Adds one closed handle. Any thread; no two for the same handle. It is looked for in the list of the row, so rows with
// very many handles are closed with truth_closed_in_order.
void truth_closed(struct truth_row *row, HANDLE handle);
// Adds one closed handle of a row whose handles are all about to be closed: the list is emptied from its start.
void truth_closed_in_order(struct truth_row *row);
// Handles of this row that are open now.
long long truth_open(const struct truth_row *row);
// The performance counter, and the time in 100 ns since 1601.
long long truth_qpc(void);
unsigned long long truth_filetime(void);
// The whole as JSON text, which the caller frees; its length in *length. The process ends when memory does.
char *truth_text(const struct truth *truth, size_t *length);

#endif
