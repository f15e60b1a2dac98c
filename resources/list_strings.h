/* Numbers of the texts of the lists and the chart: 1200 to 1399. The resource compiler reads it. */
#ifndef HR_LIST_STRINGS_H
#define HR_LIST_STRINGS_H

/* What rows are worded with; list_common.c says which is which. */
#define LISTS_DASH            1200
#define LISTS_PENDING         1201
#define LISTS_YES             1202
#define LISTS_YES_SHARED      1203
#define LISTS_ALL             1204
#define LISTS_GROWS_IN        1205
#define LISTS_GROWS           1206
#define LISTS_RISING          1207
#define LISTS_FALLING         1208
#define LISTS_LEVEL           1209
#define LISTS_CHART           1210
#define LISTS_CHART_EMPTY     1211
#define LISTS_UNNAMED_PROCESS 1212

/* Instead of rows. */
#define LISTS_COUNTING     1230
#define LISTS_UNAVAILABLE  1231
#define LISTS_SELECT       1232
#define LISTS_NOBODY       1233
#define LISTS_HOLDERS_FAIL 1234
#define LISTS_NO_NUMBER    1235
#define LISTS_CHART_SELECT 1236
#define LISTS_CHART_SOON   1237

/* Headers; a header's tooltip is its number + 50. */
#define LISTS_TYPE       1250
#define LISTS_OPEN       1251
#define LISTS_CHANGE     1252
#define LISTS_PEAK       1253
#define LISTS_RATE       1254
#define LISTS_RECORDED   1255
#define LISTS_HISTORY    1256
#define LISTS_TOP        1257
#define LISTS_PROCESS    1258
#define LISTS_PID        1259
#define LISTS_CREATED    1260
#define LISTS_CLOSED     1261
#define LISTS_DUPLICATED 1262
#define LISTS_TIP        50

/* The chart's time axis. */
#define LISTS_AXIS_START  1340
#define LISTS_AXIS_MIDDLE 1341
#define LISTS_AXIS_NOW    1342

#endif
