//! Verification codes: derived, never stored.

use campus_domain::{CodeId, VerificationCode};
use secrecy::SecretString;

use crate::derive::mac;

const CODES: u64 = 1_000_000;
/// The greatest multiple of [`CODES`] that fits: what lies above it is thrown away, or the lowest
/// codes would come up more often.
const UNBIASED_BELOW: u64 = u64::MAX - u64::MAX % CODES;

/// The code of an id, for a purpose and a target (a phone number or a mail address).
#[must_use]
pub fn derive_code(secret: &SecretString, id: CodeId, purpose: &str, target: &str) -> VerificationCode {
    for round in 0_u32.. {
        let tag = mac(
            secret,
            &[b"verification code", id.as_bytes(), purpose.as_bytes(), target.as_bytes(), &round.to_be_bytes()],
        );
        let [a, b, c, d, e, f, g, h, ..] = tag;
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        if number < UNBIASED_BELOW {
            return VerificationCode::from_number(number % CODES);
        }
    }
    unreachable!("one round in 10^13 is thrown away")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret() -> SecretString {
        SecretString::from("a secret for tests".to_owned())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_code_has_six_digits_and_is_the_same_each_time(seed in any::<[u8; 10]>(), target in "\\PC{0,40}") {
            let id = CodeId::from_parts(0, seed);
            let code = derive_code(&secret(), id, "sign_up", &target);

            prop_assert_eq!(code.as_str().len(), 6);
            prop_assert!(code.as_str().bytes().all(|byte| byte.is_ascii_digit()));
            let again = derive_code(&secret(), id, "sign_up", &target);
            prop_assert_eq!(code.as_str(), again.as_str());
        }
    }

    #[test]
    fn a_code_depends_on_the_id_the_purpose_the_target_and_the_secret() {
        let id = CodeId::from_parts(0, [1; 10]);
        let other_secret = SecretString::from("another".to_owned());
        // Two of a million codes may be equal by chance, so look at many of each.
        let differs = |other: &dyn Fn(CodeId) -> VerificationCode| {
            (0..20_u8)
                .filter(|n| {
                    let id = CodeId::from_parts(u64::from(*n), [*n; 10]);
                    other(id).as_str() != derive_code(&secret(), id, "sign_up", "+821012345678").as_str()
                })
                .count()
                >= 19
        };

        assert!(differs(&|_| derive_code(&secret(), id, "sign_up", "+821012345678")));
        assert!(differs(&|id| derive_code(&secret(), id, "sign_in", "+821012345678")));
        assert!(differs(&|id| derive_code(&secret(), id, "sign_up", "+821012345679")));
        assert!(differs(&|id| derive_code(&other_secret, id, "sign_up", "+821012345678")));
    }

    /// Chi-squared over the first digit, and over the last, of 20,000 codes: 9 degrees of freedom,
    /// so 33.7 is passed by chance once in 10,000; the inputs are fixed, so it is not by chance here.
    #[test]
    fn codes_are_spread_evenly() {
        let mut first = [0_f64; 10];
        let mut last = [0_f64; 10];
        let draws = 20_000_u64;
        for n in 0..draws {
            let code = derive_code(&secret(), CodeId::from_parts(n, [0; 10]), "sign_up", "+821012345678");
            let digits = code.as_str().as_bytes();
            first[usize::from(digits[0] - b'0')] += 1.0;
            last[usize::from(digits[5] - b'0')] += 1.0;
        }
        for counts in [first, last] {
            let expected = 2_000.0;
            let chi_squared: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
            assert!(chi_squared < 33.7, "{chi_squared}");
        }
    }
}
