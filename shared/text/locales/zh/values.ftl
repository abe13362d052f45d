# How times and lengths of time are written. The code chooses the message and the numbers.

duration-seconds = { $number }秒
duration-minutes = { $number }分钟
duration-hours = { $number }小时
# Stands in where the length is not known.
duration-unknown = 一段时间

# $month is the month's number, $clock a time such as 09:05.
time = { $year }年{ $month }月{ $day }日 { $clock }

# $weekday is the day's number in its week, 1 for Monday.
weekday-short = { $weekday ->
    [1] 周一
    [2] 周二
    [3] 周三
    [4] 周四
    [5] 周五
    [6] 周六
   *[7] 周日
}
# Of what is soon, so without a year.
time-short = { $month }月{ $day }日({ weekday-short }){ $clock }
