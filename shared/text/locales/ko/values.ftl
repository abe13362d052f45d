# How times and lengths of time are written. The code chooses the message and the numbers.

duration-seconds = { $number }초
duration-minutes = { $number }분
duration-hours = { $number }시간
# Stands in where the length is not known.
duration-unknown = 잠시

# $month is the month's number, $clock a time such as 09:05.
time = { $year }년 { $month }월 { $day }일 { $clock }
