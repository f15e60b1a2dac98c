/* One module after another: finds the files that are the trace's, lets dbghelp read them, and asks it for names. */
#include "win/symbols.h"

#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/ledger/grow.h"
#include "core/pe/pdb_identity.h"
#include "core/pe/pe_identity.h"
#include "win/symbols_path.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define FIRST_BASE 0x10000000u
#define NAME_UNITS 2000u
/* Of the image handed to dbghelp when the trace tells none; its size is only used to keep modules apart. */
#define SIZE_UNKNOWN 0x1000000u

/* A module of the trace, and where dbghelp has it. */
struct module {
    char *path;
    struct ledger_image image;
    uint64_t base; /* 0: it cannot be named from */
};

struct symbols {
    struct symbols_seam seam;
    struct text user_path;
    struct text folders; /* of the recordings, each with ';' after it */
    struct dbghelp calls;
    struct module *modules;
    uint32_t count;
    uint32_t room;
    uint32_t last; /* asked for last */
    uint64_t next_base;
    bool has_turn;
    bool opened; /* was tried */
    bool ready;
    struct mutex lock; /* for `why` */
    struct err why;
    atomic_int kind;
    atomic_bool cancelled;
};

/* dbghelp serves one at a time. */
static atomic_flag turn = ATOMIC_FLAG_INIT;

/* Any number that no other process handle of dbghelp's has will do. */
static HANDLE handle_of(struct symbols *s)
{
    return (HANDLE)s;
}

/* A download of symbols asks now and then whether it should go on. */
static BOOL CALLBACK on_dbghelp(HANDLE h, ULONG action, ULONG64 data, ULONG64 ctx)
{
    (void)h;
    (void)data;
    const struct symbols *s = (const struct symbols *)(uintptr_t)ctx;
    return action == CBA_DEFERRED_SYMBOL_LOAD_CANCEL && atomic_load(&s->cancelled);
}

static bool take_turn(struct symbols *s)
{
    while (!s->has_turn && !atomic_load(&s->cancelled)) {
        s->has_turn = !atomic_flag_test_and_set(&turn);
        if (!s->has_turn)
            clock_sleep_ms(10);
    }
    return s->has_turn;
}

static bool open_library(struct symbols *s, struct err *err)
{
    enum symbols_kind kind = SYMBOLS_NOT_LOADED;
    if (!symbols_library_load(s->seam.system ? s->seam.system : &symbols_windows, &s->calls, &kind, err))
        return false;
    if (s->seam.loaded)
        s->seam.loaded(&s->calls);
    s->calls.set_options(SYMOPT_UNDNAME | SYMOPT_FAIL_CRITICAL_ERRORS | SYMOPT_NO_PROMPTS | SYMOPT_EXACT_SYMBOLS |
                         SYMOPT_DISABLE_SYMSRV_AUTODETECT);
    /* Never an empty path: that would mean the current folder. */
    struct text path = {0};
    text_addf(&path, "%s;%s", text_str(&s->user_path), text_str(&s->folders));
    WCHAR *wide = path.failed ? NULL : utf16_from_utf8(text_str(&path));
    text_free(&path);
    if (!wide)
        return err_set(err, ERR_NO_MEMORY, "Starting dbghelp.dll");
    BOOL started = s->calls.initialize(handle_of(s), wide, FALSE);
    if (!started)
        win_fail(err, "Starting", "dbghelp.dll");
    free(wide);
    if (!started)
        return false;
    s->calls.register_callback(handle_of(s), on_dbghelp, (ULONG64)(uintptr_t)s);
    atomic_store(&s->kind, (int)kind);
    return true;
}

static bool open_once(struct symbols *s)
{
    if (s->opened)
        return s->ready;
    struct err why = {0};
    if (!take_turn(s))
        return false;
    s->opened = true;
    s->ready = open_library(s, &why);
    mutex_lock(&s->lock);
    s->why = why;
    mutex_unlock(&s->lock);
    return s->ready;
}

