/* What WPR's schema cannot say stands in the root's Comments attribute:
 *     HandleRecorder:1;title=All%20handles;types=Even,File;storage=circular;maxMB=500
 * (title: what people call the profile, as a Name can have no blank.)
 * Values are percent-encoded; other people's words may stand before and after, set off by white space. */
#ifndef HR_PROFILE_COMMENTS_H
#define HR_PROFILE_COMMENTS_H

#include "core/base/text.h"
#include "core/profile/profile.h"

struct comments {
    bool ours;     /* the attribute holds a part of ours; the rest of the fields comes from it */
    bool filtered; /* types was given and is not '*' */
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned tag_count;
    bool has_storage;
    enum profile_storage storage;
    uint32_t max_file_mb;
    char title[PROFILE_NAME_MAX]; /* empty: the profile's Name is shown */
    char unknown[64];             /* first key that this version does not know; empty: none */
    struct text other;            /* what is not ours, as it stands */
};

/* Fills `out`, which is all zero; the caller frees out->other. On failure `why` says in one sentence what is wrong with
 * our part. */
bool comments_parse(const char *attribute, struct comments *out, char *why, size_t why_size);

#endif
