# Why a request was refused: the value is the title, `.detail` says what to do next.
# Message ids are `problem-` and the code with dashes. The only argument is $wait, a length of time.

# Stands in for a code that has no text here.
problem-unknown = 요청을 처리하지 못했습니다
    .detail = 이 코드에 대한 자세한 설명이 없습니다. 도움이 필요하면 요청 ID를 알려 주세요.

## The request itself

problem-malformed-json = JSON을 읽을 수 없습니다
    .detail = 요청 본문을 JSON으로 읽지 못했습니다. 형식을 확인한 뒤 다시 보내 주세요.
problem-unknown-query-parameter = 알 수 없는 쿼리 매개변수입니다
    .detail = 이 요청에서 쓰지 않는 쿼리 매개변수가 주소에 있습니다. 해당 매개변수를 빼고 다시 시도하세요.
problem-validation-failed = 입력값을 확인해 주세요
    .detail = errors에 표시된 항목을 고친 뒤 다시 보내 주세요.
problem-not-found = 찾을 수 없습니다
    .detail = 이 주소에는 아무것도 없거나 볼 수 있는 권한이 없습니다. 주소를 확인한 뒤 다시 시도하세요.
problem-method-not-allowed = 허용되지 않는 메서드입니다
    .detail = 이 주소에서는 해당 메서드를 쓸 수 없습니다. Allow 헤더에 있는 메서드를 사용하세요.
problem-payload-too-large = 요청이 너무 큽니다
    .detail = 이 주소에서 받을 수 있는 크기를 넘었습니다. 나누거나 줄여서 보내 주세요.
problem-unsupported-media-type = 지원하지 않는 콘텐츠 형식입니다
    .detail = 이 주소에서 받는 콘텐츠 형식으로 보내 주세요. 보통은 application/json입니다.
problem-cursor-invalid = 목록 위치가 올바르지 않습니다
    .detail = 목록의 이 위치를 열 수 없습니다. 목록을 처음부터 다시 불러오세요.
problem-idempotency-key-reused = 이미 사용한 멱등성 키입니다
    .detail = 이 Idempotency-Key는 다른 요청에 사용되었습니다. 새 키로 보내 주세요.
problem-idempotency-in-progress = 아직 처리 중입니다
    .detail = 같은 Idempotency-Key를 쓴 첫 요청을 아직 처리하고 있습니다. 잠시 후 다시 보내 주세요.
problem-precondition-failed = 그사이 내용이 바뀌었습니다
    .detail = 불러온 뒤에 내용이 바뀌었습니다. 다시 불러온 다음 수정해 주세요.
problem-conflict = 현재 상태와 맞지 않습니다
    .detail = 지금 저장된 내용과 맞지 않아 처리하지 못했습니다. 다시 불러온 다음 한 번 더 시도하세요.

## On our side

problem-internal = 문제가 생겼습니다
    .detail = 서비스 쪽에서 생긴 오류입니다. 잠시 후 다시 시도하세요. 계속 같은 일이 생기면 요청 ID를 알려 주세요.
problem-service-unavailable = 잠시 이용할 수 없습니다
    .detail = 서비스의 일부를 지금 이용할 수 없습니다. 잠시 후 다시 시도하세요.
problem-deadline-exceeded = 처리 시간이 초과되었습니다
    .detail = 시간이 너무 오래 걸려 요청을 중단했습니다. 잠시 후 다시 시도하세요.
problem-gateway-timeout = 응답 시간이 초과되었습니다
    .detail = 연결된 서비스가 제때 응답하지 않았습니다. 잠시 후 다시 시도하세요.
problem-rate-limited = 요청이 너무 많습니다
    .detail = 요청이 너무 많았습니다. { $wait } 후에 다시 시도하세요.

## Sign-in and permission

problem-token-missing = 로그인이 필요합니다
    .detail = 로그인해야 이용할 수 있습니다. 로그인한 뒤 다시 시도하세요.
problem-token-invalid = 로그인 정보를 확인할 수 없습니다
    .detail = 로그인 정보가 올바르지 않습니다. 다시 로그인하세요.
problem-token-expired = 로그인이 만료되었습니다
    .detail = 로그인 시간이 지났습니다. 로그인을 갱신하거나 다시 로그인하세요.
problem-token-revoked = 로그아웃되었습니다
    .detail = 이 로그인은 종료되었습니다. 다시 로그인하세요.
problem-session-suspended = 이용이 정지된 계정입니다
    .detail = 이 계정은 정지되어 지금 이용할 수 없습니다. 잘못된 조치라고 생각하면 문의해 주세요.
problem-forbidden = 권한이 없습니다
    .detail = 이 계정으로는 할 수 없는 일입니다. 권한이 있어야 한다고 생각하면 문의해 주세요.
