//! Names that nobody may take, since others would believe who bears them.

use unicode_normalization::UnicodeNormalization;

/// In lower case and without separators, as [`is_reserved`] compares them.
const RESERVED: &[&str] = &[
    // English.
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "billing",
    "bot",
    "campus",
    "campusadmin",
    "campusofficial",
    "campusteam",
    "contact",
    "daemon",
    "everyone",
    "guest",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "mail",
    "mailer",
    "manager",
    "me",
    "mod",
    "moderator",
    "nobody",
    "noreply",
    "null",
    "official",
    "operator",
    "owner",
    "postmaster",
    "root",
    "security",
    "service",
    "staff",
    "superadmin",
    "superuser",
    "support",
    "sysadmin",
    "sysop",
    "system",
    "team",
    "undefined",
    "user",
    "webmaster",
    // Korean.
    "최고관리자",
    "관리자",
    "운영자",
    "운영진",
    "운영팀",
    "관리팀",
    "공식",
    "공식계정",
    "고객센터",
    "고객지원",
    "상담원",
    "시스템",
    "캠퍼스",
    "캠퍼스운영자",
    "캠퍼스관리자",
    "어드민",
    "스태프",
    "매니저",
    "마스터",
    "익명",
    "글쓴이",
    "알림",
    "알수없음",
    "탈퇴회원",
    "부운영자",
    "총관리자",
    "사이트관리자",
    // Chinese.
    "管理员",
    "超级管理员",
    "系统管理员",
    "管理團隊",
    "管理團队",
    "管理员团队",
    "系统",
    "官方",
    "客服",
    "版主",
    "站长",
    "站務",
    "运营",
    "运营者",
    "匿名",
    "校园",
    "校园官方",
    "总管理员",
];

/// Letters of other scripts that look like Latin ones are taken for them, so a name is compared by its
/// skeleton (Unicode Technical Standard 39), without separators, in any width and case, and with digits
/// at its end left away: `ADMIN`, `ａｄｍｉｎ`, `аdmin`, `ad-min`, `admin1`.
pub(crate) fn is_reserved(name: &str) -> bool {
    let plain: String = fold(name).chars().filter(|c| c.is_alphanumeric()).collect();
    // A digit looks like a letter, too, so the digits go before the skeleton is taken.
    let stem = skeleton(plain.trim_end_matches(|c: char| c.is_ascii_digit()));
    let whole = skeleton(&plain);
    RESERVED.iter().map(|reserved| skeleton(reserved)).any(|reserved| whole == reserved || stem == reserved)
}

/// Compatibility forms and case taken away.
pub(crate) fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// What a name looks like.
pub(crate) fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}
