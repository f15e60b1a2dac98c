// The ETW entry points: passes their raw arguments to the server and copies its answer back. Judges nothing.
#include "ksim.h"

#include <evntrace.h>
#include <string.h>
#include <wchar.h>

NTSYSAPI NTSTATUS WINAPI LdrGetProcedureAddress(HMODULE module, const ANSI_STRING *name, ULONG ordinal, void **address);

enum { BLOCK_MAX = 0x10000, ANSWER_MAX = 0x100000, CALL_ROOM = BLOCK_MAX * 12 };

static bool elevated = true;
static bool show_wine;

uint32_t ksim_etw_call(struct ksim_traced_call *call)
{
    DWORD error = GetLastError();
    uint32_t answer_room =
        (uint32_t)sizeof(struct ksim_reply) + (call->out_room < ANSWER_MAX ? call->out_room : ANSWER_MAX);
    uint8_t *space = VirtualAlloc(NULL, (SIZE_T)CALL_ROOM + answer_room, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!space) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct ksim_message m;
    struct ksim_call *message = ksim_message_start(&m, space, CALL_ROOM, sizeof *message, KSIM_CALL);
    message->api = call->api;
    message->code = call->code;
    message->handle = call->handle;
    message->flags = call->flags | (elevated ? KSIM_CALLER_ELEVATED : 0) | (call->name ? KSIM_CALL_NAME : 0);
    message->out_room = call->out_room;
    message->length = call->length;
    message->name = ksim_message_text(&m, call->name);
    message->block = ksim_message_put(&m, call->block, call->block_bytes, 8);
    struct ksim_reply *reply = (void *)(space + CALL_ROOM);
    bool entered = ksim_enter();
    bool answered = ksim_transact(&m, reply, answer_room);
    if (entered) {
        ksim_leave();
    }
    uint32_t status = RPC_S_SERVER_UNAVAILABLE;
    if (answered) {
        uint32_t bytes = reply->out_bytes < call->out_room ? reply->out_bytes : call->out_room;
        if (bytes && call->out) {
            memcpy(call->out, reply + 1, bytes);
        }
        call->out_handle = reply->handle;
        call->return_length = reply->return_length;
        status = reply->status;
    }
    VirtualFree(space, 0, MEM_RELEASE);
    SetLastError(error);
    return status;
}

static void set_properties(struct ksim_traced_call *call, EVENT_TRACE_PROPERTIES *properties)
{
    if (!properties) {
        call->flags |= KSIM_CALL_NULL_BLOCK;
        return;
    }
    call->block = properties;
    call->block_bytes = properties->Wnode.BufferSize < BLOCK_MAX ? properties->Wnode.BufferSize : BLOCK_MAX;
    call->out = properties;
    call->out_room = call->block_bytes;
    if (call->block_bytes < sizeof properties->Wnode.BufferSize) {
        call->block_bytes = sizeof properties->Wnode.BufferSize; // too small to be right, but it was read
    }
}

static ULONG WINAPI start_trace(TRACEHANDLE *handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties)
{
    struct ksim_traced_call call = {.api = KSIM_START_TRACE, .name = name};
    set_properties(&call, properties);
    ULONG status = ksim_etw_call(&call);
    if (status == ERROR_SUCCESS && handle) {
        *handle = call.out_handle;
    }
    return status;
}

static ULONG WINAPI control_trace(TRACEHANDLE handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties,
                                  ULONG code)
{
    struct ksim_traced_call call = {.api = KSIM_CONTROL_TRACE, .handle = handle, .name = name, .code = code};
    set_properties(&call, properties);
    return ksim_etw_call(&call);
}

static ULONG WINAPI stop_trace(TRACEHANDLE handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties)
{
    return control_trace(handle, name, properties, EVENT_TRACE_CONTROL_STOP);
}

static ULONG WINAPI query_trace(TRACEHANDLE handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties)
{
    return control_trace(handle, name, properties, EVENT_TRACE_CONTROL_QUERY);
}

static ULONG WINAPI update_trace(TRACEHANDLE handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties)
{
    return control_trace(handle, name, properties, EVENT_TRACE_CONTROL_UPDATE);
}

static ULONG WINAPI flush_trace(TRACEHANDLE handle, const wchar_t *name, EVENT_TRACE_PROPERTIES *properties)
{
    return control_trace(handle, name, properties, EVENT_TRACE_CONTROL_FLUSH);
}

static size_t block_room(const EVENT_TRACE_PROPERTIES *properties)
{
    return ((size_t)properties->Wnode.BufferSize + 7) & ~(size_t)7;
}