problem-school-not-verified = 학교 인증이 필요합니다
    .detail = 먼저 학교 인증을 마친 뒤 다시 시도하세요.
problem-credentials-wrong = 아이디 또는 비밀번호가 올바르지 않습니다
    .detail = 아이디 또는 비밀번호가 올바르지 않습니다. 확인한 뒤 다시 시도하거나 인증번호로 로그인하세요.
problem-sign-in-delayed = 비밀번호를 너무 많이 틀렸습니다
    .detail = 비밀번호를 너무 많이 틀렸습니다. { $wait } 후에 다시 시도하거나 인증번호로 로그인하세요.
problem-sign-in-code-required = 인증번호로 로그인하세요
    .detail = 비밀번호를 너무 많이 틀려 지금은 인증번호로만 로그인할 수 있습니다. 문자나 이메일로 인증번호를 받으세요.
problem-refresh-token-missing = 로그인이 필요합니다
    .detail = 요청에 갱신 토큰이 없습니다. 로그인한 뒤 다시 시도하세요.
problem-refresh-token-invalid = 로그인 정보를 확인할 수 없습니다
    .detail = 갱신 토큰을 확인할 수 없습니다. 다시 로그인하세요.
problem-refresh-token-expired = 로그인이 만료되었습니다
    .detail = 오랫동안 사용하지 않았거나 유지 기간이 끝나 로그인이 만료되었습니다. 다시 로그인하세요.
problem-refresh-token-revoked = 로그아웃되었습니다
    .detail = 이 로그인은 종료되었습니다. 다시 로그인하세요.
problem-session-not-found = 로그인 기록을 찾을 수 없습니다
    .detail = 이 로그인은 회원님의 로그인 목록에 없습니다. 기기 목록을 다시 불러오세요.
problem-csrf-required = 보안 토큰이 없습니다
    .detail = x-csrf-token 헤더가 csrf_token 쿠키와 같아야 합니다. 페이지를 새로 고친 뒤 다시 시도하세요.
problem-account-not-found = 계정을 찾을 수 없습니다
    .detail = 해당하는 계정이 없습니다. 입력한 내용을 확인하거나 회원가입을 하세요.

## Captcha

problem-captcha-required = 캡차 확인이 필요합니다
    .detail = 먼저 캡차를 완료한 뒤 다시 시도하세요.
problem-captcha-failed = 캡차를 통과하지 못했습니다
    .detail = 캡차 답이 맞지 않습니다. 다시 시도하거나 새 캡차를 시작하세요.
problem-captcha-unavailable = 지금은 캡차를 이용할 수 없습니다
    .detail = 캡차 서비스가 응답하지 않아 메시지를 보내거나 조회할 수 없습니다. { $wait } 후에 새 캡차를 시작하세요.
problem-captcha-expired = 캡차가 만료되었습니다
    .detail = 캡차가 만료되었거나 이미 사용되었습니다. 새 캡차를 완료하세요.
problem-captcha-not-found = 캡차를 찾을 수 없습니다
    .detail = 존재하지 않는 캡차입니다. 새 캡차를 시작하세요.

## Verification codes

problem-code-mismatch = 인증번호가 다릅니다
    .detail = 보내 드린 인증번호와 다릅니다. 가장 최근 메시지의 숫자 여섯 자리를 입력하세요.
problem-code-expired = 더 이상 쓸 수 없는 인증번호입니다
    .detail = 인증번호가 만료되었거나, 이미 사용되었거나, 새 인증번호로 바뀌었습니다. 인증번호를 다시 요청하세요.
problem-guesses-exhausted = 인증번호를 너무 많이 틀렸습니다
    .detail = 틀린 인증번호를 너무 여러 번 입력했습니다. { $wait } 후에 인증번호를 다시 요청하세요.
problem-resend-too-soon = 방금 인증번호를 보냈습니다
    .detail = 조금 전에 인증번호를 보냈습니다. { $wait } 후에 다시 요청할 수 있습니다.
problem-daily-limit-reached = 하루 한도를 넘었습니다
    .detail = 하루에 보낼 수 있는 인증번호를 모두 보냈습니다. { $wait } 후에 다시 요청할 수 있습니다.
problem-address-limit-reached = 이 네트워크의 요청이 너무 많습니다
    .detail = 같은 네트워크에서 인증번호를 너무 많이 요청했습니다. { $wait } 후에 다시 시도하거나 다른 네트워크를 이용하세요.
problem-prefix-blocked = 확인되지 않은 인증번호가 너무 많습니다
    .detail = 비슷한 번호로 보낸 인증번호가 대부분 확인되지 않아 지금은 문자를 보낼 수 없습니다. { $wait } 후에 다시 시도하거나 이메일 주소를 이용하세요.
