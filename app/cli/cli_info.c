/* handlerec info: header facts, losses, damage and counts of a trace file. */
#include "cli/cli.h"
#include "cli/cli_files.h"

#include "core/etl/info.h"
#include "core/etl/union.h"

#include <string.h>

const char cli_info_help[] =
    "Usage: handlerec info [--json] FILE...\n"
    "\n"
    "Tells what a trace file (.etl) holds: facts of its header, lost events, damage, and how many events of each "
    "kind.\n"
    "Several files are told one by one, and then together, as one recording: a ring and its companion, snapshots,\n"
    "segments; an event that two of them hold counts once.\n"
    "\n"
    "  --json   one JSON object with the keys\n"
    "             file, bytes\n"
    "             osBuild, processors, pointerSize   of the recorded system; pointerSize is the recording program's\n"
    "             clock            \"qpc\", \"system\", \"cpu\", \"raw\" or \"unknown\"\n"
    "             bufferSize, buffers                bytes of a buffer, and how many the file has\n"
    "             mode             the log file mode, a number\n"
    "             start            UTC; null when unknown\n"
    "             durationSeconds  to the end of the session or, when it was not closed, to the last event\n"
    "             eventsLost, buffersLost            null where unknown: the file was not closed, or is from a ring\n"
    "             compressed, events\n"
    "             truncated        the file ends early or was not closed\n"
    "             damagedBuffers   buffers of which something could not be read\n"
    "             counts           most frequent first: {hook, name, count} of kernel events,\n"
    "                              {provider, id, opcode, count} of others; id is null for classic events\n"
    "           of several files {files: [such objects], together: {start, durationSeconds, events, repeated,\n"
    "           eventsLost, damaged}}; together is null when they are not of one recording\n"
    "  --       what follows is a file, even if it begins with '-'\n";

struct options {
    char **files; /* among the arguments, moved to their front */
    int file_count;
    bool json;
};

static enum exit_code parse(int argc, char **argv, struct options *o)
{
    bool only_files = false;
    o->files = argv;
    for (int i = 0; i < argc; i++) {
        char *arg = argv[i];
        if (!only_files && !strcmp(arg, "--"))
            only_files = true;
        else if (!only_files && !strcmp(arg, "--json"))
            o->json = true;
        else if (!only_files && arg[0] == '-' && arg[1])
            return cli_usage("info", "there is no option '%s'", arg);
        else
            argv[o->file_count++] = arg;
    }
    return o->file_count ? EXIT_OK : cli_usage("info", "no file is given");
}

/* One file's facts, added to what is printed at the end. */
static bool add_file(const char *file, const struct options *o, struct json *j, bool *damaged, struct err *err)
{
    struct etl_info info;
    if (!etl_info_read(file, &info, err))
        return false;
    *damaged = *damaged || etl_info_damaged(&info);
    if (o->json) {
        etl_info_json(&info, file, j);
    } else {
        text_add(j->out, j->out->len ? "\n" : "");
        etl_info_text(&info, file, j->out);
    }
    etl_info_free(&info);
    return true;
}

struct together {
    bool known;     /* they are of one recording */
    struct err why; /* not known: why */
    struct etl_union_facts facts;
};

/* False when they cannot be read; that they are not of one recording is no failure. */
static bool read_together(const struct cli_files *files, struct together *t, struct err *err)
{
    struct etl_union *u = NULL;
    const struct etl_record *record = NULL;
    enum etl_step step = ETL_STEP_OK;
    if (!etl_union_open((const char *const *)files->list, files->count, &u, &t->why)) {
        if (t->why.code != ERR_ARGUMENT)
            *err = t->why;
        return t->why.code == ERR_ARGUMENT;
    }
    while (step == ETL_STEP_OK)
        step = etl_union_next(u, &record, err);
    t->facts = *etl_union_facts(u);
    t->known = step == ETL_STEP_END;
    etl_union_close(u);
    return t->known;
}

static void together_json(const struct together *t, struct json *j)
{
    const struct etl_union_facts *f = &t->facts;
    char start[ETL_TIME_TEXT];
    if (!t->known) {
        json_null(j, "together");
        return;
    }
    etl_filetime_text(f->header.start_time, start);
    json_object(j, "together");
    json_string(j, "start", f->header.start_time ? start : NULL);
    json_real(j, "durationSeconds", (double)etl_time_since_start(&f->header, f->last) / 1e7, 7);
    json_u64(j, "events", f->events);
    json_u64(j, "repeated", f->repeated);
    if (f->losses_known || f->events_lost)
        json_u64(j, "eventsLost", f->events_lost);
    else
        json_null(j, "eventsLost");
    json_bool(j, "damaged", f->damaged);
    json_end_object(j);
}

static void together_text(const struct together *t, unsigned count, struct text *out)
{
    const struct etl_union_facts *f = &t->facts;
    char start[ETL_TIME_TEXT];
    text_addf(out, "\nTogether         ");
    if (!t->known) {
        text_addf(out, "not one recording. %s\n", t->why.remedy[0] ? t->why.remedy : t->why.doing);
        return;
    }
    etl_filetime_text(f->header.start_time, start);
    text_addf(out, "%u files of one recording\n", count);
    text_addf(out, "Started          %s, %.3f s to the last event\n", start,
              (double)etl_time_since_start(&f->header, f->last) / 1e7);
    text_addf(out, "Events           %llu; %llu more came twice\n", (unsigned long long)f->events,
              (unsigned long long)f->repeated);
}

/* Several files, as one. */
static bool add_together(const struct cli_files *files, const struct options *o, struct json *j, struct err *err)
{
    struct together t = {.known = false};
    if (!read_together(files, &t, err))
        return false;
    if (o->json)
        together_json(&t, j);
    else
        together_text(&t, files->count, j->out);
    return true;
}

static bool add_all(const struct cli_files *files, const struct options *o, struct json *j, bool *damaged,
                    struct err *err)
{
    bool several = files->count > 1;
    bool ok = true;
    if (o->json && several) {
        json_object(j, NULL);
        json_array(j, "files");
    }
    for (uint32_t i = 0; ok && i < files->count; i++)
        ok = add_file(files->list[i], o, j, damaged, err);
    if (o->json && several)
        json_end_array(j);
    ok = ok && (!several || add_together(files, o, j, err));
    if (o->json && several)
        json_end_object(j);
    return ok;
}

enum exit_code cli_info(int argc, char **argv)
{
    struct options o = {0};
    enum exit_code code = parse(argc, argv, &o);
    if (code != EXIT_OK)
        return code;
    struct err err = {0};
    struct text out = {0};
    struct json j = {.out = &out, .pretty = true};
    bool damaged = false;
    struct cli_files files = {0};
    bool ok = cli_files_add_all(&files, o.files, o.file_count, &err) && add_all(&files, &o, &j, &damaged, &err);
    if (o.json)
        text_add(&out, "\n");
    code = ok ? cli_print(&out, damaged ? EXIT_DAMAGED : EXIT_OK) : cli_fail(&err);
    text_free(&out);
    cli_files_free(&files);
    return code;
}
