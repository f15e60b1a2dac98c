/* Reads the command line of handlerec record: profile, types, stacks, storage, what ends it, file. */
#include "cli/cli.h"
#include "cli/cli_record.h"
#include "core/base/file.h"
#include "core/base/thread.h"
#include "core/profile/type_names.h"
#include "core/record/stop_rules.h"
#include "win/profile_store.h"

#include <stddef.h>
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
    const char *ring;
    const char *circular;
    const char *segment;
    const char *keep;
    const char *snapshots;
    const char *stop_when;
    const char *stop_growth;
    const char *stop_at;
    const char *stop_disk;
    bool rescue;
    bool one_file;
};

/* Those that stand once, each with the field of struct words that takes its value. */
static const struct {
    const char *name;
    size_t field;
    bool rescue; /* goes with --rescue */
} single[] = {
    {"--profile", offsetof(struct words, profile), false},
    {"--stacks", offsetof(struct words, stacks), false},
    {"--for", offsetof(struct words, time), false},
    {"-o", offsetof(struct words, path), true},
    {"--ring", offsetof(struct words, ring), false},
    {"--circular", offsetof(struct words, circular), false},
    {"--segment", offsetof(struct words, segment), false},
    {"--keep", offsetof(struct words, keep), false},
    {"--snapshot-every", offsetof(struct words, snapshots), false},
    {"--stop-when", offsetof(struct words, stop_when), false},
    {"--stop-growth", offsetof(struct words, stop_growth), false},
    {"--stop-at", offsetof(struct words, stop_at), false},
    {"--stop-disk", offsetof(struct words, stop_disk), false},
};
#define SINGLE_COUNT (sizeof single / sizeof single[0])

static const char **field_of(struct words *w, size_t i)
{
    return (const char **)(void *)((char *)w + single[i].field);
}

static enum exit_code take_value(struct words *w, const char *name, const char *value)
{
    for (size_t i = 0; i < SINGLE_COUNT; i++) {
        if (strcmp(single[i].name, name) != 0)
            continue;
        if (*field_of(w, i))
            return cli_usage("record", "%s stands twice", name);
        *field_of(w, i) = value;
        return EXIT_OK;
    }
    if (w->type_count == RECORD_MAX_TYPES)
        return cli_usage("record", "too many types");
    w->types[w->type_count++] = value;
    return EXIT_OK;
}

static bool takes_value(const char *name)
{
    for (size_t i = 0; i < SINGLE_COUNT; i++)
        if (strcmp(single[i].name, name) == 0)
            return true;
    return strcmp(name, "--type") == 0;
}

static bool starts_something(struct words *w)
{
    for (size_t i = 0; i < SINGLE_COUNT; i++)
        if (*field_of(w, i) && !single[i].rescue)
            return true;
    return w->type_count > 0;
}

