/* Reads the command line of handlerec record: profile, types, stacks, time, file. */
#include "cli/cli.h"
#include "cli/cli_record.h"
#include "core/base/file.h"
#include "core/base/thread.h"
#include "core/profile/type_names.h"
#include "win/profile_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SECONDS (366ull * 24 * 60 * 60)
#define MAX_TYPES   256 /* Windows 11 has about 70 */

/* The words as they stood on the command line. */
struct words {
    const char *profile;
    const char *types[RECORD_MAX_TYPES];
    unsigned type_count;
    const char *stacks;
    const char *time;
    const char *path;
    bool rescue;
};

static enum exit_code take_value(struct words *w, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **field;
    } fields[] = {{"--profile", &w->profile}, {"--stacks", &w->stacks}, {"--for", &w->time}, {"-o", &w->path}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (*fields[i].field)
            return cli_usage("record", "%s stands twice", name);
        *fields[i].field = value;
        return EXIT_OK;
    }
    if (w->type_count == RECORD_MAX_TYPES)
        return cli_usage("record", "too many types");
    w->types[w->type_count++] = value;
    return EXIT_OK;
}

static bool takes_value(const char *name)
{
    static const char *const names[] = {"--profile", "--type", "--stacks", "--for", "-o"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static enum exit_code read_words(int argc, char **argv, struct words *w)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--rescue") == 0) {
            w->rescue = true;
            continue;
        }
        if (!takes_value(argv[i]))
            return cli_usage("record", "'%s' is not an option", argv[i]);
        if (i + 1 == argc || !argv[i + 1][0])
            return cli_usage("record", "%s needs a value", argv[i]);
        enum exit_code code = take_value(w, argv[i], argv[i + 1]);
        if (code != EXIT_OK)
            return code;
        i++;
    }
    if (w->rescue && (w->profile || w->type_count || w->stacks || w->time))
        return cli_usage("record", "--rescue starts no recording: only -o goes with it");
    return EXIT_OK;
}

/* The types of the running system together with the known ones. */
struct type_list {
    char names[MAX_TYPES][SYS_TYPE_NAME_MAX];
    size_t count;
    bool full; /* more types than this program was made for */
};

static void add_type(struct type_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->names[i], name) == 0)
            return;
    if (l->count == MAX_TYPES) {
        l->full = true;
        return;
    }
    text_put(l->names[l->count++], sizeof *l->names, name);
}

static void add_live_type(void *ctx, const struct sys_type *t)
{
    add_type(ctx, t->name);
}

static const char *find_type(const struct type_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (text_casecmp(l->names[i], name) == 0)
            return l->names[i];
    return NULL;
}

/* "IoCompletion also records IoCompletionReserve": the filter knows only the first four characters. */
static void tell_fellows(const struct type_list *l, const char *name)
{
    struct text t = {0};
    for (size_t i = 0; i < l->count; i++)
        if (profile_tag(l->names[i]) == profile_tag(name) && strcmp(l->names[i], name) != 0)
            text_addf(&t, "%s%s", t.len ? ", " : "", l->names[i]);
    if (t.len)
        fprintf(stderr, "%s also records %s.\n", name, text_str(&t));
    text_free(&t);
}

static enum exit_code apply_types(const struct words *w, const struct type_list *l, struct profile *p)
{
    p->tag_count = 0;
    for (unsigned i = 0; i < w->type_count; i++) {
        const char *name = find_type(l, w->types[i]);
        if (!name)
            return cli_usage("record", "there is no handle type '%s'; 'handlerec types' lists them", w->types[i]);
        uint32_t tag = profile_tag(name);
        unsigned k = 0;
        while (k < p->tag_count && p->tags[k] != tag)
            k++;
        if (k < p->tag_count)
            continue; /* chosen with a fellow */
        if (p->tag_count == PROFILE_MAX_TAGS)
            return cli_usage("record", "the system filters by at most %d types; leave some out, or all --type",
                             PROFILE_MAX_TAGS);
        p->tags[p->tag_count++] = tag;
        tell_fellows(l, name);
    }
    return EXIT_OK;
}

