// Starts copies of leaky. A child inherits all that it needs (its parent's handle, an event to set), so that it opens
// nothing itself.
#include "child.h"

#include "sync.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAKY_FRAME __attribute__((noinline))

enum { CHILD_SECONDS = 60 };

static HANDLE own_process; // inheritable
static HANDLE started;     // inheritable; a child sets it
static HANDLE receiver;
static struct truth_child *receiver_truth;

static bool failed(const char *what)
{
    work_failed(what, GetLastError());
    return false;
}

// A command line: this program and then format.
static bool command_line(wchar_t *room, size_t size, const wchar_t *format, ...)
{
    wchar_t path[MAX_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    if (length == 0 || length >= MAX_PATH)
        return false;
    int used = _snwprintf(room, size, L"\"%ls\" ", path);
    va_list arguments;
    va_start(arguments, format);
    int more = used < 0 ? -1 : _vsnwprintf(room + used, size - (size_t)used, format, arguments);
    va_end(arguments);
    return more >= 0 && used + more < (int)size;
}

// Starts a child that inherits exactly these handles.
static bool start_with_handles(wchar_t *command, HANDLE *handles, size_t count, PROCESS_INFORMATION *process)
{
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    STARTUPINFOEXW startup = {.StartupInfo.cb = sizeof(startup)};
    startup.lpAttributeList = malloc(size);
    if (!startup.lpAttributeList) {
        SetLastError(ERROR_OUTOFMEMORY);
        return false;
    }
    bool ok = InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size);
    ok = ok && UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles,
                                         count * sizeof(HANDLE), NULL, NULL);
    ok = ok && CreateProcessW(NULL, command, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT | DETACHED_PROCESS, NULL,
                              NULL, &startup.StartupInfo, process);
    DWORD error = GetLastError();
    free(startup.lpAttributeList);
    SetLastError(error);
    return ok;
}

// Starts a waiting child with these handles, of which the first two are own_process and started, and awaits its start.
static bool start_waiting(HANDLE *handles, size_t count, PROCESS_INFORMATION *process)
{
    wchar_t command[MAX_PATH + 100];
    if (!command_line(command, sizeof(command) / sizeof(command[0]), L"--child-parent %ld --child-started %ld",
                      HandleToLong(own_process), HandleToLong(started)))
        return false;
    ResetEvent(started);
    handles[0] = own_process;
    handles[1] = started;
    if (!start_with_handles(command, handles, count, process))
        return false;
    HANDLE ways[2] = {started, process->hProcess};
    DWORD which = WaitForMultipleObjects(2, ways, FALSE, CHILD_SECONDS * 1000);
    if (which == WAIT_OBJECT_0)
        return true;
    SetLastError(which == WAIT_TIMEOUT ? ERROR_TIMEOUT : ERROR_PROCESS_ABORTED);
    return false;
}

static struct truth_child *add_child(struct truth *truth, DWORD pid, const char *role)
{
    struct truth_child *child = &truth->children[truth->child_count++];
    child->pid = pid;
    child->role = role;
    return child;
}

static struct truth_row *add_child_row(struct truth_child *child, const char *type, const char *function)
{
    struct truth_row *row = &child->rows[child->row_count++];
    row->type = type;
    row->function = function;
    return row;
}

LEAKY_FRAME static HANDLE LeakInheritable(SECURITY_ATTRIBUTES *inheritable)
{
    return CreateEventW(inheritable, TRUE, FALSE, NULL);
}

static struct truth_row inheritable_row = {.type = "Event", .function = "LeakInheritable", .address = LeakInheritable};

static struct truth_row inheriting_process = {.type = "Process", .function = "StartInheritingChild", .internal = true};
static struct truth_row inheriting_thread = {.type = "Thread", .function = "StartInheritingChild", .internal = true};

LEAKY_FRAME static bool StartInheritingChild(HANDLE *handles, size_t count, PROCESS_INFORMATION *process)
{
    return start_waiting(handles, count, process);
}

static bool run_inherit(long count, struct truth *truth)
{
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof(inheritable), .bInheritHandle = TRUE};
    HANDLE *handles = calloc((size_t)count + 2, sizeof(HANDLE));
    if (!handles) {
        SetLastError(ERROR_OUTOFMEMORY);
        return failed("--inherit");
    }
    PROCESS_INFORMATION process;
    bool ok = true;
    for (long i = 0; ok && i < count; i++) {
        handles[i + 2] = LeakInheritable(&inheritable);
        ok = handles[i + 2] != NULL;
        if (ok)
            truth_created(&inheritable_row, handles[i + 2]);
    }
    ok = ok && StartInheritingChild(handles, (size_t)count + 2, &process);
    DWORD error = GetLastError();
    free(handles);
    SetLastError(error);
    if (!ok)
        return failed("--inherit");
    truth_created(&inheriting_process, process.hProcess);
    truth_created(&inheriting_thread, process.hThread);
    struct truth_child *child = add_child(truth, process.dwProcessId, "inherits");
    add_child_row(child, "Event", "LeakInheritable")->inherited = count;
    add_child_row(child, "Event", "child_prepare")->inherited = 1;
    add_child_row(child, "Process", "child_prepare")->inherited = 1;
    return true;
}

LEAKY_FRAME static HANDLE MakeDuplicateSource(void)
{
    return CreateEventW(NULL, TRUE, FALSE, NULL);
}

static struct truth_row source_row = {
    .type = "Event", .function = "MakeDuplicateSource", .address = MakeDuplicateSource};