/* Whether a file is the trace's module. What the trace does not tell cannot differ, but something must agree. */
static bool is_the_one(const struct pe_identity *file, const struct ledger_image *image)
{
    if (image->identified)
        return file->identified && file->age == image->age && !memcmp(file->guid, image->guid, sizeof file->guid);
    if (file->size != image->size || (image->timestamp && file->timestamp != image->timestamp) ||
        (image->checksum && file->checksum != image->checksum))
        return false;
    return image->timestamp || image->checksum;
}

/* A module's file, once one was found that matches. */
struct found {
    struct text path;
    struct pe_identity identity;
    bool any;
};

/* Names like "\\?\C:\x" are no device's, whatever x is. */
static bool try_image(struct found *f, const char *path, const struct ledger_image *image, bool own_drive)
{
    struct text literal = {0};
    text_addf(&literal, "%s%s", own_drive ? "\\\\?\\" : "", path);
    f->any =
        !literal.failed && pe_identity_read(text_str(&literal), &f->identity, NULL) && is_the_one(&f->identity, image);
    text_free(&literal);
    if (f->any) {
        text_clear(&f->path);
        text_add(&f->path, path);
        f->any = !f->path.failed;
    }
    return f->any;
}

/* Each of the ';'-separated folders with a file's name. */
static bool try_folders(struct found *f, const char *folders, const char *name, const struct ledger_image *image)
{
    for (const char *end; !f->any && (end = strchr(folders, ';')) != NULL; folders = end + 1) {
        struct text path = {0};
        text_add_n(&path, folders, (size_t)(end - folders));
        text_addf(&path, "\\%s", name);
        if (!path.failed)
            try_image(f, text_str(&path), image, false);
        text_free(&path);
    }
    return f->any;
}

static void find_image(struct symbols *s, struct found *f, const struct symbol_ask *ask)
{
    const char *name = symbols_path_name(ask->path);
    struct text local = {0};
    if (symbols_path_local(ask->path, &local))
        try_image(f, text_str(&local), ask->image, true);
    text_free(&local);
    if (!f->any && *name)
        try_folders(f, text_str(&s->folders), name, ask->image);
}

/* Files of one name lie in many places: the search goes on until one is the right one. */
struct search {
    const struct ledger_image *image; /* a module is looked for, */
    const struct pdb_identity *pdb;   /* or its symbols */
    struct text found;
};

static bool is_wanted(const struct search *x, const char *path)
{
    struct pe_identity file;
    struct pdb_identity pdb;
    if (x->image)
        return pe_identity_read(path, &file, NULL) && is_the_one(&file, x->image);
    return pdb_identity_read(path, &pdb, NULL) && pdb.age == x->pdb->age &&
           !memcmp(pdb.guid, x->pdb->guid, sizeof pdb.guid);
}

/* Returns whether to go on. */
static BOOL CALLBACK on_candidate(PCWSTR path, void *ctx)
{
    struct search *x = ctx;
    char *utf8 = utf16_to_utf8(path);
    bool wanted = utf8 && !x->found.len && is_wanted(x, utf8);
    if (wanted)
        text_add(&x->found, utf8);
    free(utf8);
    return !wanted;
}

/* `found` is the caller's to free. */
static bool search(struct symbols *s, struct search *x, const char *path, const char *name, void *id, DWORD two,
                   DWORD flags)
{
    WCHAR found[MAX_PATH + 1] = {0};
    WCHAR *wide_path = utf16_from_utf8(path);
    WCHAR *wide_name = utf16_from_utf8(name);
    if (*path && *name && wide_path && wide_name &&
        s->calls.find_file(handle_of(s), wide_path, wide_name, id, two, 0, flags, found, on_candidate, x)) {
        found[MAX_PATH] = 0;
        on_candidate(found, x); /* a symbol server's file is not asked about */
    }
    free(wide_name);
    free(wide_path);
    return x->found.len && !x->found.failed;
}

