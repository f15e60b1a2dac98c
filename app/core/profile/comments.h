/* What WPR's schema cannot say stands in the root's Comments attribute:
 *     HandleRecorder:1;title=All%20handles;types=Even,File;storage=circular;maxMB=500
 * The keys, each at most once; what is not said is 0, empty or off:
 *     title         what people call the profile, as a Name can have no blank
 *     types         the type filter: up to four tags, or * for all types
 *     storage       file, ring, circular
 *     maxMB         the file's size
 *     segmentMin, segmentMB, keepMB                a new file every so often, and how much of them is kept
 *     live=1        counts of creates, closes and duplicates while recording
 *     stopAfterS, stopAtMB, stopDiskMB             stop rules: after seconds, at a size, below so much free disk
 *     holdProcess, holdType, holdCount             ... when a process holds more handles
 *     growType, growPerMin                         ... when a type grows faster
 * Values are percent-encoded; other people's words may stand before and after, set off by white space. */
#ifndef HR_PROFILE_COMMENTS_H
#define HR_PROFILE_COMMENTS_H

#include "core/base/text.h"
#include "core/profile/profile.h"

struct comments {
    bool ours;     /* the attribute holds a part of ours; the rest of the fields comes from it */
    bool filtered; /* types was given and is not '*' */
    bool has_storage;
    struct profile said; /* of it the fields that have a key; name: the title, empty when the profile's Name is shown */
    char unknown[64];    /* first key that this version does not know; empty: none */
    struct text other;   /* what is not ours, without white space around it */
};

/* Fills `out`, which is all zero; the caller frees out->other. On failure `why` says in one sentence what is wrong with
 * our part. */
bool comments_parse(const char *attribute, struct comments *out, char *why, size_t why_size);

/* The attribute that comments_parse reads the same profile from, and p->comments after it. `name`: what the Name
 * attribute says; the title is left out when it is the same. */
void comments_write(const struct profile *p, const char *name, struct text *out);

#endif
