/* Numbers of the words that result_text needs: 1100 to 1199. Plain #defines, because the resource compiler reads them
 * too. */
#ifndef HR_REPORT_RESULT_WORDS_H
#define HR_REPORT_RESULT_WORDS_H

#define WORD_RESULT_SUMMARY       1100
#define WORD_RESULT_SUMMARY_EXIT  1101
#define WORD_RESULT_LOST          1102
#define WORD_RESULT_UNKNOWN_LOST  1103
#define WORD_RESULT_DAMAGED       1104
#define WORD_RESULT_MERGED        1105
#define WORD_RESULT_NO_LEAKS      1106
#define WORD_RESULT_NO_MATCH      1107
#define WORD_RESULT_NO_HANDLES    1108
#define WORD_RESULT_NO_NAME       1109
#define WORD_RESULT_OTHER_NAMES   1110
#define WORD_RESULT_NO_STACK      1111
#define WORD_RESULT_NOT_CLOSED    1112
#define WORD_RESULT_MORE          1113
#define WORD_RESULT_DETAIL        1114
#define WORD_RESULT_DETAIL_TID    1115
#define WORD_RESULT_DETAIL_NAME   1116
#define WORD_RESULT_DETAIL_CLOSED 1117
#define WORD_RESULT_DETAIL_EXIT   1118
#define WORD_RESULT_DETAIL_LOST   1119
#define WORD_RESULT_UNCERTAIN     1120
#define WORD_RESULT_DETAIL_GROUP  1121
#define WORD_RESULT_DETAIL_MORE   1122
#define WORD_RESULT_CREATED_BY    1123
#define WORD_RESULT_MOST_BY       1124
#define WORD_RESULT_CLOSED_BY     1125
#define WORD_RESULT_PATH          1126
#define WORD_RESULT_MILLISECONDS  1127
#define WORD_RESULT_MICROSECONDS  1128
#define WORD_RESULT_LIFETIME      1140 /* + enum result_lifetime, which has eleven values */
#define WORD_RESULT_COLUMN        1152 /* + enum result_column, which has seven */
#define WORD_RESULT_HEAD          1160 /* + enum result_cell, which has seven */
#define WORD_RESULT_HOW           1168 /* + enum ledger_how, which has four values */

#endif
