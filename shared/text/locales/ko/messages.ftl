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

## Links

# By mail only. $wait is how long the link is good.

message-activation-link =
    .subject = [Campus] 이메일 주소를 확인해 주세요
    .lead = Campus에 오신 것을 환영합니다. 아래 링크를 열면 이메일 주소가 확인되고 처음으로 로그인됩니다.
    .rest =
        링크는 { $wait } 안에 한 번만 사용할 수 있습니다. 그 뒤에는 아이디와 닉네임을 다른 사람이 쓸 수 있으며, 다시 가입할 수 있습니다.

        가입한 적이 없다면 이 메일을 무시하세요.

message-password-reset-link =
    .subject = [Campus] 비밀번호를 다시 설정하세요
    .lead = 아래 링크를 열어 새 비밀번호를 설정하세요.
    .rest =
        링크는 { $wait } 안에 한 번만 사용할 수 있습니다.

        요청한 적이 없다면 이 메일을 무시하세요. 비밀번호는 그대로입니다.

## Security of the account

# $days is for how long a deleted account can be taken back.

message-token-reused =
    .sms = [Campus] 로그인 정보가 두 번 사용되어 한 기기에서 로그아웃했습니다. 다시 로그인하세요.
    .subject = [Campus] 계정 보호를 위해 한 기기에서 로그아웃했습니다
    .lead = 로그인 정보가 두 번 사용되어 한 기기에서 로그아웃했습니다. 다른 사람이 로그인 정보를 복사했을 수 있습니다.
    .rest =
        그 기기에서 다시 로그인하세요. 짐작 가는 일이 없다면 비밀번호를 변경하고, 모르는 로그인을 종료하세요.

        다른 기기의 로그인은 그대로 유지됩니다.

message-new-device =
    .sms = [Campus] 새 기기에서 로그인했습니다. 본인이 아니면 비밀번호를 변경하세요.
    .subject = [Campus] 새 기기에서 로그인했습니다
    .lead = 처음 보는 기기에서 회원님의 계정에 로그인했습니다.
    .rest = 본인이라면 아무것도 하지 않아도 됩니다. 아니라면 지금 비밀번호를 변경하세요. 다른 기기는 모두 로그아웃됩니다.

message-password-changed =
    .sms = [Campus] 비밀번호가 변경되었습니다. 본인이 아니면 지금 다시 설정하세요.
    .subject = [Campus] 비밀번호가 변경되었습니다
    .lead = 계정의 비밀번호가 변경되었습니다. 다른 기기는 모두 로그아웃되었습니다.
    .rest = 본인이 아니라면 로그인 화면의 비밀번호 찾기로 지금 새 비밀번호를 설정하세요.

message-password-reset =
    .sms = [Campus] 새 비밀번호가 설정되었습니다. 본인이 아니면 다시 설정하세요.
    .subject = [Campus] 비밀번호가 다시 설정되었습니다
    .lead = 계정에 새 비밀번호가 설정되었습니다. 모든 기기에서 로그아웃되었습니다.
    .rest = 본인이 아니라면 로그인 화면의 비밀번호 찾기로 지금 새 비밀번호를 설정하고, 이메일 계정도 확인하세요.

# The old address is told by mail, of the first one a phone by text; with numbers it is the other way round.
message-email-changed =
    .sms = [Campus] 이메일 주소가 등록되었습니다. 본인이 아니면 비밀번호를 변경하세요.
    .subject = [Campus] 이메일 주소가 변경되었습니다
    .lead = 계정의 이메일 주소가 변경되었습니다. 이 주소로는 더 이상 메일을 보내지 않습니다.
    .rest = 본인이 아니라면 지금 로그인해 비밀번호를 변경하거나 문의해 주세요.

message-phone-changed =
    .sms = [Campus] 전화번호가 변경되었습니다. 본인이 아니면 비밀번호를 변경하세요.
    .subject = [Campus] 전화번호가 등록되었습니다
    .lead = 계정에 전화번호가 등록되었습니다. 이제 그 번호로도 로그인할 수 있습니다.
    .rest = 본인이 아니라면 지금 로그인해 번호를 삭제하고 비밀번호를 변경하거나 문의해 주세요.

message-phone-removed =
    .sms = [Campus] 계정에서 전화번호가 삭제되었습니다. 본인이 아니면 문의해 주세요.
    .subject = [Campus] 전화번호가 삭제되었습니다
    .lead = 계정에서 전화번호가 삭제되었습니다. 이 번호로는 더 이상 문자를 보내지 않습니다.
    .rest = 본인이 아니라면 지금 로그인해 비밀번호를 변경하거나 문의해 주세요.

message-identity-linked =
    .sms = [Campus] 외부 계정이 연결되었습니다. 본인이 아니면 연결을 해제하세요.
    .subject = [Campus] 로그인 방법이 추가되었습니다
    .lead = 계정에 외부 계정이 연결되었습니다. 이제 그 계정으로도 로그인할 수 있습니다.
    .rest = 본인이 아니라면 지금 로그인해 연결을 해제하고 비밀번호를 변경하거나 문의해 주세요.

message-identity-unlinked =
    .sms = [Campus] 외부 계정 연결이 해제되었습니다. 본인이 아니면 문의해 주세요.
    .subject = [Campus] 로그인 방법이 삭제되었습니다
    .lead = 계정에서 외부 계정 연결이 해제되었습니다. 이제 그 계정으로는 로그인할 수 없습니다.
    .rest = 본인이 아니라면 지금 로그인해 계정을 확인하거나 문의해 주세요.

message-deleted =
    .sms = [Campus] 계정이 삭제되었습니다. 되돌리려면 { $days }일 안에 로그인하세요.
    .subject = [Campus] 계정이 삭제되었습니다
    .lead =
        계정이 삭제되었습니다. 다른 사람에게 더 이상 보이지 않으며, 알림도 가지 않습니다.

        { $days }일 뒤에는 모든 내용이 완전히 사라집니다.
    .rest = 마음이 바뀌었거나 본인이 아니라면 그 전에 로그인하세요. 모든 것이 그대로 돌아옵니다.

message-restored =
    .sms = [Campus] 로그인하여 계정이 복구되었습니다. 본인이 아니면 문의해 주세요.
    .subject = [Campus] 계정이 복구되었습니다
    .lead = 로그인했으므로 계정을 삭제하지 않습니다. 모든 것이 그대로입니다.
    .rest = 본인이 아니라면 지금 비밀번호를 변경하세요.

message-export-requested =
    .sms = [Campus] 데이터 사본이 요청되었습니다. 본인이 아니면 비밀번호를 변경하세요.
    .subject = [Campus] 데이터 사본이 요청되었습니다
    .lead = 로그인한 사람이 계정의 모든 데이터 사본을 요청했습니다.
    .rest = 본인이 아니라면 지금 비밀번호를 변경하세요. 다른 기기는 모두 로그아웃됩니다.

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
