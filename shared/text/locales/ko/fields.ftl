# What is wrong with one field. Message ids are `field-` and the code with dashes; the variables are
# the bounds of that variant of `campus_domain::Invalid`.

# Stands in for a code that has no text here.
field-unknown = 이 항목을 확인하세요.

field-required = 필수 항목입니다. 입력해 주세요.
field-null-not-allowed = 비워 둘 수 없는 항목입니다.
field-wrong-type = 값의 형식이 올바르지 않습니다.
field-repeated = 두 번 이상 전송되었습니다. 한 번만 보내세요.
field-unknown-value = 사용할 수 없는 값입니다. 정해진 값 중에서 선택하세요.
field-too-short = { $min }자 이상 입력하세요.
field-too-long = { $max }자 이하로 입력하세요.
field-too-many = { $max }개까지만 넣을 수 있습니다.
field-out-of-range = { $min }에서 { $max } 사이의 수를 입력하세요.
field-character-not-allowed = 사용할 수 없는 문자가 들어 있습니다. 해당 문자를 빼고 입력하세요.
field-reserved = 사용할 수 없는 이름입니다. 다른 이름을 선택하세요.
field-phone-invalid = 올바른 전화번호를 입력하세요.
field-phone-country-not-allowed = 이 국가의 번호로는 메시지를 보낼 수 없습니다. 다른 번호를 입력하세요.
field-phone-not-for-tests = 이 환경에서는 등록된 번호로만 메시지를 보냅니다. 등록된 번호를 입력하세요.
field-phone-not-mobile = 휴대전화 번호를 입력하세요.
field-email-invalid = 올바른 이메일 주소를 입력하세요.
field-login-invalid = 아이디, 전화번호, 이메일 주소 중 하나를 입력하세요.
field-domain-format = campus.example과 같은 도메인을 @ 없이 입력하세요.
field-code-format = 인증번호 숫자 여섯 자리를 입력하세요.
field-password-too-common = 추측하기 쉬운 비밀번호입니다. 더 길거나 덜 흔한 비밀번호를 선택하세요.
field-password-contains-name = 아이디, 휴대전화 번호, 이메일 주소가 들어가지 않은 비밀번호를 선택하세요.
field-password-mismatch = 두 비밀번호가 서로 다릅니다. 같은 비밀번호를 두 번 입력하세요.
field-terms-not-accepted = 계속하려면 약관에 동의하세요.
field-time-zone-unknown = 알 수 없는 시간대입니다. Asia/Seoul과 같은 시간대를 선택하세요.
field-time-format = 09:30과 같은 시각을 입력하세요.
field-instant-format = 2026-11-20T09:00:00Z와 같은 시각을 입력하세요.
field-moment-format = 2026-11-20T09:00:00Z와 같은 시각이나 2026-11-20과 같은 날짜를 입력하세요.
field-ends-before-start = 끝은 시작보다 뒤여야 합니다.
field-nothing-between = 시작과 끝이 같습니다. 서로 다른 시각을 입력하세요.
field-locale-unknown = 한국어(ko), 영어(en), 중국어 간체(zh) 중에서 선택하세요.
field-id-format = 올바른 ID가 아닙니다. 다시 확인하세요.
field-url-format = https://library.example과 같이 웹 주소 전체를 입력하세요.
field-school-unknown = 등록되지 않은 학교입니다. 목록에서 선택하세요.
field-library-unknown = 등록되지 않은 도서관입니다. 목록에서 선택하세요.
field-film-unknown = 등록되지 않은 영화입니다. 목록에서 선택하세요.
field-proof-required = 인증번호로 휴대전화 번호나 이메일 주소를 인증하세요.
field-channel-not-for-purpose = 이 용도의 인증번호는 이 방법으로 보낼 수 없습니다.
field-target-not-own = 계정에서 인증된 전화번호나 이메일 주소를 입력하세요.
field-one-needed = 이 중 하나만 입력하세요.
field-past = 이미 지난 시각입니다.
