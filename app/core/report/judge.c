/* Compares leaks with limits and with an older report. */
#include "core/report/judge.h"

#include "core/base/file.h"
#include "core/ledger/grow.h"
#include "core/report/json_pull.h"

#include <stdlib.h>
#include <string.h>

#define BASELINE_MAX ((uint64_t)1 << 30)

struct limit {
    char process[128];
    char type[64];
    uint64_t most;
};

/* The process may have colons in it, the type may not. */
static bool read_limit(const char *s, struct limit *l, struct err *err)
{
    const char *above = strrchr(s, '>');
    const char *colon = NULL;
    for (const char *p = s; above && p < above; p++)
        if (*p == ':')
            colon = p;
    char *end = NULL;
    bool ok = above && colon && (size_t)(colon - s) < sizeof l->process &&
              (size_t)(above - colon - 1) < sizeof l->type && above[1] >= '0' && above[1] <= '9';
    if (ok) {
        memset(l, 0, sizeof *l);
        memcpy(l->process, s, (size_t)(colon - s));
        memcpy(l->type, colon + 1, (size_t)(above - colon - 1));
        l->most = strtoull(above + 1, &end, 10);
        ok = !*end && l->process[0] && l->type[0];
    }
    return ok || err_set(err, ERR_ARGUMENT, "--fail-if wants 'PROCESS:TYPE>N', not '%s'", s);
}

bool judge_check(const struct report_options *o, struct err *err)
{
    struct limit l;
    for (unsigned i = 0; i < o->fail_if.count; i++) {
        if (o->fail_if.list[i].not_it)
            return err_set(err, ERR_ARGUMENT, "--fail-if takes no '!'");
        if (!read_limit(o->fail_if.list[i].text, &l, err))
            return false;
    }
    return true;
}

bool judge_limits(const struct report *r, struct text *lines, bool *failed, struct err *err)
{
    *failed = false;
    for (unsigned i = 0; i < r->options->fail_if.count; i++) {
        struct limit l = {.most = 0};
        if (!read_limit(r->options->fail_if.list[i].text, &l, err))
            return false;
        uint64_t leaked = report_leaked(r, l.process, l.type);
        if (leaked <= l.most)
            continue;
        *failed = true;
        text_addf(lines, "%s leaked %llu %s handles, more than %llu\n", l.process, (unsigned long long)leaked, l.type,
                  (unsigned long long)l.most);
    }
    return !lines->failed || err_set(err, ERR_NO_MEMORY, "Comparing with the limits");
}

/* Leaks of one process name and type. */
struct known {
    uint32_t process; /* names */
    uint32_t type;
    uint64_t before;
    uint64_t now;
};

struct comparison {
    struct names names;
    struct known *list;
    uint32_t count;
    uint32_t room;
};

static struct known *known_at(struct comparison *c, const char *process, const char *type)
{
    uint32_t p = 0;
    uint32_t t = 0;
    if (!names_put(&c->names, process, strlen(process), &p) || !names_put(&c->names, type, strlen(type), &t))
        return NULL;
    for (uint32_t i = 0; i < c->count; i++)
        if (c->list[i].process == p && c->list[i].type == t)
            return &c->list[i];
    if (!grow_array(&c->list, &c->room, c->count + 1, sizeof *c->list))
        return NULL;
    c->list[c->count] = (struct known){.process = p, .type = t};
    return &c->list[c->count++];
}

/* One object of "groups". */
static bool read_group(struct json_pull *j, struct comparison *c)
{
    struct text process = {0};
    struct text type = {0};
    uint64_t leaks = 0;
    while (json_pull_key(j)) {
        uint64_t n = 0;
        if (!strcmp(j->key, "process"))
            json_pull_string(j, &process);
        else if (!strcmp(j->key, "type"))
            json_pull_string(j, &type);
        else if (!strcmp(j->key, "leaked") || !strcmp(j->key, "leakedAtExit"))
            leaks += json_pull_u64(j, &n) ? n : 0;
        else
            json_pull_skip(j);
    }
    bool ok = !process.failed && !type.failed;
    struct known *k = ok ? known_at(c, text_str(&process), text_str(&type)) : NULL;
    if (k)
        k->before += leaks;
    text_free(&process);
    text_free(&type);
    return k != NULL;
}

static bool read_groups(struct json_pull *j, struct comparison *c, bool *found)
{
    if (!json_pull_enter(j, '{'))
        return true;
    while (json_pull_key(j)) {
        if (strcmp(j->key, "groups") != 0) {
            json_pull_skip(j);
            continue;
        }
        *found = json_pull_enter(j, '[');
        while (*found && json_pull_item(j))
            if (json_pull_enter(j, '{') && !read_group(j, c))
                return false;
    }
    return true;
}

static bool read_baseline(const char *path, struct comparison *c, struct err *err)
{
    struct file *f = NULL;
    uint64_t size = 0;
    size_t got = 0;
    bool found = false;
    if (!file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_size(f, &size, err);
    if (ok && size > BASELINE_MAX)
        ok = err_set(err, ERR_RANGE, "Reading the baseline %s: it is too large", path);
    char *bytes = ok ? malloc((size_t)size + 1) : NULL;
    if (ok && !bytes)
        ok = err_set(err, ERR_NO_MEMORY, "Reading the baseline %s", path);
    ok = ok && file_read_at(f, 0, bytes, (size_t)size, &got, err);
    file_close(f);
    if (ok) {
        struct json_pull j = {.at = bytes, .end = bytes + got};
        if (!read_groups(&j, c, &found))
            ok = err_set(err, ERR_NO_MEMORY, "Reading the baseline %s", path);
        else if (j.bad || !found)
            ok = err_set(err, ERR_FORMAT, "Reading the baseline %s", path) ||
                 err_remedy(err, "Give a report that was written with --format json.");
    }
    free(bytes);
    return ok;
}

bool judge_baseline(const struct report *r, struct text *lines, bool *failed, struct err *err)
{
    struct comparison c = {.count = 0};
    *failed = false;
    bool ok = read_baseline(r->options->baseline, &c, err);
    for (uint32_t i = 0; ok && i < r->group_count; i++) {
        const struct report_group *g = &r->groups[i];
        char room[FILTER_TYPE_ROOM];
        struct known *k = known_at(&c, report_process_name(r, g->process), filter_type_name(r->ledger, g->type, room));
        if (k)
            k->now += g->counts.leaked + g->counts.leaked_at_exit;
        else
            ok = err_set(err, ERR_NO_MEMORY, "Comparing with the baseline");
    }
    for (uint32_t i = 0; ok && i < c.count; i++) {
        if (c.list[i].now <= c.list[i].before)
            continue;
        *failed = true;
        text_addf(lines, "%s leaked %llu %s handles, %llu in the baseline\n", names_get(&c.names, c.list[i].process),
                  (unsigned long long)c.list[i].now, names_get(&c.names, c.list[i].type),
                  (unsigned long long)c.list[i].before);
    }
    names_free(&c.names);
    free(c.list);
    return ok && (!lines->failed || err_set(err, ERR_NO_MEMORY, "Comparing with the baseline"));
}
