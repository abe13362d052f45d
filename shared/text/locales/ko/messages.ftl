# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, all of them in EUC-KR;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = Campus에서 자동으로 보낸 메일입니다. 답장은 확인하지 않습니다.
# Of what the settings ask for; says how to stop it.
mail-footer-alert = 알림 설정에서 켠 알림이라 Campus에서 자동으로 보낸 메일입니다. 받지 않으려면 메일 앱의 수신 거부를 누르거나 Campus의 알림 설정에서 끄세요. 답장은 확인하지 않습니다.

## Verification codes

# What a code is for; $purpose is the word of the API. The first is for an SMS.
purpose-short = { $purpose ->
    [sign_up] 회원가입
    [sign_in] 로그인
    [change_phone] 번호 변경
    [change_email] 이메일 변경
    [change_password] 비밀번호 변경
    [reset_password] 비밀번호 재설정
    [join_school] 학교 인증
    [delete_account] 계정 삭제
   *[other] 본인 확인
}
purpose = { $purpose ->
    [sign_up] 회원가입
    [sign_in] 로그인
    [change_phone] 휴대전화 번호 변경
    [change_email] 이메일 주소 변경
    [change_password] 비밀번호 변경
    [reset_password] 비밀번호 재설정
    [join_school] 학교 인증
    [delete_account] 계정 삭제
   *[other] 본인 확인
}

message-verification-code =
    .sms = [Campus] { purpose-short } 인증번호 { $code }. { $minutes }분 안에 입력하세요. 남에게 알려 주지 마세요.
    .subject = [Campus] { purpose } 인증번호
    .lead = { purpose } 인증번호입니다. 아래 번호를 입력하세요.
    .rest =
        인증번호는 { $minutes }분 동안 사용할 수 있습니다.

        인증번호를 다른 사람에게 알려 주지 마세요. Campus는 인증번호를 묻지 않습니다.

        인증번호를 요청하지 않았다면 이 메일을 무시하세요.

## Security of the account

message-token-reused =
    .sms = [Campus] 로그인 정보가 두 번 사용되어 한 기기에서 로그아웃했습니다. 다시 로그인하세요.
    .subject = [Campus] 계정 보호를 위해 한 기기에서 로그아웃했습니다
    .lead = 로그인 정보가 두 번 사용되어 한 기기에서 로그아웃했습니다. 다른 사람이 로그인 정보를 복사했을 수 있습니다.
    .rest =
        그 기기에서 다시 로그인하세요. 짐작 가는 일이 없다면 비밀번호를 변경하고, 모르는 로그인을 종료하세요.

        다른 기기의 로그인은 그대로 유지됩니다.

## Screenings

# $film is a title, $place a library and perhaps a room, $when a day and a time. A text message has the library alone,
# and both are shortened to fit. A screening's messages also have the attributes
#   .title    of the entry in the inbox, without any value that someone typed;
#   .text     what the entry says.

message-screening-announced =
    .sms = [Campus] '{ $film }' 상영: { $when }, { $place }
    .subject = [Campus] 보고 싶은 영화를 상영합니다
    .lead =
        보고 싶다고 한 영화의 상영 일정이 나왔습니다.

        '{ $film }'

        { $when }, { $place }
    .rest = 일정은 바뀔 수 있습니다. 바뀌면 알림 설정에 따라 알려 드립니다.
    .title = 보고 싶은 영화를 상영합니다
    .text = '{ $film }' 상영 일정: { $when }, { $place }

message-screening-tomorrow =
    .sms = [Campus] 내일 '{ $film }' 상영: { $when }, { $place }
    .subject = [Campus] 내일 보고 싶은 영화를 상영합니다
    .lead =
        보고 싶다고 한 영화를 내일 상영합니다.

        '{ $film }'

        { $when }, { $place }
    .rest = 갈 수 없게 되었다면 보고 싶은 영화에서 빼 주세요. 그러면 더 알리지 않습니다.
    .title = 내일 보고 싶은 영화를 상영합니다
    .text = 내일 '{ $film }' 상영: { $when }, { $place }

message-screening-soon =
    .sms = [Campus] 곧 '{ $film }' 상영: { $when }, { $place }
    .subject = [Campus] 곧 보고 싶은 영화를 상영합니다
    .lead =
        보고 싶다고 한 영화를 곧 상영합니다.

        '{ $film }'

        { $when }, { $place }
    .rest = 상영 전 얼마나 일찍 알릴지는 알림 설정에서 바꿀 수 있습니다.
    .title = 곧 보고 싶은 영화를 상영합니다
    .text = 곧 '{ $film }' 상영: { $when }, { $place }

message-screening-moved =
    .sms = [Campus] '{ $film }' 상영 변경: { $when }, { $place }
    .subject = [Campus] 보고 싶은 영화의 상영 일정이 바뀌었습니다
    .lead =
        보고 싶다고 한 영화의 상영 시간이나 장소가 바뀌었습니다.

        '{ $film }'

        이제 { $when }, { $place }에서 상영합니다.
    .rest = 전에 알려 드린 시간과 장소는 맞지 않습니다.
    .title = 보고 싶은 영화의 상영 일정이 바뀌었습니다
    .text = '{ $film }' 상영 변경: { $when }, { $place }

message-screening-cancelled =
    .sms = [Campus] '{ $film }' 상영 취소: { $when }, { $place }
    .subject = [Campus] 보고 싶은 영화의 상영이 취소되었습니다
    .lead =
        보고 싶다고 한 영화의 상영이 취소되었습니다.

        '{ $film }'

        취소된 상영: { $when }, { $place }
    .rest = 이 영화를 다시 상영하게 되면 알림 설정에 따라 알려 드립니다.
    .title = 보고 싶은 영화의 상영이 취소되었습니다
    .text = '{ $film }' 상영 취소: { $when }, { $place }
