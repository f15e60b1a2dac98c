// Patches code: copies ntdll's system call stubs and puts jumps in their place.
#include "ksim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STUB_SIZE = 0x20, JUMP_SIZE = 14, COPIES = 0x10000 };

// mov r10,rcx; mov eax,N; test byte [0x7ffe0308],1; jne; syscall; ret; jmp; ret; call [0x7ffe1000]; ret
static const uint8_t stub_code[STUB_SIZE] = {0x4c, 0x8b, 0xd1, 0xb8, 0,    0,    0,    0,    0xf6, 0x04, 0x25,
                                             0x08, 0x03, 0xfe, 0x7f, 0x01, 0x75, 0x03, 0x0f, 0x05, 0xc3, 0xeb,
                                             0x01, 0xc3, 0xff, 0x14, 0x25, 0x00, 0x10, 0xfe, 0x7f, 0xc3};

static uint8_t *copies; // executable memory for copied stubs; written while the DLL is attached only
static size_t copies_used;

static void say(const char *format, va_list args)
{
    char text[512] = "ksim: ";
    int n = vsnprintf(text + 6, sizeof text - 7, format, args);
    size_t length = n < 0 ? 6 : strlen(text);
    text[length++] = '\n';
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)length, &written, NULL);
}

void ksim_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void ksim_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    TerminateProcess(GetCurrentProcess(), 250);
    for (;;) {
    }
}

static void write_jump(uint8_t *at, const void *hook)
{
    DWORD old = 0;
    if (!VirtualProtect(at, JUMP_SIZE, PAGE_EXECUTE_READWRITE, &old)) {
        ksim_fail("cannot make code at %p writable (%lu)", (void *)at, GetLastError());
    }
    static const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0}; // jmp [rip+0], the address follows
    memcpy(at, jump, sizeof jump);
    memcpy(at + sizeof jump, &hook, sizeof hook);
    VirtualProtect(at, JUMP_SIZE, old, &old);
    FlushInstructionCache(GetCurrentProcess(), at, JUMP_SIZE);
}

static bool is_stub(const uint8_t *code)
{
    const size_t number = 4; // offset of the call's number, which differs from stub to stub
    return memcmp(code, stub_code, number) == 0 &&
           memcmp(code + number + 4, stub_code + number + 4, STUB_SIZE - number - 4) == 0;
}

bool ksim_patch_stub(const char *name, const void *hook, ksim_syscall *original, uintptr_t *stub)
{
    union {
        FARPROC function;
        uint8_t *code;
    } export = {.function = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name)};
    if (!export.code) {
        return false;
    }
    if (!is_stub(export.code)) {
        ksim_fail("ntdll!%s is not a system call stub as this Wine's are known to be", name);
    }
    if (!copies) {
        copies = VirtualAlloc(NULL, COPIES, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    }
    if (!copies || copies_used + STUB_SIZE > COPIES) {
        ksim_fail("no memory for a copy of ntdll!%s", name);
    }
    union {
        uint8_t *code;
        ksim_syscall call;
    } copy = {.code = copies + copies_used};
    memcpy(copy.code, export.code, STUB_SIZE);
    copies_used += STUB_SIZE;
    *original = copy.call;
    *stub = (uintptr_t) export.code;
    write_jump(export.code, hook);
    return true;
}

void ksim_patch_function(void *function, const void *hook)
{
    write_jump(function, hook);
}
