/* Reads the command line, and writes the one for the restart as administrator. */
#include "ui/options.h"

#include "core/base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bit;
} stack_names[] = {
    {"create", PROFILE_STACK_CREATE},
    {"duplicate", PROFILE_STACK_DUPLICATE},
    {"close", PROFILE_STACK_CLOSE},
};
#define STACK_NAMES (sizeof stack_names / sizeof stack_names[0])

static bool take_profile(struct options *o, const char *value)
{
    return value[0] && text_put(o->profile, sizeof o->profile, value);
}

/* The next item of a comma list; false at its end. */
static bool next_item(const char **list, char *out, size_t size)
{
    if (!**list)
        return false;
    size_t n = strcspn(*list, ",");
    if (n >= size)
        n = size - 1;
    memcpy(out, *list, n);
    out[n] = 0;
    *list += strcspn(*list, ",");
    if (**list)
        (*list)++;
    return true;
}

static bool take_types(struct options *o, const char *value)
{
    char item[64];
    o->has_filter = true;
    if (strcmp(value, "*") == 0)
        return true;
    while (next_item(&value, item, sizeof item)) {
        if (!item[0] || o->tag_count == PROFILE_MAX_TAGS)
            return false;
        o->tags[o->tag_count++] = profile_tag(item);
    }
    return o->tag_count > 0;
}

static bool take_stacks(struct options *o, const char *value)
{
    char item[32];
    o->has_stacks = true;
    while (next_item(&value, item, sizeof item)) {
        size_t i = 0;
        while (i < STACK_NAMES && text_casecmp(stack_names[i].name, item) != 0)
            i++;
        if (i < STACK_NAMES)
            o->stacks |= stack_names[i].bit;
        else if (text_casecmp("none", item) != 0)
            return false;
    }
    return true;
}

static bool take_record(struct options *o, const char *value)
{
    (void)value;
    o->record = true;
    return true;
}

static bool take_help(struct options *o, const char *value)
{
    (void)value;
    o->help = true;
    return true;
}

static bool take_restarted(struct options *o, const char *value)
{
    (void)value;
    o->restarted = true;
    return true;
}

static const struct {
    const char *name;
    bool has_value;
    bool (*take)(struct options *o, const char *value);
} switches[] = {
    {"record", false, take_record}, {"profile", true, take_profile},      {"types", true, take_types},
    {"stacks", true, take_stacks},  {"restarted", false, take_restarted}, {"?", false, take_help},
    {"help", false, take_help},
};

/* /name or --name. */
static const char *switch_name(const char *arg)
{
    if (arg[0] == '/')
        return arg + 1;
    return strncmp(arg, "--", 2) == 0 ? arg + 2 : NULL;
}

/* Another copy of the program that shows it has another current folder. NULL for want of memory. */
static char *absolute(const char *path)
{
    WCHAR *wide = utf16_from_utf8(path);
    DWORD room = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
    WCHAR *full = room ? malloc(room * sizeof *full) : NULL;
    DWORD n = full ? GetFullPathNameW(wide, room, full, NULL) : 0;
    char *out = n && n < room ? utf16_to_utf8(full) : NULL;
    free(full);
    free(wide);
    return out;
}

static bool take_file(struct options *o, const char *path)
{
    if (!path[0] || o->file_count == OPTIONS_FILES)
        return false;
    o->files[o->file_count] = absolute(path);
    return o->files[o->file_count] && ++o->file_count;
}

static bool parse(int argc, char *const *argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *name = switch_name(argv[i]);
        size_t s = 0;
        if (!name) {
            if (!take_file(o, argv[i]))
                return false;
            continue;
        }
        while (s < sizeof switches / sizeof switches[0] && text_casecmp(switches[s].name, name) != 0)
            s++;
        if (s == sizeof switches / sizeof switches[0])
            return false;
        if (switches[s].has_value && i + 1 == argc)
            return false;
        if (!switches[s].take(o, switches[s].has_value ? argv[++i] : ""))
            return false;
    }
    return true;
}

/* The restarted program has another current folder. */
static bool make_absolute(struct options *o)
{
    char *full = absolute(o->profile);
    bool ok = full && text_put(o->profile, sizeof o->profile, full);
    free(full);
    return ok;
}

bool options_parse(int argc, WCHAR *const *argv, struct options *out)
{
    struct options o = {0};
    char **utf8 = calloc((size_t)argc + 1, sizeof *utf8);
    bool ok = utf8 != NULL;
    for (int i = 0; ok && i < argc; i++)
        ok = (utf8[i] = utf16_to_utf8(argv[i])) != NULL;
    ok = ok && parse(argc, utf8, &o) && (!o.profile[0] || make_absolute(&o));
    for (int i = 0; utf8 && i < argc; i++)
        free(utf8[i]);
    free(utf8);
    if (ok)
        *out = o;
    else
        options_free(&o);
    return ok;
}

void options_free(struct options *o)
{
    for (unsigned i = 0; i < o->file_count; i++)
        free(o->files[i]);
    o->file_count = 0;
}

/* A tag can hold any character, but a quote ends the argument and a comma the item: such a filter is not passed on. */
static bool tags_fit(const struct profile *p)
{
    for (unsigned i = 0; i < p->tag_count; i++) {
        char tag[5];
        profile_tag_text(p->tags[i], tag);
        if (strpbrk(tag, "\",\\"))
            return false;
    }
    return true;
}

WCHAR *options_restart_line(const char *profile_file, const struct profile *p)
{
    struct text t = {0};
    text_add(&t, "/restarted /record");
    /* A path holds no quotes. One that ends in a backslash is a folder, never a profile. */
    if (profile_file && profile_file[0])
        text_addf(&t, " /profile \"%s\"", profile_file);
    if (tags_fit(p)) {
        text_add(&t, " /types \"");
        for (unsigned i = 0; i < p->tag_count; i++) {
            char tag[5];
            profile_tag_text(p->tags[i], tag);
            text_addf(&t, "%s%s", i ? "," : "", tag);
        }
        text_add(&t, p->tag_count ? "\"" : "*\"");
    }
    text_add(&t, " /stacks none");
    for (size_t i = 0; i < STACK_NAMES; i++)
        if (p->stacks & stack_names[i].bit)
            text_addf(&t, ",%s", stack_names[i].name);
    WCHAR *wide = t.failed ? NULL : utf16_from_utf8(text_str(&t));
    text_free(&t);
    return wide;
}