static ULONG WINAPI query_all_traces(EVENT_TRACE_PROPERTIES **array, ULONG count, ULONG *sessions)
{
    struct ksim_traced_call call = {.api = KSIM_QUERY_ALL_TRACES};
    size_t bytes = sizeof(struct ksim_query_all);
    for (ULONG i = 0; array && i < count; i++) {
        bytes += block_room(array[i]);
    }
    if (!array || bytes > ANSWER_MAX / 2) {
        return ERROR_INVALID_PARAMETER;
    }
    uint8_t *blocks = VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!blocks) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct ksim_query_all *all = (void *)blocks;
    all->count = count;
    uint8_t *at = blocks + sizeof *all;
    for (ULONG i = 0; i < count; at += block_room(array[i]), i++) {
        memcpy(at, array[i], array[i]->Wnode.BufferSize);
    }
    call.block = blocks;
    call.block_bytes = (uint32_t)bytes;
    call.out = blocks;
    call.out_room = (uint32_t)bytes;
    ULONG status = ksim_etw_call(&call);
    at = blocks + sizeof *all;
    for (ULONG i = 0; i < count; i++) {
        size_t room = block_room(array[i]); // before the copy: the answer may state another size
        memcpy(array[i], at, array[i]->Wnode.BufferSize);
        at += room;
    }
    if (sessions) {
        *sessions = all->count;
    }
    VirtualFree(blocks, 0, MEM_RELEASE);
    return status;
}

static ULONG WINAPI enable_trace(TRACEHANDLE handle, const GUID *provider, ULONG code, UCHAR level, ULONGLONG any,
                                 ULONGLONG all, ULONG timeout, const void *parameters)
{
    struct ksim_enable enable = {
        .match_any = any,
        .match_all = all,
        .level = level,
        .timeout = timeout,
        .has_parameters = parameters != NULL,
    };
    struct ksim_traced_call call = {.api = KSIM_ENABLE_TRACE_EX2, .handle = handle, .code = code};
    if (provider) {
        memcpy(enable.provider, provider, sizeof enable.provider);
        call.block = &enable;
        call.block_bytes = sizeof enable;
    } else {
        call.flags = KSIM_CALL_NULL_BLOCK;
    }
    return ksim_etw_call(&call);
}

static void set_buffer(struct ksim_traced_call *call, void *buffer, uint32_t length)
{
    call->length = length;
    if (!buffer) {
        call->flags |= KSIM_CALL_NULL_BLOCK;
        return;
    }
    call->block = buffer;
    call->block_bytes = length < BLOCK_MAX ? length : BLOCK_MAX;
}

static ULONG WINAPI trace_set_information(TRACEHANDLE handle, uint32_t class_number, void *buffer, ULONG length)
{
    struct ksim_traced_call call = {.api = KSIM_TRACE_SET_INFORMATION, .handle = handle, .code = class_number};
    set_buffer(&call, buffer, length);
    return ksim_etw_call(&call);
}

static ULONG WINAPI trace_query_information(TRACEHANDLE handle, uint32_t class_number, void *buffer, ULONG length,
                                            ULONG *return_length)
{
    struct ksim_traced_call call = {
        .api = KSIM_TRACE_QUERY_INFORMATION,
        .handle = handle,
        .code = class_number,
        .length = length,
        .out = buffer,
        .out_room = buffer ? length : 0,
        .flags = buffer ? 0 : KSIM_CALL_NULL_BLOCK,
    };
    ULONG status = ksim_etw_call(&call);
    if (return_length) {
        *return_length = call.return_length;
    }
    return status;
}

NTSTATUS ksim_etw_nt_set(void *buffer, uint32_t length)
{
    struct ksim_traced_call call = {.api = KSIM_NT_SET_SYSTEM_INFORMATION, .code = 31};
    set_buffer(&call, buffer, length);
    return (NTSTATUS)ksim_etw_call(&call);
}

NTSTATUS ksim_etw_nt_query(void *buffer, uint32_t length, uint32_t *return_length)
{
    struct ksim_traced_call call = {.api = KSIM_NT_QUERY_SYSTEM_INFORMATION, .code = 31};
    set_buffer(&call, buffer, length);
    call.out = buffer;
    call.out_room = buffer ? length : 0;
    uint32_t status = ksim_etw_call(&call);
    if (return_length) {
        *return_length = call.return_length;
    }
    return (NTSTATUS)status;
}

