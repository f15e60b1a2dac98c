/* Numbers of the words that profile_text needs: 1400 to 1499. The resource compiler reads it. */
#ifndef HR_RECORD_PROFILE_WORDS_H
#define HR_RECORD_PROFILE_WORDS_H

#define WORD_PROBLEM       1400 /* + enum profile_problem_code */
#define WORD_SPAN_HOLDS    1450
#define WORD_SPAN_UNKNOWN  1451
#define WORD_SPAN_SWITCH   1452
#define WORD_SPAN_CLOSE    1453
#define WORD_SECONDS       1454
#define WORD_MINUTES       1455
#define WORD_HOURS         1456
#define WORD_DAYS          1457
#define WORD_SPAN_GROWS    1458
#define WORD_STOP_AFTER    1460
#define WORD_STOP_AT       1461
#define WORD_STOP_DISK     1462
#define WORD_STOP_HOLD     1463
#define WORD_STOP_HOLD_ALL 1464
#define WORD_STOP_GROW     1465
#define WORD_STOP_GROW_ALL 1466

#endif