problem-sms-budget-exhausted = 보낼 수 있는 문자를 모두 보냈습니다
    .detail = 문자로 보낼 수 있는 인증번호를 모두 보냈습니다. { $wait } 후에 다시 시도하거나 이메일 주소를 이용하세요.

## Proofs of a number or address

problem-proof-required = 본인 인증이 필요합니다
    .detail = 먼저 인증번호로 휴대전화 번호나 이메일 주소를 인증하세요.
problem-proof-invalid = 인증을 확인할 수 없습니다
    .detail = 인증 정보가 올바르지 않습니다. 새 인증번호로 다시 인증하세요.
problem-proof-expired = 인증이 만료되었습니다
    .detail = 인증번호를 입력한 뒤 시간이 너무 많이 지났습니다. 새 인증번호로 다시 인증하세요.
problem-proof-spent = 이미 사용한 인증입니다
    .detail = 인증은 한 번만 쓸 수 있으며 이미 사용되었습니다. 새 인증번호로 다시 인증하세요.
problem-proof-mismatch = 인증한 정보와 다릅니다
    .detail = 입력한 정보가 인증한 정보와 다릅니다. 인증한 휴대전화 번호나 이메일 주소를 입력하거나, 입력한 정보를 인증하세요.

## Already in use

problem-phone-taken = 이미 사용 중인 휴대전화 번호입니다
    .detail = 다른 계정에서 사용하는 휴대전화 번호입니다. 그 번호로 로그인하거나 다른 번호를 입력하세요.
problem-email-taken = 이미 사용 중인 이메일 주소입니다
    .detail = 다른 계정에서 사용하는 이메일 주소입니다. 그 주소로 로그인하거나 다른 주소를 입력하세요.
problem-username-taken = 이미 사용 중인 아이디입니다
    .detail = 다른 사람이 사용하는 아이디입니다. 다른 아이디를 선택하세요.
problem-nickname-taken = 이미 사용 중인 닉네임입니다
    .detail = 다른 사람이 사용하는 닉네임입니다. 다른 닉네임을 선택하세요.
problem-school-name-taken = 이미 등록된 학교입니다
    .detail = 같은 이름의 학교가 이미 있습니다. 그 학교를 수정하거나 다른 이름을 입력하세요.

## Schools

problem-school-not-found = 학교를 찾을 수 없습니다
    .detail = 이 ID의 학교가 없습니다. 학교 목록을 다시 불러오세요.

## Accounts

problem-activation-required = 계정 활성화가 필요합니다
    .detail = 가입할 때 보내 드린 메일의 링크를 먼저 열어 주세요. 다시 받으려면 비밀번호 재설정을 요청하세요.
problem-account-suspended = 정지된 계정
    .detail = 이 계정은 정지되었습니다. 잘못된 것 같다면 문의해 주세요.
problem-link-invalid = 알 수 없는 링크
    .detail = 이 링크를 확인할 수 없습니다. 전체를 복사했는지 확인하거나 새 링크를 요청하세요.
problem-link-expired = 만료된 링크
    .detail = 이 링크는 더 이상 유효하지 않습니다. 새 링크를 요청하세요.
problem-link-spent = 이미 사용한 링크
    .detail = 이 링크는 이미 사용되었습니다. 로그인하거나 새 링크를 요청하세요.
problem-password-wrong = 현재 비밀번호가 다릅니다
    .detail = 현재 비밀번호가 아닙니다. 확인 후 다시 시도하거나 인증번호를 사용하세요.
problem-password-checks-exhausted = 비밀번호 입력 횟수 초과
    .detail = 현재 비밀번호를 너무 여러 번 입력했습니다. { $wait } 뒤에 다시 시도하거나 인증번호를 사용하세요.
problem-password-not-set = 비밀번호 없음
    .detail = 이 계정에는 비밀번호가 없습니다. 문자나 이메일로 받은 인증번호를 사용하세요. 등록된 번호나 주소가 없다면 먼저 추가하세요.
problem-phone-unchanged = 이미 등록된 번호
    .detail = 이미 계정에 등록된 전화번호입니다. 다른 번호를 입력하세요.
problem-email-unchanged = 이미 등록된 주소
    .detail = 이미 계정에 등록된 이메일 주소입니다. 다른 주소를 입력하세요.
problem-school-email-taken = 이미 사용된 학교 주소
    .detail = 다른 계정이 이 주소로 학교를 인증했습니다. 본인의 주소를 사용하거나 문의해 주세요.
problem-own-account = 본인 계정
    .detail = 본인 계정은 다른 관리자가 변경해야 합니다.
problem-account-not-active = 사용 중이 아닌 계정
    .detail = 활성화되지 않았거나 삭제된 계정입니다. 이렇게 변경할 수 없습니다.
