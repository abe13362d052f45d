# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, all of them in EUC-KR;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = Campus에서 자동으로 보낸 메일입니다. 답장은 확인하지 않습니다.

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