/* The user's symbol path may lead to the module itself, by time stamp and size. */
static void find_image_on_path(struct symbols *s, struct found *f, const struct symbol_ask *ask)
{
    DWORD timestamp = ask->image->timestamp;
    struct search x = {.image = ask->image};
    if (timestamp && search(s, &x, text_str(&s->user_path), symbols_path_name(ask->path), &timestamp, ask->image->size,
                            SSRVOPT_DWORDPTR))
        try_image(f, text_str(&x.found), ask->image, false);
    text_free(&x.found);
}

static DWORD64 load(struct symbols *s, const char *file, const struct ledger_image *image, uint64_t base)
{
    WCHAR *wide = utf16_from_utf8(file);
    DWORD size = image->size ? image->size : SIZE_UNKNOWN;
    DWORD64 at = wide ? s->calls.load(handle_of(s), NULL, wide, NULL, base, size, NULL, 0) : 0;
    free(wide);
    return at;
}

/* What dbghelp loaded must be what was looked for, and hold more than the names of exports: between two of those may
 * lie functions without a name. */
static bool has_symbols(struct symbols *s, uint64_t base, IMAGEHLP_MODULEW64 *info)
{
    *info = (IMAGEHLP_MODULEW64){.SizeOfStruct = sizeof *info};
    return s->calls.module_info(handle_of(s), base, info) && info->SymType != SymNone && info->SymType != SymExport &&
           info->SymType != SymDeferred && info->SymType != SymVirtual && !info->PdbUnmatched;
}

/* The file with the symbols alone: no other file is looked at on its behalf. */
static bool load_pdb(struct symbols *s, const char *pdb, const struct ledger_image *image, uint64_t base)
{
    IMAGEHLP_MODULEW64 info;
    if (!load(s, pdb, image, base))
        return false;
    if (has_symbols(s, base, &info))
        return true;
    s->calls.unload(handle_of(s), base);
    return false;
}

/* Through the module's file: for symbols that it holds itself, and where dbghelp reads no others without it. */
static bool load_image(struct symbols *s, const struct found *f, const struct ledger_image *image, uint64_t base)
{
    IMAGEHLP_MODULEW64 info;
    if (f->identity.old_debug || !symbols_path_is_harmless(f->identity.pdb) ||
        !load(s, text_str(&f->path), image, base))
        return false;
    if (has_symbols(s, base, &info) && info.ImageSize == f->identity.size && info.CheckSum == f->identity.checksum)
        return true;
    s->calls.unload(handle_of(s), base);
    return false;
}

/* Where a file with symbols may lie: the user's path, the recordings' folders, the module's own, the linker's. */
static void pdb_path(const struct symbols *s, const struct found *f, const char *pdb, struct text *out)
{
    struct text folder = {0};
    text_addf(out, "%s;%s", text_str(&s->user_path), text_str(&s->folders));
    if (f->any && symbols_path_folder(text_str(&f->path), &folder) && !strpbrk(text_str(&folder), ";*"))
        text_addf(out, "%s;", text_str(&folder));
    text_clear(&folder);
    if (f->any && pdb[0] && pdb[1] == ':' && symbols_path_is_harmless(pdb) && symbols_path_folder(pdb, &folder) &&
        !strpbrk(text_str(&folder), ";*"))
        text_addf(out, "%s;", text_str(&folder));
    text_free(&folder);
}

/* By the trace's own word, else by the module's. */
static bool pdb_wanted(const struct found *f, const struct symbol_ask *ask, struct pdb_identity *id, const char **name)
{
    bool by_trace = ask->image->identified;
    if (!by_trace && !(f->any && f->identity.identified))
        return false;
    id->age = by_trace ? ask->image->age : f->identity.age;
    memcpy(id->guid, by_trace ? ask->image->guid : f->identity.guid, sizeof id->guid);
    *name = by_trace ? ask->pdb : f->identity.pdb;
    return **name != 0;
}

/* LOAD_OTHERWISE: the module's file may hold symbols, or lead dbghelp to them. */
enum load_result { LOAD_DONE, LOAD_OTHERWISE, LOAD_NOTHING };

