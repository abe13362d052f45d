# How times and lengths of time are written. The code chooses the message and the numbers.

duration-seconds = { $number }秒
duration-minutes = { $number }分钟
duration-hours = { $number }小时
# Stands in where the length is not known.
duration-unknown = 一段时间

# $month is the month's number, $clock a time such as 09:05.
time = { $year }年{ $month }月{ $day }日 { $clock }
