/* Numbers of the words that view_text needs. Plain #defines, because the resource compiler reads them too. */
#ifndef HR_RECORD_VIEW_WORDS_H
#define HR_RECORD_VIEW_WORDS_H

#define WORD_APP              1000
#define WORD_TITLE            1001
#define WORD_TITLE_STATE      1002
#define WORD_TITLE_ADMIN      1003
#define WORD_TITLE_RECORDING  1004
#define WORD_TITLE_SAVING     1005
#define WORD_TITLE_UNSAVED    1006
#define WORD_TITLE_FAILED     1007
#define WORD_DASH             1008
#define WORD_COMMA            1009
#define WORD_NOT_MEASURED     1010
#define WORD_SUMMARY          1011
#define WORD_ALL_TYPES        1012
#define WORD_TAG_SHARED       1013
#define WORD_STACKS           1014
#define WORD_NO_STACKS        1015
#define WORD_STACK_CREATE     1016
#define WORD_STACK_DUPLICATE  1017
#define WORD_STACK_CLOSE      1018
#define WORD_TO_FILE          1019
#define WORD_TO_FILE_RATE     1020
#define WORD_TO_RING          1021
#define WORD_TO_CIRCULAR      1022
#define WORD_CLOCK            1023
#define WORD_STARTING         1024 /* + enum recorder_step, which may have sixteen values */
#define WORD_SAVING           1040 /* + enum recorder_step */
#define WORD_STEP             1056
#define WORD_STEP_PERCENT     1057
#define WORD_STEP_PLAIN       1058
#define WORD_STEP_PLAIN_PART  1059
#define WORD_BAR_UNSAVED      1060
#define WORD_BAR_SAVED        1061
#define WORD_BAR_ORPHAN       1063
#define WORD_BAR_OTHER        1064
#define WORD_BAR_CONSENT      1065
#define WORD_BAR_RESTARTED    1066
#define WORD_BAR_OTHER_OURS   1067
#define WORD_BAR_UNAVAILABLE  1069
#define WORD_PANE_CENSUS      1070
#define WORD_PANE_CENSUS_SLOW 1071
#define WORD_PANE_COUNTING    1072
#define WORD_PANE_NO_COUNTS   1073
#define WORD_PANE_LOST        1074
#define WORD_PANE_BUFFERS     1075
#define WORD_PANE_WRITTEN     1076
#define WORD_PANE_RING        1077
#define WORD_PANE_DISK        1078
#define WORD_LINK_FOLDER      1080 /* + enum view_link */
#define WORD_BAR_FAILED_PARTS 1095
#define WORD_STOP             1096
#define WORD_STOP_SAVE        1097
#define WORD_PANE_LIVE        1180
#define WORD_PANE_LIVE_COST   1181
#define WORD_PANE_LIVE_LOST   1182
#define WORD_PANE_LIVE_ENDED  1183
#define WORD_CLOCK_MARKS      1098
#define WORD_CLOCK_SEGMENTS   1099
#define WORD_BAR_SNAPSHOT     1184
#define WORD_BAR_SNAPPING     1185
#define WORD_BAR_HOTKEY       1186
#define WORD_BAR_SAVED_FILES  1187
#define WORD_TO_FILE_SPAN     1188
#define WORD_TO_RING_SPAN     1189
#define WORD_TO_CIRCULAR_SPAN 1190

#endif