static enum load_result load_by_pdb(struct symbols *s, const struct found *f, const struct symbol_ask *ask,
                                    uint64_t base)
{
    struct pdb_identity id;
    const char *name = "";
    if (!pdb_wanted(f, ask, &id, &name))
        return LOAD_OTHERWISE;
    struct search x = {.pdb = &id};
    struct text path = {0};
    GUID guid;
    memcpy(&guid, id.guid, sizeof guid);
    pdb_path(s, f, name, &path);
    enum load_result result = LOAD_NOTHING;
    if (!path.failed && search(s, &x, text_str(&path), symbols_path_name(name), &guid, id.age, SSRVOPT_GUIDPTR))
        result = load_pdb(s, text_str(&x.found), ask->image, base) ? LOAD_DONE : LOAD_OTHERWISE;
    text_free(&x.found);
    text_free(&path);
    return result;
}

static bool load_module(struct symbols *s, const struct symbol_ask *ask, uint64_t base)
{
    struct found f = {0};
    if (ask->image->ambiguous)
        return false;
    find_image(s, &f, ask);
    enum load_result result = load_by_pdb(s, &f, ask, base);
    if (result == LOAD_OTHERWISE && !f.any) {
        find_image_on_path(s, &f, ask);
        result = f.any ? load_by_pdb(s, &f, ask, base) : LOAD_NOTHING;
    }
    bool ok = result == LOAD_DONE || (result == LOAD_OTHERWISE && load_image(s, &f, ask->image, base));
    text_free(&f.path);
    return ok;
}

static bool same_image(const struct ledger_image *a, const struct ledger_image *b)
{
    return a->timestamp == b->timestamp && a->size == b->size && a->checksum == b->checksum && a->age == b->age &&
           a->identified == b->identified && a->ambiguous == b->ambiguous && !memcmp(a->guid, b->guid, sizeof a->guid);
}

static bool is_of(const struct module *m, const struct symbol_ask *ask)
{
    return same_image(&m->image, ask->image) && !strcmp(m->path, ask->path);
}

/* The module, loaded when it is met first. NULL for want of memory. */
static const struct module *module_of(struct symbols *s, const struct symbol_ask *ask)
{
    if (s->last < s->count && is_of(&s->modules[s->last], ask))
        return &s->modules[s->last];
    for (s->last = 0; s->last < s->count; s->last++)
        if (is_of(&s->modules[s->last], ask))
            return &s->modules[s->last];
    char *path = text_copy(ask->path);
    if (!path || !grow_array(&s->modules, &s->room, s->count + 1, sizeof *s->modules)) {
        free(path);
        return NULL;
    }
    struct module *m = &s->modules[s->count++];
    *m = (struct module){.path = path, .image = *ask->image};
    uint64_t base = s->next_base;
    s->next_base += ((uint64_t)(ask->image->size ? ask->image->size : SIZE_UNKNOWN) + 0x1FFFF) & ~(uint64_t)0xFFFF;
    if (load_module(s, ask, base))
        m->base = base;
    return m;
}

/* A frame is where its call returns to: the call itself stands right before. */
static bool find(void *ctx, const struct symbol_ask *ask, struct text *out)
{
    struct symbols *s = ctx;
    if (atomic_load(&s->cancelled) || !open_once(s))
        return false;
    const struct module *m = module_of(s, ask);
    if (!m || !m->base || (ask->image->size && ask->offset >= ask->image->size))
        return false;
    union {
        SYMBOL_INFOW info;
        uint8_t room[sizeof(SYMBOL_INFOW) + NAME_UNITS * sizeof(WCHAR)];
    } symbol = {.info = {.SizeOfStruct = sizeof(SYMBOL_INFOW), .MaxNameLen = NAME_UNITS}};
    DWORD64 displacement = 0;
    uint64_t address = m->base + ask->offset - (ask->offset ? 1 : 0);
    if (!s->calls.from_address(handle_of(s), address, &displacement, &symbol.info))
        return false;
    const SYMBOL_INFOW *info = &symbol.info;
    if (info->Address < m->base || info->Address > address || (info->Size && address - info->Address >= info->Size))
        return false;
    WCHAR *name = symbol.info.Name;
    name[info->NameLen < NAME_UNITS ? info->NameLen : NAME_UNITS - 1] = 0;
    char *utf8 = utf16_to_utf8(name);
    bool named = utf8 && *utf8;
    if (named)
        text_addf(out, "%s+0x%llx", utf8, (unsigned long long)(m->base + ask->offset - info->Address));
    free(utf8);
    return named;
}

