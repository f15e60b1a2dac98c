/* handlerec wprp: checks a recording profile and says what it records. */
#include "cli/cli.h"
#include "cli/cli_words.h"
#include "core/profile/xperf.h"
#include "core/record/profile_text.h"
#include "win/folders.h"
#include "win/sys_win.h"
#include "win/xml_win.h"

#include <stdio.h>
#include <string.h>

static enum exit_code read_options(int argc, char **argv, bool *xperf, const char **file)
{
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--xperf"))
            *xperf = true;
        else if (argv[i][0] == '-')
            return cli_usage("wprp", "'%s' is not an option", argv[i]);
        else if (*file)
            return cli_usage("wprp", "one file at a time, not '%s' too", argv[i]);
        else
            *file = argv[i];
    }
    return *file ? EXIT_OK : cli_usage("wprp", "no file is given");
}

static void add_xperf(const struct profile *p, uint64_t memory, struct text *out)
{
    text_add(out, "\n");
    profile_xperf_line(p, memory, out);
    text_add(out, "\n");
    profile_xperf_notes(p, out);
}

static void add_verdict(const struct profile *p, const struct wprp_exam *exam, struct text *out)
{
    if (p->foreign)
        text_add(out, "\nMade elsewhere: it can be used as it is; changes are saved as a copy without what is left "
                      "out.\n");
    if (!exam->of[WPRP_NOTE_WRONG])
        text_addf(out, "\nwpr.exe takes this file, as far as its structure is documented%s\n",
                  p->tag_count ? "; it ignores the type filter." : ".");
}

/* As the last recording on this machine was measured: the window's, or the console's. */
static void add_cost(const struct profile *p, uint64_t memory, struct text *out)
{
    char file[TRACE_PATH_MAX];
    char cost[200];
    struct span_rates rates;
    bool kept = folders_find(FOLDER_RATES, file, sizeof file, NULL) && span_rates_load(file, &rates);
    bool measured = profile_span_text(kept ? &rates : NULL, p, memory, &cli_locale, cost, sizeof cost);
    text_addf(out, "Cost: %s\n", measured ? cost : "not measured yet");
}

/* 0: it cannot be told; then a share of it stays a share. */
static uint64_t memory_bytes(void)
{
    struct sys_backend sys;
    struct sys_machine machine;
    struct err ignored = {.code = ERR_NONE};
    if (!sys_win_create(&sys, &ignored))
        return 0;
    uint64_t bytes = sys.ops->machine(sys.self, &machine, &ignored) ? machine.memory_bytes : 0;
    sys_win_destroy(&sys);
    return bytes;
}

enum exit_code cli_wprp(int argc, char **argv)
{
    bool xperf = false;
    bool examined = false;
    const char *file = NULL;
    struct wprp_exam exam = {.count = 0};
    struct profile p;
    struct err err = {.code = ERR_NONE};
    struct text out = {0};
    enum exit_code code = read_options(argc, argv, &xperf, &file);
    if (code != EXIT_OK)
        return code;
    bool taken = wprp_load_examined(file, &p, &exam, &examined, &err);
    if (!examined)
        return cli_fail(&err);
    uint64_t memory = memory_bytes();
    if (taken) {
        profile_explain(&p, memory, &out);
        add_cost(&p, memory, &out);
    }
    wprp_exam_print(&exam, file, &out);
    if (taken)
        add_verdict(&p, &exam, &out);
    if (taken && xperf)
        add_xperf(&p, memory, &out);
    code = cli_print(&out, exam.of[WPRP_NOTE_WRONG] ? EXIT_WPR : EXIT_OK);
    text_free(&out);
    return taken ? code : cli_fail(&err);
}
