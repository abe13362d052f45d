//! Names that nobody may take, since others would believe who bears them.

use unicode_normalization::UnicodeNormalization;

/// In lower case and without separators, as [`is_reserved`] compares them.
const RESERVED: &[&str] = &[
    // English.
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "billing",
    "campus",
    "campusadmin",
    "campusofficial",
    "campusteam",
    "daemon",
    "help",
    "helpdesk",
    "hostmaster",
    "manager",
    "mod",
    "moderator",
    "noreply",
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
    "webmaster",
    // Korean.
    "관리자님",
    "운영자님",
    "시스템관리자",
    "최고운영자",
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
    "管理員",
    "超級管理員",
    "系統管理員",
    "總管理員",
    "運營",
    "運營者",
    "官方帳號",
    "官方账号",
    "客服中心",
    "系統",
    "站長",
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
/// skeleton (Unicode Technical Standard 39), without separators, in any width and case, with digits read
/// as the letters that they stand in for, and with digits at its end left away: `ADMIN`, `ａｄｍｉｎ`,
/// `АDМІN`, `ad-min`, `adm1n`, `admin26`.
pub(crate) fn is_reserved(name: &str) -> bool {
    let plain: String = name.nfkc().filter(|c| c.is_alphanumeric()).collect();
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    // Lowering first finds what looks alike in lower case, lowering last what does in capitals.
    let looks = [&plain, stem].map(|name| [look(name), look(&name.to_lowercase())]);
    RESERVED.iter().map(|reserved| look(reserved)).any(|reserved| looks.iter().flatten().any(|look| *look == reserved))
}

/// What a name looks like at a glance.
fn look(name: &str) -> String {
    let lowered = skeleton(name).to_lowercase();
    let letters = lowered.chars().map(|c| match c {
        '0' => 'o',
        '1' | 'l' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        c => c,
    });
    letters.collect::<String>().replace("rn", "m")
}

/// What is unique about a name that may be in capitals: a capital I looks like a small L, so for this the two are one.
pub(crate) fn key(name: &str) -> String {
    let composed: String = name.nfkc().collect();
    skeleton(&skeleton(&composed).to_lowercase()).replace('l', "i")
}

/// Compatibility forms and case taken away.
pub(crate) fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// What a name looks like.
pub(crate) fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}
