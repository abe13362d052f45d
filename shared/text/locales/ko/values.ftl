# How times and lengths of time are written. The code chooses the message and the numbers.

duration-seconds = { $number }초
duration-minutes = { $number }분
duration-hours = { $number }시간
# Stands in where the length is not known.
duration-unknown = 잠시

# $month is the month's number, $clock a time such as 09:05.
time = { $year }년 { $month }월 { $day }일 { $clock }

# $weekday is the day's number in its week, 1 for Monday.
weekday-short = { $weekday ->
    [1] 월
    [2] 화
    [3] 수
    [4] 목
    [5] 금
    [6] 토
   *[7] 일
}
# Of what is soon, so without a year.
time-short = { $month }월 { $day }일({ weekday-short }) { $clock }