static enum exit_code read_words(int argc, char **argv, struct words *w)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--rescue") == 0) {
            w->rescue = true;
            continue;
        }
        if (strcmp(argv[i], "--one-file") == 0) {
            w->one_file = true;
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
    if (w->rescue && starts_something(w))
        return cli_usage("record", "--rescue starts no recording: only -o and --one-file go with it");
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

/* A number and one of the letters of `units`, whose factors stand in `factors`; the first is meant without a letter. */
static bool read_amount(const char *s, const char *units, const uint64_t *factors, uint64_t most, uint64_t *out)
{
    uint64_t n = 0;
    const char *p = s;
    for (; *p >= '0' && *p <= '9' && n <= most; p++)
        n = n * 10 + (uint64_t)(*p - '0');
    const char *unit = *p ? strchr(units, *p) : units;
    if (p == s || !n || !unit || (*p && p[1] && strcmp(p + 1, "B") != 0))
        return false;
    uint64_t factor = factors[unit - units];
    if (n > most / factor)
        return false;
    *out = n * factor;
    return true;
}

static bool amount_of_time(const char *s, uint64_t *seconds)
{
    static const uint64_t factors[] = {1, 60, 3600};
    return read_amount(s, "smh", factors, MAX_SECONDS, seconds);
}

static bool amount_of_mb(const char *s, uint64_t *mb)
{
    static const uint64_t factors[] = {1, 1024};
    return read_amount(s, "MG", factors, UINT32_MAX, mb);
}

static enum exit_code read_time(const char *s, const char *option, uint64_t *seconds)
{
    if (s && !amount_of_time(s, seconds))
        return cli_usage("record", "%s takes a number with s, m or h after it, up to a year; not '%s'", option, s);
    return EXIT_OK;
}

/* Milliseconds too: 100ms. */
static enum exit_code read_short_time(const char *s, const char *option, uint64_t *ms)
{
    static const uint64_t one = 1;
    char digits[16] = "";
    size_t n = s ? strlen(s) : 0;
    if (n < 3 || n - 2 >= sizeof digits || strcmp(s + n - 2, "ms") != 0) {
        uint64_t seconds = 0;
        enum exit_code code = read_time(s, option, &seconds);
        *ms = seconds * 1000;
        return code;
    }
    memcpy(digits, s, n - 2);
    if (!read_amount(digits, "", &one, MAX_SECONDS, ms))
        return cli_usage("record", "%s takes a number with ms, s, m or h after it; not '%s'", option, s);
    return EXIT_OK;
}

static enum exit_code read_mb(const char *s, const char *option, uint32_t *out)
{
    uint64_t mb = 0;
    if (!s)
        return EXIT_OK;
    if (!amount_of_mb(s, &mb))
        return cli_usage("record", "%s takes a number of MB, or of GB with G after it; not '%s'", option, s);
    *out = (uint32_t)mb;
    return EXIT_OK;
}

static enum exit_code read_storage(const struct words *w, struct profile *p)
{
    uint32_t ring = 0;
    enum exit_code code = read_mb(w->ring, "--ring", &ring);
    if (code == EXIT_OK)
        code = read_mb(w->circular, "--circular", &p->max_file_mb);
    if (code != EXIT_OK)
        return code;
    if (w->ring && w->circular)
        return cli_usage("record", "--ring and --circular exclude each other");
    if (w->circular)
        p->storage = PROFILE_CIRCULAR;
    if (w->ring) {
        p->storage = PROFILE_RING;
        p->memory_percent = 0;
        p->buffers = (uint32_t)((uint64_t)ring * 1024 / p->buffer_kb);
        p->buffers = p->buffers > PROFILE_BUFFERS_MIN ? p->buffers : PROFILE_BUFFERS_MIN;
    }
    return EXIT_OK;
}

/* "10m" or "200MB"; both stand in one with a comma between. */
static enum exit_code read_segment(const char *s, struct profile *p)
{
    if (!s)
        return EXIT_OK;
    p->segment_minutes = 0;
    p->segment_mb = 0;
    for (;;) {
        char one[32];
        uint64_t seconds = 0;
        uint64_t mb = 0;
        size_t n = strcspn(s, ",");
        snprintf(one, sizeof one, "%.*s", (int)(n < sizeof one ? n : sizeof one - 1), s);
        bool size = strpbrk(one, "MG") != NULL;
        if (size ? !amount_of_mb(one, &mb) : !amount_of_time(one, &seconds) || seconds % 60 != 0)
            return cli_usage("record", "--segment takes whole minutes (10m, 2h), a size (200MB), or both; not '%s'", s);
        if (size)
            p->segment_mb = (uint32_t)mb;
        else
            p->segment_minutes = (uint32_t)(seconds / 60);
        s += n;
        if (!*s)
            return EXIT_OK;
        s++;
    }
}

static enum exit_code read_rule(const char *s, const char *option, bool growth, struct profile_stop *out)
{
    struct err err = {0};
    struct profile_stop one = {0};
    if (!s)
        return EXIT_OK;
    if (!stop_rules_parse(s, &one, &err))
        return cli_usage("record", "%s %s: %s", option, s, err.doing);
    if (growth != (one.grow_per_minute != 0))
        return cli_usage("record",
                         growth ? "%s takes TYPE>NUMBER/min, as in Event>500/min; not '%s'"
                                : "%s takes PROCESS:TYPE>NUMBER, as in app.exe:Event>5000; not '%s'",
                         option, s);
    return stop_rules_parse(s, out, &err) ? EXIT_OK : cli_fail(&err);
}

static enum exit_code read_stop(const struct words *w, struct profile *p)
{
    struct profile_stop *stop = &p->stop;
    uint32_t gb = stop->disk_below_mb / 1024;
    enum exit_code code = read_rule(w->stop_when, "--stop-when", false, stop);
    if (code == EXIT_OK)
        code = read_rule(w->stop_growth, "--stop-growth", true, stop);
    if (code == EXIT_OK)
        code = read_mb(w->stop_at, "--stop-at", &stop->at_mb);
    if (code == EXIT_OK && w->stop_disk)
        code = read_mb(w->stop_disk, "--stop-disk", &gb);
    if (code == EXIT_OK && w->stop_disk) {
        /* A bare number is GB here, as disks are spoken of. */
        bool in_gb = !strpbrk(w->stop_disk, "MG");
        if (in_gb && gb > UINT32_MAX / 1024)
            return cli_usage("record", "--stop-disk takes a number of GB; not '%s'", w->stop_disk);
        stop->disk_below_mb = in_gb ? gb * 1024 : gb;
    }
    return code;
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
    out->one_file = w.one_file;
    if ((code = read_time(w.time, "--for", &out->seconds)) != EXIT_OK ||
        (code = read_short_time(w.snapshots, "--snapshot-every", &out->snapshot_ms)) != EXIT_OK)
        return code;
    profile_default(&out->profile);
    if (w.profile && !profile_store_find(w.profile, &out->profile, &err))
        return cli_fail(&err);
    if ((code = read_stacks(w.stacks, &out->profile)) != EXIT_OK ||
        (code = read_types(&w, sys, &out->profile)) != EXIT_OK || (code = read_storage(&w, &out->profile)) != EXIT_OK ||
        (code = read_segment(w.segment, &out->profile)) != EXIT_OK ||
        (code = read_mb(w.keep, "--keep", &out->profile.keep_mb)) != EXIT_OK ||
        (code = read_stop(&w, &out->profile)) != EXIT_OK)
        return code;
    if (out->snapshot_ms && out->profile.storage != PROFILE_RING)
        return cli_usage("record", "--snapshot-every goes with a memory ring: --ring MB");
    if (!out->rescue && !profile_check(&out->profile, &err))
        return cli_fail(&err);
    return read_path(&w, sys, out->path);
}