void ksim_etw_token(uint32_t class_number, void *buffer)
{
    uint32_t value = elevated;
    if (class_number == TokenElevation) {
        memcpy(buffer, &value, sizeof value);
    }
    if (class_number == TokenElevationType) {
        value = elevated ? TokenElevationTypeFull : TokenElevationTypeLimited;
        memcpy(buffer, &value, sizeof value);
    }
}

static const struct ksim_entry_point entry_points[] = {
    {L"sechost.dll", "StartTraceW", start_trace, true},
    {L"sechost.dll", "ControlTraceW", control_trace, true},
    {L"sechost.dll", "StopTraceW", stop_trace, true},
    {L"sechost.dll", "QueryAllTracesW", query_all_traces, true},
    {L"sechost.dll", "EnableTraceEx2", enable_trace, true},
    {L"sechost.dll", "TraceSetInformation", trace_set_information, true},
    {L"sechost.dll", "TraceQueryInformation", trace_query_information, true},
    {L"advapi32.dll", "QueryTraceW", query_trace, true},
    {L"advapi32.dll", "UpdateTraceW", update_trace, true},
    {L"advapi32.dll", "FlushTraceW", flush_trace, true},
    // Windows has it in both DLLs, Wine in one.
    {L"advapi32.dll", "TraceQueryInformation", trace_query_information, false},
};

static const void *replacement(HMODULE module, const char *name)
{
    for (size_t i = 0; i < sizeof entry_points / sizeof *entry_points; i++) {
        const struct ksim_entry_point *e = &entry_points[i];
        if (!e->code && strcmp(name, e->name) == 0 && module == GetModuleHandleW(e->module)) {
            return e->hook;
        }
    }
    return NULL;
}

static void *WINAPI get_proc_address(HMODULE module, const char *name)
{
    if (!module) {
        module = GetModuleHandleW(NULL);
    }
    void *address = NULL;
    bool by_name = (uintptr_t)name >= 0x10000;
    const void *ours = by_name ? replacement(module, name) : NULL;
    if (ours) {
        memcpy(&address, &ours, sizeof address);
        return address;
    }
    ANSI_STRING text = {0};
    if (by_name) {
        RtlInitAnsiString(&text, name);
    }
    NTSTATUS status =
        LdrGetProcedureAddress(module, by_name ? &text : NULL, by_name ? 0 : (ULONG)(uintptr_t)name, &address);
    // By this export programs recognise Wine; under the simulated kernel they are to behave as on Windows.
    bool hidden = by_name && !show_wine && strcmp(name, "wine_get_version") == 0;
    if (status < 0 || hidden) {
        SetLastError(ERROR_PROC_NOT_FOUND);
        return NULL;
    }
    return address;
}

static void replace(HMODULE module, const char *name, const void *hook)
{
    ANSI_STRING text;
    RtlInitAnsiString(&text, name);
    void *address = NULL;
    if (LdrGetProcedureAddress(module, &text, 0, &address) < 0) {
        ksim_fail("a system library does not export %s", name);
    }
    ksim_patch_function(address, hook);
}

static bool environment_is(const wchar_t *name, const wchar_t *value)
{
    wchar_t text[16];
    DWORD n = GetEnvironmentVariableW(name, text, 16);
    return n > 0 && n < 16 && wcscmp(text, value) == 0;
}

void ksim_etw_module(HMODULE module)
{
    for (size_t i = 0; i < sizeof entry_points / sizeof *entry_points; i++) {
        const struct ksim_entry_point *e = &entry_points[i];
        if (e->code && module == GetModuleHandleW(e->module)) {
            replace(module, e->name, e->hook);
        }
    }
    for (size_t i = 0; i < sizeof ksim_consume_entry_points / sizeof *ksim_consume_entry_points; i++) {
        const struct ksim_entry_point *e = &ksim_consume_entry_points[i];
        if (module == GetModuleHandleW(e->module)) {
            replace(module, e->name, e->hook);
        }
    }
}

void ksim_etw_install(void)
{
    elevated = !environment_is(L"KSIM_ELEVATED", L"0");
    show_wine = environment_is(L"KSIM_SHOW_WINE", L"1");
    static const wchar_t *const names[] = {L"sechost.dll", L"advapi32.dll"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        HMODULE module = GetModuleHandleW(names[i]);
        if (module) {
            ksim_etw_module(module);
        }
    }
    // Last: everything above looks functions up.
    replace(GetModuleHandleW(L"kernelbase.dll"), "GetProcAddress", get_proc_address);
    replace(GetModuleHandleW(L"kernel32.dll"), "GetProcAddress", get_proc_address);
}