static enum exit_code read_types(const struct words *w, struct sys_backend *sys, struct profile *p)
{
    struct err err = {0};
    if (!w->type_count)
        return EXIT_OK;
    struct type_list *l = calloc(1, sizeof *l);
    if (!l) {
        err_set(&err, ERR_NO_MEMORY, "Listing the handle types");
        return cli_fail(&err);
    }
    /* The known names are enough where the system does not tell its own. */
    sys->ops->types(sys->self, add_live_type, l, NULL);
    for (const char *const *known = type_names_known; *known; known++)
        if (!find_type(l, *known))
            add_type(l, *known);
    if (l->full)
        fprintf(stderr, "This Windows has more handle types than this program knows what to do with.\n");
    enum exit_code code = apply_types(w, l, p);
    free(l);
    return code;
}

static enum exit_code read_stacks(const char *list, struct profile *p)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"create", PROFILE_STACK_CREATE},
                 {"close", PROFILE_STACK_CLOSE},
                 {"duplicate", PROFILE_STACK_DUPLICATE},
                 {"none", 0}};
    if (!list)
        return EXIT_OK;
    unsigned stacks = 0;
    for (const char *s = list;; s++) {
        size_t n = strcspn(s, ",");
        size_t i = 0;
        while (i < 4 && (strlen(words[i].word) != n || strncmp(words[i].word, s, n) != 0))
            i++;
        if (i == 4)
            return cli_usage("record", "--stacks takes create, close, duplicate with commas between, or none; not '%s'",
                             list);
        stacks |= words[i].bit;
        s += n;
        if (!*s)
            break;
    }
    p->stacks = stacks;
    return EXIT_OK;
}

static enum exit_code read_time(const char *s, uint64_t *seconds)
{
    uint64_t n = 0;
    const char *p = s;
    if (!s)
        return EXIT_OK;
    for (; *p >= '0' && *p <= '9' && n <= MAX_SECONDS; p++)
        n = n * 10 + (uint64_t)(*p - '0');
    uint64_t unit = *p == 'm' ? 60 : *p == 'h' ? 3600 : *p == 's' || !*p ? 1 : 0;
    if (!n || !unit || (*p && p[1]) || n > MAX_SECONDS / unit)
        return cli_usage("record", "--for takes a number with s, m or h after it, up to a year; not '%s'", s);
    *seconds = n * unit;
    return EXIT_OK;
}

static enum exit_code tell_exists(const char *path)
{
    struct err err = {0};
    err_set(&err, ERR_EXISTS, "Saving to %s", path);
    return cli_fail(&err);
}

static bool default_path(struct sys_backend *sys, char out[TRACE_PATH_MAX], struct err *err)
{
    struct sys_machine m;
    char stamp[20];
    if (!sys->ops->machine(sys->self, &m, err))
        return false;
    clock_file_stamp(clock_filetime(), stamp);
    snprintf(out, TRACE_PATH_MAX, "HandleRecorder_%s_%s.etl", m.name, stamp);
    return true;
}

/* Where the recording goes; that it can go there is known before anything is recorded. */
static enum exit_code read_path(const struct words *w, struct sys_backend *sys, char out[TRACE_PATH_MAX])
{
    struct err err = {0};
    uint64_t free_bytes = 0;
    if (w->path && !text_put(out, TRACE_PATH_MAX, w->path))
        return cli_usage("record", "the file's name is longer than %d bytes", TRACE_PATH_MAX - 1);
    if (!w->path && !default_path(sys, out, &err))
        return cli_fail(&err);
    if (file_exists(out))
        return tell_exists(out);
    return file_free_space(out, &free_bytes, &err) ? EXIT_OK : cli_fail(&err);
}

enum exit_code record_options_read(int argc, char **argv, struct sys_backend *sys, struct record_options *out)
{
    struct words w = {.type_count = 0};
    struct err err = {0};
    enum exit_code code = read_words(argc, argv, &w);
    if (code != EXIT_OK)
        return code;
    out->rescue = w.rescue;
    if ((code = read_time(w.time, &out->seconds)) != EXIT_OK)
        return code;
    profile_default(&out->profile);
    if (w.profile && !profile_store_find(w.profile, &out->profile, &err))
        return cli_fail(&err);
    if ((code = read_stacks(w.stacks, &out->profile)) != EXIT_OK ||
        (code = read_types(&w, sys, &out->profile)) != EXIT_OK)
        return code;
    return read_path(&w, sys, out->path);
}