problem-account-is-admin = 관리자 계정
    .detail = 관리자 계정은 삭제할 수 없습니다. 먼저 역할을 해제하세요.

## Signing in by accounts elsewhere

problem-provider-not-offered = 지원하지 않는 로그인입니다
    .detail = 이 서비스로는 로그인할 수 없습니다. 다른 방법을 선택하세요.
problem-provider-unavailable = 로그인 서비스에 연결할 수 없습니다
    .detail = 로그인 서비스가 지금 응답하지 않습니다. { $wait } 후에 다시 시도하거나 다른 방법으로 로그인하세요.
problem-provider-token-invalid = 로그인을 확인할 수 없습니다
    .detail = 로그인 서비스에서 이 로그인을 확인해 주지 않았습니다. 처음부터 다시 시도하세요.
problem-state-invalid = 알 수 없는 로그인입니다
    .detail = 여기에서 시작한 로그인이 아니거나 다른 사람이 시작한 로그인입니다. 처음부터 다시 시도하세요.
problem-state-expired = 로그인 시간이 지났습니다
    .detail = 로그인에 너무 오래 걸렸거나 이미 끝난 로그인입니다. 처음부터 다시 시도하세요.
problem-authorization-code-invalid = 로그인이 승인되지 않았습니다
    .detail = 로그인 서비스에서 더 이상 이 로그인을 받아들이지 않습니다. 처음부터 다시 시도하세요.
problem-ticket-invalid = 알 수 없는 가입입니다
    .detail = 가입 정보를 확인할 수 없습니다. 로그인 서비스로 다시 로그인하세요.
problem-ticket-expired = 가입 시간이 지났습니다
    .detail = 시간이 너무 지났거나 이미 끝난 가입입니다. 로그인 서비스로 다시 로그인하세요.
problem-identity-taken = 이미 연결되어 있습니다
    .detail = 이 외부 계정은 다른 계정에 연결되어 있거나, 내 계정에 다른 외부 계정이 연결되어 있습니다. 연결된 외부 계정이나 인증번호, 비밀번호로 로그인하세요.
problem-last-way-in = 유일한 로그인 방법입니다
    .detail = 이 방법을 없애면 더 이상 로그인할 수 없습니다. 먼저 비밀번호를 만들거나, 번호나 주소를 인증하거나, 다른 계정을 연결하세요.

## Screenings

problem-library-not-found = 도서관을 찾을 수 없습니다
    .detail = 이 ID의 도서관이 없습니다. 도서관 목록을 다시 불러오세요.
problem-film-not-found = 영화를 찾을 수 없습니다
    .detail = 이 ID의 영화가 없습니다. 영화 목록을 다시 불러오세요.
problem-screening-not-found = 상영을 찾을 수 없습니다
    .detail = 이 ID의 상영이 없습니다. 취소되었을 수 있으니 상영 목록을 다시 불러오세요.
problem-library-in-use = 예정된 상영이 있는 도서관입니다
    .detail = 이 도서관에 예정된 상영이 있습니다. 먼저 상영을 취소하거나 옮긴 뒤 도서관을 삭제하세요.
problem-film-in-use = 예정된 상영이 있는 영화입니다
    .detail = 이 영화의 예정된 상영이 있습니다. 먼저 상영을 취소한 뒤 영화를 삭제하세요.
problem-screening-cancelled = 취소된 상영입니다
    .detail = 취소된 상영은 더 이상 변경할 수 없습니다. 새 상영을 등록하세요.

## Notifications

problem-phone-not-verified = 인증된 휴대전화 번호가 없습니다
    .detail = 문자 알림을 켜려면 먼저 휴대전화 번호를 인증하세요.
problem-notification-not-found = 알림을 찾을 수 없습니다
    .detail = 없거나 삭제된 알림입니다. 목록을 다시 불러오세요.
problem-unsubscription-not-found = 수신 거부 링크가 올바르지 않습니다
    .detail = 메일에 있는 수신 거부를 다시 누르거나 Campus의 알림 설정에서 끄세요.
problem-export-not-found = 내보낸 데이터를 찾을 수 없습니다
    .detail = 주소가 올바른지 확인하거나 데이터 내보내기를 다시 요청하세요.
problem-export-expired = 더 이상 쓸 수 없는 링크입니다
    .detail = 링크가 만료되었거나 내보낸 데이터가 삭제되었습니다. 설정에서 새 링크를 받거나 데이터 내보내기를 다시 요청하세요.
problem-export-limit-reached = 하루 한도를 넘었습니다
    .detail = 하루에 요청할 수 있는 데이터 내보내기를 모두 썼습니다. { $wait } 후에 다시 요청할 수 있습니다.