LEAKY_FRAME static HANDLE DuplicateIntoChild(HANDLE source)
{
    HANDLE target = NULL;
    if (!DuplicateHandle(GetCurrentProcess(), source, receiver, &target, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return NULL;
    return target;
}

static bool run_duplicate(long count)
{
    struct truth_row *in = add_child_row(receiver_truth, "Event", "DuplicateIntoChild");
    in->address = DuplicateIntoChild;
    for (long i = 0; i < count; i++) {
        HANDLE source = MakeDuplicateSource();
        if (!source)
            return failed("MakeDuplicateSource");
        truth_created(&source_row, source);
        if (!DuplicateIntoChild(source))
            return failed("DuplicateIntoChild");
        in->duplicated_in++;
        source_row.duplicated_out++;
        if (!CloseHandle(source))
            return failed("CloseHandle");
        truth_closed(&source_row, source);
    }
    return true;
}

static DWORD WINAPI ShortThread(void *argument)
{
    (void)argument;
    return 0;
}

LEAKY_FRAME static HANDLE LeakNewThread(void)
{
    return CreateThread(NULL, 1 << 16, ShortThread, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
}

static struct truth_row new_thread_row = {.type = "Thread", .function = "LeakNewThread", .address = LeakNewThread};

static bool run_new_threads(long count)
{
    for (long i = 0; i < count; i++) {
        HANDLE thread = LeakNewThread();
        if (!thread)
            return failed("LeakNewThread");
        truth_created(&new_thread_row, thread);
        WaitForSingleObject(thread, INFINITE);
    }
    return true;
}

LEAKY_FRAME static bool LeakNewProcess(wchar_t *command, PROCESS_INFORMATION *process)
{
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    return CreateProcessW(NULL, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, process);
}

static struct truth_row new_process_row = {
    .type = "Process", .function = "LeakNewProcess", .address = LeakNewProcess, .internal = true};
static struct truth_row new_process_thread_row = {
    .type = "Thread", .function = "LeakNewProcess", .address = LeakNewProcess, .internal = true};

static bool run_new_processes(long count)
{
    wchar_t command[MAX_PATH + 100];
    if (!command_line(command, sizeof(command) / sizeof(command[0]), L"--child-ends"))
        return failed("command line");
    for (long i = 0; i < count; i++) {
        PROCESS_INFORMATION process;
        if (!LeakNewProcess(command, &process))
            return failed("LeakNewProcess");
        truth_created(&new_process_row, process.hProcess);
        truth_created(&new_process_thread_row, process.hThread);
        WaitForSingleObject(process.hProcess, CHILD_SECONDS * 1000);
    }
    return true;
}

bool child_prepare(const struct options *options, struct truth *truth)
{
    if (options->new_threads)
        truth_use(truth, &new_thread_row, options->new_threads);
    if (options->new_processes) {
        truth_use(truth, &new_process_row, options->new_processes);
        truth_use(truth, &new_process_thread_row, options->new_processes);
    }
    if (!options->inherit && !options->duplicate)
        return true;

    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof(inheritable), .bInheritHandle = TRUE};
    started = CreateEventW(&inheritable, TRUE, FALSE, NULL);
    HANDLE self = GetCurrentProcess();
    if (!started || !DuplicateHandle(self, self, self, &own_process, SYNCHRONIZE, TRUE, 0))
        return failed("child_prepare");
    if (options->inherit) {
        inheriting_process.address = inheriting_thread.address = StartInheritingChild;
        truth_use(truth, &inheritable_row, options->inherit);
        truth_use(truth, &inheriting_process, 1);
        truth_use(truth, &inheriting_thread, 1);
    }
    if (!options->duplicate)
        return true;
    truth_use(truth, &source_row, options->duplicate);
    HANDLE handles[2];
    PROCESS_INFORMATION process;
    if (!start_waiting(handles, 2, &process))
        return failed("starting the child that receives duplicates");
    receiver = process.hProcess;
    receiver_truth = add_child(truth, process.dwProcessId, "receives duplicates");
    return true;
}

bool child_run(const struct options *options, struct truth *truth)
{
    return (!options->inherit || run_inherit(options->inherit, truth)) &&
           (!options->duplicate || run_duplicate(options->duplicate)) && run_new_threads(options->new_threads) &&
           (!options->new_processes || run_new_processes(options->new_processes));
}

int child_main(const struct options *options)
{
    SetEvent(options->child_started);
    return WaitForSingleObject(options->child_parent, INFINITE) == WAIT_OBJECT_0 ? 0 : 1;
}

static int await_copy(const struct options *options, HANDLE copy)
{
    if (!sync_wait(options->sync, L"end", options->timeout)) {
        work_failed("waiting for end", GetLastError());
        TerminateProcess(copy, 1);
        return 1;
    }
    DWORD code = 0;
    if (!GetExitCodeProcess(copy, &code) || code != STILL_ACTIVE) {
        fprintf(stderr, "leaky: the copy ended by itself with %lu\n", code);
        return 1;
    }
    if (!TerminateProcess(copy, 77)) {
        work_failed("TerminateProcess", GetLastError());
        return 1;
    }
    WaitForSingleObject(copy, CHILD_SECONDS * 1000);
    return 0;
}

int child_launch(const struct options *options)
{
    const wchar_t *own = GetCommandLineW();
    size_t room = wcslen(own) + 40;
    wchar_t *command = malloc(room * sizeof(wchar_t));
    if (!command)
        return 1;
    _snwprintf(command, room, L"%ls --launcher %lu", own, GetCurrentProcessId());
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    BOOL ok = CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process);
    DWORD error = GetLastError();
    free(command);
    if (!ok) {
        work_failed("CreateProcessW", error);
        return 1;
    }
    return await_copy(options, process.hProcess);
}