static void cancel(void *ctx)
{
    struct symbols *s = ctx;
    atomic_store(&s->cancelled, true);
}

static void free_symbols(struct symbols *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        free(s->modules[i].path);
    free(s->modules);
    text_free(&s->user_path);
    text_free(&s->folders);
    mutex_destroy(&s->lock);
    free(s);
}

static void close_symbols(void *ctx)
{
    struct symbols *s = ctx;
    if (s->ready)
        s->calls.cleanup(handle_of(s));
    if (s->has_turn)
        atomic_flag_clear(&turn);
    free_symbols(s);
}

static void add_environment_path(struct text *out)
{
    DWORD n = GetEnvironmentVariableW(L"_NT_SYMBOL_PATH", NULL, 0);
    WCHAR *wide = n ? malloc(n * sizeof *wide) : NULL;
    bool got = wide && GetEnvironmentVariableW(L"_NT_SYMBOL_PATH", wide, n) < n;
    char *utf8 = got ? utf16_to_utf8(wide) : NULL;
    if (utf8)
        text_add(out, utf8);
    free(utf8);
    free(wide);
}

/* A folder's name with ';' or '*' in it would be read as something else. */
static void add_folders(struct text *out, const struct symbols_options *options)
{
    for (unsigned i = 0; i < options->file_count; i++) {
        struct text folder = {0};
        if (symbols_path_folder(options->files[i], &folder) && !strpbrk(text_str(&folder), ";*"))
            text_addf(out, "%s;", text_str(&folder));
        text_free(&folder);
    }
}

bool symbols_create_over(const struct symbols_options *options, const struct symbols_seam *seam,
                         struct symbol_source *out, struct symbols **symbols, struct err *err)
{
    struct symbols *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NO_MEMORY, "Looking up the names of functions");
    s->seam = *seam;
    s->next_base = FIRST_BASE;
    mutex_init(&s->lock);
    atomic_init(&s->kind, SYMBOLS_NOT_LOADED);
    atomic_init(&s->cancelled, false);
    if (options->path)
        text_add(&s->user_path, options->path);
    else
        add_environment_path(&s->user_path);
    add_folders(&s->folders, options);
    if (s->user_path.failed || s->folders.failed) {
        free_symbols(s);
        return err_set(err, ERR_NO_MEMORY, "Looking up the names of functions");
    }
    *out = (struct symbol_source){.ctx = s, .find = find, .cancel = cancel, .close = close_symbols};
    *symbols = s;
    return true;
}

bool symbols_create(const struct symbols_options *options, struct symbol_source *out, struct symbols **symbols,
                    struct err *err)
{
    static const struct symbols_seam none = {0};
    return symbols_create_over(options, &none, out, symbols, err);
}

enum symbols_kind symbols_library_kind(const struct symbols *s)
{
    return (enum symbols_kind)atomic_load(&s->kind);
}

bool symbols_wants_server(const struct symbols *s)
{
    const char *path = text_str(&s->user_path);
    return text_match("*srv*", path) || text_match("*http:*", path) || text_match("*https:*", path);
}

bool symbols_failed(const struct symbols *s, struct err *why)
{
    struct mutex *lock = (struct mutex *)(uintptr_t)&s->lock;
    mutex_lock(lock);
    bool failed = s->why.code != ERR_NONE;
    if (failed)
        *why = s->why;
    mutex_unlock(lock);
    return failed;
}
